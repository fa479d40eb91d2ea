// The checks that `npm test` runs before the tests. They run two at a time, and all of them run even if one fails.
import { spawn } from 'node:child_process'

// Types and lint take the longest, so they begin first, in one process: see there.
const checks = ['types-and-lint', 'format:check', 'unused', 'audit']
const failed = []

async function work() {
  for (let check = checks.shift(); check; check = checks.shift()) {
    const startedAt = performance.now()
    const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', data => (output += data))
    child.stderr.on('data', data => (output += data))
    const code = await new Promise(resolve => child.once('exit', resolve))
    console.log(`${code ? '✕' : '✓'} ${check} (${((performance.now() - startedAt) / 1000).toFixed(0)} s)`)
    if (code) failed.push(check)
    // A check that was skipped says so.
    if (output.trim()) console.log(output.trim())
  }
}

await Promise.all([work(), work()])
process.exit(failed.length ? 1 : 0)
