// Loaded into a test store through NODE_OPTIONS. When the file LYCEUM_FAULT exists, at the start or later, the store's
// thread fails in the way that the file names.
const { existsSync, readFileSync } = require('node:fs')
const { isMainThread } = require('node:worker_threads')

const faults = {
  throw: () => {
    throw new Error('thrown in the thread')
  },
  reject: () => void Promise.reject(new Error('nobody handled this')),
  exit: () => process.exit(3),
  loop: () => {
    for (;;);
  },
  memory: () => {
    const all = []
    for (;;) all.push(new Array(100_000).fill(all.length))
  },
}

function failIfRequested() {
  if (!existsSync(process.env.LYCEUM_FAULT)) return
  // The file exists a moment before its content does.
  faults[readFileSync(process.env.LYCEUM_FAULT, 'utf8')]?.()
}

if (!isMainThread) {
  failIfRequested()
  setInterval(failIfRequested, 5)
}
