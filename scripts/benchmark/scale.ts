import { spawnSync } from 'node:child_process'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { signIn, startScript, type Running, type Session } from './academy'
import { median, memoryOf } from './load'

/** Numbers of people; `SCALE=1000,1000000` measures others. */
const sizes = (process.env.SCALE ?? '1000,10000,100000').split(',').map(Number)
/** The goals: the growth from the first size to the last, and the time of the slowest requests in ms. */
const [most, slowest] = [1.3, 50]
const rounds = 12
/** A process keeps what it has read of a list for so long, in ms; each round has to read it again. */
const notKept = 2500

type Role = 'prospect' | 'author' | 'sales' | 'saleslead' | 'admin'
type Page = { name: string; role: Role | null; path: string }
type Academy = Running & { sessions: Map<Role | null, Session> }
type Figures = { ms: number; p95: number; commands: number }

/**
 * Measures pages of academies with 1,000 to 100,000 people and what they did, one after another: the time of a request
 * to one process with the store, how many commands it sends to the database, and how both grow.
 */
export async function scale(dataDir: string): Promise<void> {
  const figures: Map<string, Figures>[] = []
  for (const size of sizes) {
    const folder = join(dataDir, `scale-${size}`)
    // A data folder that is measured several times may have them already.
    if (!existsSync(folder)) add(size, folder, dataDir)
    const running = await startScript('counted', folder)
    const sessions = new Map<Role | null, Session>()
    for (const role of ['prospect', 'author', 'sales', 'saleslead', 'admin'] as const)
      sessions.set(role, await signIn(running.base, role))
    figures.push(await measured({ ...running, sessions }))
    console.log(`${size} people: ${Math.round(memoryOf(running.pid))} MB after all pages`)
    await running.stop()
  }
  const row = (name: string, cells: string[]) =>
    console.log(`  ${name.padEnd(34)}${cells.map(cell => cell.padStart(20)).join('')}`)
  console.log('\nMedian and 95% of the requests in ms, and commands to the database')
  row(
    'page',
    sizes.map(size => `${size} people`),
  )
  for (const [name, first] of figures[0]!) {
    const all = figures.map(each => each.get(name)!)
    const last = all.at(-1)!
    const growth = last.ms / first.ms
    const notes = [
      ...(growth > most ? [`more than ${most}`] : []),
      ...(last.p95 > slowest ? [`over ${slowest} ms`] : []),
    ]
    row(
      name,
      all.map(({ ms, p95, commands }) => `${ms.toFixed(1)} / ${p95.toFixed(0)} / ${commands}`),
    )
    console.log(`${' '.repeat(36)}x ${growth.toFixed(2)} ${notes.join(', ')}`)
  }
}

function add(count: number, folder: string, seeded: string): void {
  for (const name of ['store', 'demo-secrets.json'])
    cpSync(join(seeded, name), join(folder, name), { recursive: true })
  const startedAt = performance.now()
  const { status } = spawnSync(
    process.execPath,
    ['--max-old-space-size=12000', join(__dirname, 'many-people.js')],
    {
      env: { ...process.env, NODE_ENV: 'demo', DATA_DIR: folder, PEOPLE: String(count), LOG_LEVEL: 'error' },
      stdio: 'inherit',
    },
  )
  if (status !== 0) throw new Error(`Adding people exited with ${status}`)
  console.log(`${count} people added in ${Math.round((performance.now() - startedAt) / 1000)} s`)
}

async function pagesOf({ base, sessions }: Academy): Promise<Page[]> {
  const linkOn = async (role: Role, path: string, pattern: RegExp) => {
    const page = await (await fetch(base + path, { headers: sessions.get(role)!.headers })).text()
    return pattern.exec(page)?.[0]
  }
  const lead = await linkOn('saleslead', '/sales/leads?tab=all', /\/sales\/leads\/[0-9a-f]{24}/)
  const course = await linkOn('author', '/studio', /\/studio\/courses\/(?!new)[\w-]+/)
  const endpoint = await linkOn('admin', '/integrations/endpoints', /\/integrations\/endpoints\/[0-9a-f]{24}/)
  const lesson = await linkOn('prospect', '/learning', /\/courses\/[\w-]+\/lessons\/[\w-]+/)
  const pages: [name: string, role: Role | null, path: string | undefined][] = [
    ['home', null, '/'],
    ['catalogue', null, '/courses'],
    ['search', 'prospect', '/search?q=pump'],
    ['lesson', 'prospect', lesson],
    ['my learning', 'prospect', '/learning'],
    ['what we share', 'prospect', '/account/sharing'],
    ['leads', 'saleslead', '/sales/leads?tab=all'],
    ['leads, search', 'saleslead', '/sales/leads?tab=all&q=ada'],
    ['queue', 'saleslead', '/sales/queue?view=team'],
    ['lead', 'saleslead', lead],
    ['insights, 90 days', 'saleslead', '/insights?days=90'],
    ['insights, 365 days', 'saleslead', '/insights?days=365'],
    ['deliveries', 'admin', '/integrations/deliveries'],
    ['endpoint', 'admin', endpoint],
    ['people', 'admin', '/admin/people'],
    ['people, search', 'admin', '/admin/people?q=ada'],
    ['audit log', 'admin', '/admin/audit'],
    ['studio', 'author', '/studio'],
    ['course in the studio', 'author', course],
    ['questions in the studio', 'author', '/studio/questions'],
    ['feedback', 'author', '/feedback'],
  ]
  return pages.flatMap(([name, role, path]) => (path ? [{ name, role, path }] : []))
}

async function measured(academy: Academy): Promise<Map<string, Figures>> {
  const pages = await pagesOf(academy)
  const times = new Map<string, number[]>(pages.map(({ name }) => [name, []]))
  const commands = new Map<string, number>()
  for (let round = 0; round < rounds + 1; round++) {
    const nextRound = sleep(notKept)
    for (const { name, role, path } of pages) {
      const headers = role ? academy.sessions.get(role)!.headers : {}
      await fetch(`${academy.base}/commands`)
      const startedAt = performance.now()
      const response = await fetch(academy.base + path, { headers, redirect: 'manual' })
      await response.arrayBuffer()
      const time = performance.now() - startedAt
      if (response.status !== 200) throw new Error(`${path} responded with ${response.status}`)
      if (round > 0) times.get(name)!.push(time)
      const sent = (await (await fetch(`${academy.base}/commands`)).json()) as string[]
      commands.set(name, sent.length)
    }
    await nextRound
  }
  return new Map(
    pages.map(({ name }) => {
      const sorted = times.get(name)!.toSorted((a, b) => a - b)
      const p95 = sorted[Math.floor(sorted.length * 0.95)]!
      return [name, { ms: median(sorted), p95, commands: commands.get(name)! }]
    }),
  )
}
