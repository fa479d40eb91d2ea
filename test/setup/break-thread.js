// Loaded into a test store by NODE_OPTIONS: its thread breaks in the way that the file LYCEUM_FAULT names, once that is there: at once if it is there already.
const { existsSync, readFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const ways = {
  throw: () => {
    throw new Error('thrown in the thread')
  },
  reject: () => void Promise.reject(new Error('nobody waited for this')),
  exit: () => process.exit(3),
  memory: () => {
    const all = []
    for (;;) all.push(new Array(100_000).fill(all.length))
  },
}

function breakIfAsked() {
  if (existsSync(process.env.LYCEUM_FAULT)) ways[readFileSync(process.env.LYCEUM_FAULT, 'utf8')]()
}

if (!isMainThread) {
  breakIfAsked()
  setInterval(breakIfAsked, 5)
}
