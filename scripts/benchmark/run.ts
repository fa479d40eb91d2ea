import { spawnSync } from 'node:child_process'
import { cpus, loadavg, tmpdir } from 'node:os'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  linkOn,
  progressReports,
  signIn,
  startAcademy,
  startScript,
  type Running,
  type Session,
} from './academy'
import { leads } from './leads'
import { scale } from './scale'
import { scoring } from './scoring'
import { sessions } from './sessions'
import { compare, load, median, memoryOf, type Target } from './load'

/** The goals, as multiples of the reference. */
const goals: Record<string, number> = {
  'catalogue, anonymous': 1.6,
  'catalogue, signed in': 0.5,
  'course, signed in': 0.5,
  'lesson, signed in': 0.5,
  'progress report': 0.4,
  search: 0.5,
  leads: 0.4,
  lead: 0.4,
}
const maxSpread = 0.25

type Page = { name: string; targets: Target[] }

const parts = { speeds, commands, starts, memory, store, writes }
/** What takes minutes runs only when it is named. */
const longParts = { leads, scale, scoring, sessions }

/**
 * Compares our pages with bare Express (reference.ts) and measures database commands, startup, memory and the store, or
 * only the named parts. Uses the given data folder of a seeded academy, or seeds one.
 */
async function benchmark(seededFolder?: string, ...names: string[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lyceum-benchmark-'))
  if (seededFolder) cpSync(seededFolder, dataDir, { recursive: true })
  else seed(dataDir)
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]!.model}, load ${loadavg()[0]!.toFixed(1)}`,
  )
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (!names.length || names.includes(name)) await part(dataDir)
    }
    for (const [name, part] of Object.entries(longParts)) if (names.includes(name)) await part(dataDir)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function speeds(dataDir: string): Promise<void> {
  const reference = await startScript('reference')
  const academy = await startAcademy(dataDir)
  const pages = await pagesOf(academy)
  console.log('\nCompared with the reference: 10 connections, 5 pairs of 2 s slices, neither server logs')
  console.log(row('page', 'ratio', 'goal', 'requests/s', 'CPU in us', 'main thread', 'spread'))
  for (const { name, targets } of pages) {
    const comparison = await compare({ url: reference.base, pid: reference.pid }, targets)
    const { ratio, perSecond, cpu, mainCpu, spread } = comparison
    const spreadText = `${Math.round(spread * 100)}%${spread > maxSpread ? ', too noisy' : ''}`
    console.log(
      row(
        name,
        ratio.toFixed(2),
        goals[name] ? `>= ${goals[name]}` : '',
        whole(perSecond),
        whole(cpu),
        whole(mainCpu),
        spreadText,
      ),
    )
    if (name === pages.at(-1)!.name) {
      const bare = comparison.reference
      console.log(
        row('(reference)', '1', '', whole(bare.perSecond), whole(bare.cpu), whole(bare.mainCpu), ''),
      )
    }
  }
  console.log(
    `Memory after this load, with the store in the same process: ${whole(memoryOf(academy.pid))} MB`,
  )
  await reference.stop()
  await academy.stop()
}

async function pagesOf(academy: Running): Promise<Page[]> {
  const { base, pid } = academy
  const prospect = await signIn(base, 'prospect')
  const sales = await signIn(base, 'sales')
  const lesson = await linkOn(`${base}/learning`, prospect, /\/courses\/[\w-]+\/lessons\/[\w-]+/)
  const course = lesson.split('/lessons/')[0]!
  const lead = await linkOn(`${base}/sales/leads`, sales, /\/sales\/leads\/[0-9a-f]{24}/)
  const others = ['author', 'reviewer', 'saleslead', 'admin']
  const sessions = [prospect, sales, ...(await Promise.all(others.map(name => signIn(base, name))))]
  // Enrols all 6 people in the course, because they read its pages below.
  const reports = await progressReports(academy, course, sessions)
  const page = (name: string, path: string, session?: Session): Page => ({
    name,
    targets: [{ url: base + path, pid, headers: session?.headers }],
  })
  return [
    page('catalogue, anonymous', '/'),
    page('catalogue, signed in', '/', prospect),
    page('course, anonymous', course),
    {
      name: 'course, signed in',
      targets: sessions.map(({ headers }) => ({ url: base + course, pid, headers })),
    },
    {
      name: 'lesson, signed in',
      targets: sessions.map(({ headers }) => ({ url: base + lesson, pid, headers })),
    },
    { name: 'progress report', targets: reports },
    page('search', '/search?q=score'),
    page('leads', '/sales/leads', sales),
    page('lead', lead, sales),
  ]
}

/** Counts the database commands of each page once it is warm. A separate pass, because monitoring takes time. */
async function commands(dataDir: string): Promise<void> {
  const academy = await startAcademy(dataDir)
  const pages = await pagesOf(academy)
  await academy.stop()
  const counted = await startScript('counted', dataDir)
  const send = async ({ url, method, headers, body }: Target) => {
    const { pathname, search } = new URL(url)
    const response = await fetch(counted.base + pathname + search, {
      method,
      headers,
      body,
      redirect: 'manual',
    })
    await response.arrayBuffer()
  }
  const takeCommands = async () => (await (await fetch(`${counted.base}/commands`)).json()) as string[]
  console.log('\nDatabase commands of a warm page')
  for (const { name, targets } of pages) {
    const target = targets[0]!
    for (let n = 0; n < 3; n++) await send(target)
    await takeCommands()
    await send(target)
    const commands = await takeCommands()
    console.log(`  ${name.padEnd(22)} ${commands.length}  ${commands.join(', ')}`)
  }
  await counted.stop()
}

async function starts(dataDir: string): Promise<void> {
  const times: number[] = []
  for (let n = 0; n < 5; n++) {
    const academy = await startAcademy(dataDir)
    times.push(academy.ms)
    await academy.stop()
  }
  const [min, max] = [Math.min(...times), Math.max(...times)]
  console.log(
    `\nStart until the first 200: ${whole(median(times))} ms (goal <= 800; ${whole(min)} to ${whole(max)})`,
  )
}

async function memory(dataDir: string): Promise<void> {
  const inside = await startAcademy(dataDir)
  console.log(
    `Memory after the first page, with the store in the same process: ${whole(memoryOf(inside.pid))} MB`,
  )
  await inside.stop()
  const store = await startScript('store-alone', dataDir)
  const academy = await startAcademy(dataDir, { MONGODB_URI: store.base })
  console.log(
    `Memory after the first page, without the store: ${whole(memoryOf(academy.pid))} MB (goal <= 110)`,
  )
  await load([{ url: `${academy.base}/`, pid: academy.pid }], 2)
  console.log(`Memory after two seconds of load, without the store: ${whole(memoryOf(academy.pid))} MB`)
  await academy.stop()
  await store.stop()
}

/** Compares the embedded store with a bare ping and with LMDB itself, in its own process. */
async function store(): Promise<void> {
  spawnSync(process.execPath, [join(__dirname, 'store.js')], { stdio: 'inherit' })
}

/** Measures how long a page waits beside writes to 100,000 documents. By itself, the script takes a million. */
async function writes(): Promise<void> {
  const options = ['--documents', '100000', '--limit', '120']
  spawnSync(process.execPath, [join(__dirname, 'store-writes.js'), ...options], { stdio: 'inherit' })
}

function seed(dataDir: string): void {
  const { status } = spawnSync(process.execPath, [join(__dirname, '../seed.js')], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' },
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`The seed exited with ${status}`)
}

const whole = (value: number) => String(Math.round(value))
const row = (name: string, ...figures: string[]) =>
  `  ${name.padEnd(22)}${figures.map(figure => figure.padStart(11)).join('')}`

benchmark(...process.argv.slice(2)).then(
  () => process.exit(0),
  error => {
    console.error(error)
    process.exit(1)
  },
)
