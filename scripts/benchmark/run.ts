import { spawnSync } from 'node:child_process'
import { cpus, loadavg, tmpdir } from 'node:os'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { beats, linkOn, signIn, startAcademy, startScript, type Running, type Session } from './academy'
import { compare, load, median, memoryOf, type Target } from './load'

/** What the issue asks for, as multiples of the reference. */
const aims: Record<string, number> = {
  'catalogue, stranger': 1.6,
  'course, signed in': 0.4,
  'lesson, signed in': 0.35,
  'POST of progress': 0.3,
}
const noisy = 0.25

type Page = { name: string; targets: Target[] }

const parts = { speeds, commands, starts, memory, store }

/**
 * Our pages against bare Express (reference.ts), how often they ask the database, the start, the memory, and the store; or only the parts
 * that are named. On a seeded academy: its data folder may be given, else one is made.
 */
async function benchmark(given?: string, ...named: string[]): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'lyceum-benchmark-'))
  if (given) cpSync(given, dataDir, { recursive: true })
  else seed(dataDir)
  console.log(
    `Node ${process.version}, ${cpus().length} x ${cpus()[0]!.model}, load ${loadavg()[0]!.toFixed(1)}`,
  )
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (!named.length || named.includes(name)) await part(dataDir)
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function speeds(dataDir: string): Promise<void> {
  const reference = await startScript('reference')
  const academy = await startAcademy(dataDir)
  const pages = await pagesOf(academy)
  console.log(
    '\nAgainst the reference, ten connections, five pairs of 2 s slices (our server does not log here: nor does it)',
  )
  console.log(row('page', 'ratio', 'aim', 'requests/s', 'us of CPU', 'of main', 'spread'))
  for (const { name, targets } of pages) {
    const found = await compare({ url: reference.base, pid: reference.pid }, targets)
    const { ratio, perSecond, cpu, mainCpu, spread } = found
    const words = `${Math.round(spread * 100)} %${spread > noisy ? ' too noisy' : ''}`
    console.log(
      row(
        name,
        ratio.toFixed(2),
        aims[name] ? `>= ${aims[name]}` : '',
        whole(perSecond),
        whole(cpu),
        whole(mainCpu),
        words,
      ),
    )
    if (name === pages.at(-1)!.name) {
      const bare = found.reference
      console.log(
        row('(reference)', '1', '', whole(bare.perSecond), whole(bare.cpu), whole(bare.mainCpu), ''),
      )
    }
  }
  console.log(`memory after this load, store inside: ${whole(memoryOf(academy.pid))} MB`)
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
  // Enrols them all in the course: six people read its pages below.
  const reports = await beats(academy, course, sessions)
  const page = (name: string, path: string, session?: Session): Page => ({
    name,
    targets: [{ url: base + path, pid, headers: session?.headers }],
  })
  return [
    page('catalogue, stranger', '/'),
    page('catalogue, signed in', '/', prospect),
    page('course, stranger', course),
    {
      name: 'course, signed in',
      targets: sessions.map(({ headers }) => ({ url: base + course, pid, headers })),
    },
    {
      name: 'lesson, signed in',
      targets: sessions.map(({ headers }) => ({ url: base + lesson, pid, headers })),
    },
    { name: 'POST of progress', targets: reports },
    page('search', '/search?q=score'),
    page('leads', '/sales/leads', sales),
    page('lead', lead, sales),
  ]
}

/** In a pass of its own, since watching the commands costs time: how often a page asks the database once it is warm. */
async function commands(dataDir: string): Promise<void> {
  const academy = await startAcademy(dataDir)
  const pages = await pagesOf(academy)
  await academy.stop()
  const counted = await startScript('counted', dataDir)
  const ask = async ({ url, method, headers, body }: Target) => {
    const { pathname, search } = new URL(url)
    const answer = await fetch(counted.base + pathname + search, {
      method,
      headers,
      body,
      redirect: 'manual',
    })
    await answer.arrayBuffer()
  }
  const said = async () => (await (await fetch(`${counted.base}/commands`)).json()) as string[]
  console.log('\nRound trips to the database, warm')
  for (const { name, targets } of pages) {
    const target = targets[0]!
    for (let n = 0; n < 3; n++) await ask(target)
    await said()
    await ask(target)
    const asked = await said()
    console.log(`  ${name.padEnd(22)} ${asked.length}  ${asked.join(', ')}`)
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
  const [least, most] = [Math.min(...times), Math.max(...times)]
  console.log(
    `\nFrom the start to the first 200: ${whole(median(times))} ms (aim <= 800; ${whole(least)} to ${whole(most)})`,
  )
}

async function memory(dataDir: string): Promise<void> {
  const inside = await startAcademy(dataDir)
  console.log(`Memory after the first page, store inside: ${whole(memoryOf(inside.pid))} MB`)
  await inside.stop()
  const store = await startScript('store-alone', dataDir)
  const academy = await startAcademy(dataDir, { MONGODB_URI: store.base })
  console.log(
    `Memory after the first page, without the store: ${whole(memoryOf(academy.pid))} MB (aim <= 110)`,
  )
  await load([{ url: `${academy.base}/`, pid: academy.pid }], 2)
  console.log(`Memory after two seconds of load, without the store: ${whole(memoryOf(academy.pid))} MB`)
  await academy.stop()
  await store.stop()
}

/** The embedded store beside a bare ping and LMDB itself, in a process of its own. */
async function store(): Promise<void> {
  spawnSync(process.execPath, [join(__dirname, 'store.js')], { stdio: 'inherit' })
}

function seed(dataDir: string): void {
  const { status } = spawnSync(process.execPath, [join(__dirname, '../seed.js')], {
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' },
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`the seed ended with ${status}`)
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
