// What `npm test` does before the tests: types, lint, format, unused code; two at a time, all of them even if one fails.
import { spawn } from 'node:child_process'

const checks = ['types', 'lint', 'format:check', 'unused']
const failed = []

async function work() {
  for (let check = checks.shift(); check; check = checks.shift()) {
    const began = performance.now()
    const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    child.stdout.on('data', data => (said += data))
    child.stderr.on('data', data => (said += data))
    const code = await new Promise(resolve => child.once('exit', resolve))
    console.log(`${code ? '✕' : '✓'} ${check} (${((performance.now() - began) / 1000).toFixed(0)} s)`)
    if (code) {
      failed.push(check)
      console.log(said)
    }
  }
}

await Promise.all([work(), work()])
process.exit(failed.length ? 1 : 0)
