import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { startAcademy, startScript } from './academy'
import { compare } from './load'

const [people, seats] = [1000, 900]
/** How many of them wait for an answer at the same time. */
const atOnce = 50
/** The goal, in seconds. */
const most = 60

type Crowd = { path: string; crowd: { cookie: string; csrf: string }[] }

/**
 * Compares the page of a live session with the reference, and lets 1,000 people open it and book one of its 900 seats.
 * Throws when a seat is given twice, or anyone gets neither a seat nor a place in the wait-list.
 */
export async function sessions(dataDir: string): Promise<void> {
  const added = spawnSync(process.execPath, [join(__dirname, 'session-crowd.js')], {
    env: {
      ...{ ...process.env, NODE_ENV: 'demo', DATA_DIR: dataDir, LOG_LEVEL: 'silent' },
      ...{ SEATS: String(seats), PEOPLE: String(people) },
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 10_000_000,
  })
  if (added.status !== 0) throw new Error(`Adding the people exited with ${added.status}`)
  const { path, crowd } = JSON.parse(added.stdout.toString().trim().split('\n').at(-1)!) as Crowd
  const reference = await startScript('reference')
  const academy = await startAcademy(dataDir)
  const url = academy.base + path
  for (const [name, headers, goal] of [
    ['anonymous', undefined, 2.5],
    ['signed in', { cookie: crowd[0]!.cookie }, 0.5],
  ] as const) {
    const bare = { url: reference.base, pid: reference.pid }
    const { ratio, cpu } = await compare(bare, [{ url, pid: academy.pid, headers }])
    console.log(`A live session, ${name}: ${ratio.toFixed(2)} (goal ${goal}), ${Math.round(cpu)} us of CPU`)
  }
  await reference.stop()

  const times: { page: number; booking: number }[] = []
  const waiting = [...crowd]
  const startedAt = performance.now()
  const next = async (): Promise<void> => {
    for (let each = waiting.pop(); each; each = waiting.pop()) times.push(await openAndBook(url, each))
  }
  await Promise.all(Array.from({ length: atOnce }, next))
  const seconds = (performance.now() - startedAt) / 1000
  const text = await (await fetch(url, { headers: { cookie: crowd[0]!.cookie } })).text()
  await academy.stop()
  const slowest = (part: 'page' | 'booking') =>
    Math.round(times.map(each => each[part]).sort((a, b) => a - b)[Math.floor(times.length * 0.95)]!)
  console.log(
    `${people} people open the page and book in ${seconds.toFixed(1)} s (goal ${most}); 95% of them wait at most ` +
      `${slowest('page')} ms for the page and ${slowest('booking')} ms for the booking`,
  )
  if (!text.includes(`${seats} of ${seats} seats`)) throw new Error('The seats do not add up')
}

async function openAndBook(url: string, { cookie, csrf }: Crowd['crowd'][number]) {
  const startedAt = performance.now()
  const page = await fetch(url, { headers: { cookie } })
  await page.text()
  const opened = performance.now()
  const booking = await fetch(`${url}/booking`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({ _csrf: csrf }),
  })
  await booking.text()
  if (page.status !== 200 || booking.status !== 303) throw new Error(`${page.status} and ${booking.status}`)
  return { page: opened - startedAt, booking: performance.now() - opened }
}
