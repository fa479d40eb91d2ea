import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { linkOn, signIn, startAcademy, type Running, type Session } from './academy'
import { median, memoryOf } from './load'

const [few, many] = [1000, 200_000]
/** The goal, as a multiple of the time with few leads. */
const most = 1.3
const rounds = 25
/** A process keeps what it has read of a list for so long, in ms; each round has to read it again. */
const notKept = 2500
/** A page that takes longer than this, in ms, is measured in a few rounds only. */
const [slow, fewRounds] = [1000, 3]

type Academy = Running & { session: Session }

/**
 * Compares the list of leads and the queue between 1,000 and 200,000 leads: the first page, each filter, each order and
 * some filters together. Both academies run at the same time and answer in turn, page by page and round by round, so
 * that what else the machine does falls on both. Of 1,000 leads, few match several filters: a page that has more rows
 * with 200,000 is compared with a full page of the same list.
 */
export async function leads(dataDir: string): Promise<void> {
  const academies: Academy[] = []
  for (const [n, count] of [few, many].entries()) {
    const folder = join(dataDir, `leads-${count}`)
    // A data folder that is measured several times may have them already.
    if (!existsSync(folder)) add(count, folder, dataDir)
    const academy = await startAcademy(folder, { ROLE: 'web' }, 4791 + n)
    academies.push({ ...academy, session: await signIn(academy.base, 'saleslead') })
  }
  const [small, large] = academies as [Academy, Academy]
  console.log(`\nPages with ${few} and with ${many} leads: median of ${rounds} requests each, in turn`)
  const [smallPaths, largePaths] = [await namedPaths(small), new Map(await namedPaths(large))]
  const pages = smallPaths.map(([name, path]) => ({
    name,
    paths: [path, largePaths.get(name)!] as const,
    times: [[], []] as [number[], number[]],
    rows: [0, 0] as [number, number],
  }))
  for (let round = 0; round < rounds + 1; round++) {
    const nextRound = sleep(notKept)
    for (const { paths, times, rows } of pages) {
      if (times[1].length >= fewRounds && median(times[1]) > slow) continue
      // Whichever comes second finds a warmer machine.
      for (const which of round % 2 ? ([1, 0] as const) : ([0, 1] as const)) {
        const { time, leads: shown } = await read(academies[which]!, paths[which])
        rows[which] = shown
        if (round > 0) times[which].push(time)
      }
    }
    await nextRound
  }
  const full = (name: string) => pages.find(page => page.name === name)!
  const comparedWith = ({ name, rows: [a, b] }: (typeof pages)[number]) =>
    a < b ? full(name.startsWith('queue') ? 'queue, team' : 'tab all') : undefined
  const ratioOf = (page: (typeof pages)[number]) =>
    median(page.times[1]) / median((comparedWith(page) ?? page).times[0])
  for (const page of pages) {
    const [a, b] = page.times.map(median) as [number, number]
    const [ratio, other] = [ratioOf(page), comparedWith(page)]
    console.log(
      `  ${page.name.padEnd(40)}${a.toFixed(1).padStart(8)} ms${b.toFixed(1).padStart(8)} ms  ${ratio.toFixed(2)}` +
        (ratio > most ? `, more than ${most}` : '') +
        (other ? ` (${page.rows.join(' and ')} rows, compared with ${other.name})` : ''),
    )
  }
  console.log(`  the worst: ${Math.max(...pages.map(ratioOf)).toFixed(2)} (goal <= ${most})`)
  await measureExport(large)
  for (const academy of academies) await academy.stop()
  rmSync(join(dataDir, `leads-${many}`), { recursive: true, force: true })
}

function add(count: number, folder: string, seeded: string): void {
  for (const name of ['store', 'demo-secrets.json'])
    cpSync(join(seeded, name), join(folder, name), { recursive: true })
  const startedAt = performance.now()
  const { status } = spawnSync(process.execPath, [join(__dirname, 'many-leads.js')], {
    env: { ...process.env, NODE_ENV: 'demo', DATA_DIR: folder, LEADS: String(count), LOG_LEVEL: 'error' },
    stdio: 'inherit',
  })
  if (status !== 0) throw new Error(`Adding leads exited with ${status}`)
  console.log(`${count} leads added in ${Math.round((performance.now() - startedAt) / 1000)} s`)
}

