import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Measures scoring in processes of its own, one for each size, so that none inherits the memory of another: adding an
 * event to a running score, and replaying all events of all people under two versions of the model.
 */
export async function scoring(): Promise<void> {
  console.log('\nScoring: pure computation in CPU time, two versions of the model for a replay')
  const run = (...args: string[]) => printed('scored.js', args) as Record<string, number>
  console.log(row('events', 'people', 'us per event', 'events/s', 'ratio', 'MB of state', 'bytes per person'))
  let first = 0
  for (const events of [10_000, 100_000, 1_000_000]) {
    const { people, micros, perSecond, stateBytes } = run('replay', String(events)) as Replay
    first ||= micros
    console.log(
      row(
        whole(events),
        whole(people),
        micros.toFixed(2),
        whole(perSecond),
        `${(micros / first).toFixed(2)}x`,
        (stateBytes / 1e6).toFixed(1),
        whole(stateBytes / people),
      ),
    )
  }
  console.log(row('events of one person', 'added, us', 'ratio', 'all again, us', 'ratio'))
  const some = [50, 500, 5000].map(events => ({ events, ...(run('person', String(events)) as Single) }))
  for (const { events, added, again } of some) {
    const ratio = (a: number, b: number) => `${(a / b).toFixed(2)}x`
    console.log(
      row(
        whole(events),
        added.toFixed(2),
        ratio(added, some[0]!.added),
        again.toFixed(0),
        ratio(again, some[0]!.again),
      ),
    )
  }
  console.log(row('events of one lead', 'the next one, ms', 'ratio'))
  const folder = mkdtempSync(join(tmpdir(), 'lyceum-scoring-'))
  try {
    const settings = { DATA_DIR: folder, LOG_LEVEL: 'silent' }
    const live = printed('scored-live.js', ['50', '500', '5000'], settings) as Live[]
    for (const { count, micros } of live) {
      const ratio = `${(micros / live[0]!.micros).toFixed(2)}x`
      console.log(row(whole(count), (micros / 1000).toFixed(2), ratio))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Runs a script of this folder in a process of its own, and returns the JSON that it prints. */
function printed(script: string, args: string[], env: Record<string, string> = {}): unknown {
  const { status, stdout } = spawnSync(process.execPath, ['--expose-gc', join(__dirname, script), ...args], {
    ...{ encoding: 'utf8', maxBuffer: 1e8, env: { ...process.env, ...env } },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${script} exited with ${status}`)
  return JSON.parse(stdout)
}

type Replay = { people: number; micros: number; perSecond: number; stateBytes: number }
type Live = { count: number; micros: number }
type Single = { added: number; again: number }

function row(first: string, ...cells: string[]): string {
  return [first.padEnd(22), ...cells.map(cell => cell.padStart(16))].join(' ')
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en')
}