async function namedPaths(academy: Academy): Promise<[string, string][]> {
  const { base, session } = academy
  const tab = (name: string): [string, string] => [`tab ${name}`, `/sales/leads?tab=${name}`]
  const dialog = await (
    await fetch(`${base}/sales/lead-filters?tab=all`, { headers: session.headers })
  ).text()
  const valueOf = (name: string) =>
    new RegExp(`<select[^>]* name="${name}">[^]*?<option value="([^"]+)">`).exec(dialog)?.[1] ?? ''
  const facets: [string, string][] = ['course', 'topic', 'owner'].map(name => [name, valueOf(name)])
  facets.push(
    ['grade', 'A1'],
    ['grade', 'C'],
    ['status', 'rejected'],
    ['country', 'DE'],
    ['source', 'social'],
  )
  facets.push(['age', '7'], ['age', '30'], ['age', 'over90'], ['late', '1'])
  const [course = '', topic = '', owner = ''] = facets.map(([, value]) => value)
  const orders = [
    'status',
    'name',
    'company',
    'score',
    'owner',
    'due',
    'qualified',
    'activity',
    '-score',
    '-name',
  ]
  await linkOn(`${base}/sales/leads?tab=all`, session, /\/sales\/leads\/[0-9a-f]{24}/)
  return [
    ...['all', 'recent', 'mine', 'team', 'working', 'snoozed', 'won', 'lost', 'rejected'].map(tab),
    ...facets.map(([name, value]): [string, string] => [
      `filter ${name === 'course' || name === 'topic' || name === 'owner' ? name : `${name} ${value}`}`,
      `/sales/leads?tab=all&${name}=${value}`,
    ]),
    ...orders.map((sort): [string, string] => [`all by ${sort}`, `/sales/leads?tab=all&sort=${sort}`]),
    ...orders.map((sort): [string, string] => [`team by ${sort}`, `/sales/leads?tab=team&sort=${sort}`]),
    ['owner, country and grade', `/sales/leads?tab=all&owner=${owner}&country=DE&grade=A1`],
    ['course and topic by score', `/sales/leads?tab=all&course=${course}&topic=${topic}&sort=score`],
    ['won, source and grade by name', '/sales/leads?tab=won&source=social&grade=B&sort=name'],
    ['search for a name', '/sales/leads?tab=all&q=ada%20cleo'],
    ['search for a person', '/sales/leads?tab=all&q=person77'],
    ['queue, mine', '/sales/queue?view=mine'],
    ['queue, team', '/sales/queue?view=team'],
    ['queue, team, grade A by score', '/sales/queue?view=team&grade=A&order=score'],
    ['queue, team, late', '/sales/queue?view=team&late=1'],
    ['queue, snoozed', '/sales/queue?view=snoozed'],
  ]
}

/** Reads a page: how long that takes, and how many leads it links. */
async function read({ base, session }: Academy, path: string): Promise<{ time: number; leads: number }> {
  const startedAt = performance.now()
  const response = await fetch(base + path, { headers: session.headers })
  const text = await response.text()
  const time = performance.now() - startedAt
  if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
  return { time, leads: new Set(text.match(/(?:leads\/|lead=)[0-9a-f]{24}/g)).size }
}

/** Reads the whole list as CSV, and how much memory that takes. */
async function measureExport({ base, session, pid }: Academy): Promise<void> {
  const before = memoryOf(pid)
  let [peak, lines] = [before, 0]
  const startedAt = performance.now()
  const response = await fetch(`${base}/sales/leads.csv?tab=all`, { headers: session.headers })
  for await (const chunk of response.body!) {
    for (const byte of chunk as Uint8Array) if (byte === 10) lines++
    peak = Math.max(peak, memoryOf(pid))
  }
  const seconds = (performance.now() - startedAt) / 1000
  console.log(
    `CSV of ${lines - 1} leads: ${seconds.toFixed(1)} s, memory ${Math.round(before)} MB before, ${Math.round(peak)} MB at most`,
  )
}
