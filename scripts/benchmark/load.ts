import { readFileSync } from 'node:fs'
import net from 'node:net'
import autocannon from 'autocannon'

export type Target = {
  url: string
  pid: number
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** Requests per second, and microseconds of CPU per request: of the whole process, and of its main thread alone. */
export type Speed = { perSecond: number; cpu: number; mainCpu: number }

const connections = 10

/** Gives each connection of a load its own loopback address, since the server limits searches per caller. */
const { connect } = net
let callers = 0
net.connect = ((...args: Parameters<typeof connect>) => {
  const [port, host] = args as unknown[]
  if (typeof port !== 'number' || typeof host !== 'string') return connect(...args)
  const caller = callers++ % 65_536
  return connect({ port, host, localAddress: `127.1.${caller >> 8}.${caller % 256}` })
}) as typeof connect

/**
 * Sends requests over 10 connections for `duration` seconds. With several targets, each connection has its own.
 *
 * @throws Error when a response is not a 2xx, because the numbers would mean nothing
 */
export async function load(targets: Target[], duration = 2): Promise<Speed> {
  const first = targets[0]!
  const before = cpuOf(first.pid)
  let next = 0
  const run = await autocannon({
    url: first.url,
    connections,
    duration,
    setupClient: client => {
      const { url, method = 'GET', headers, body } = targets[next++ % targets.length]!
      client.setRequests([{ method, path: new URL(url).pathname + new URL(url).search, headers, body }])
    },
  })
  if (run.non2xx || run.errors) {
    throw new Error(`${first.url}: ${run.non2xx} responses were not 2xx, ${run.errors} errors`)
  }
  const after = cpuOf(first.pid)
  const { total } = run.requests
  return {
    perSecond: total / run.duration,
    cpu: (after.all - before.all) / total,
    mainCpu: (after.main - before.main) / total,
  }
}

export type Comparison = Speed & { ratio: number; spread: number; reference: Speed }

/**
 * Loads the reference and the page in alternating slices of `slice` seconds and returns the median of the pairwise
 * ratios. `spread` is the range of the reference's own slices. Above 0.25, the machine is too noisy for a result.
 */
export async function compare(reference: Target, page: Target[], pairs = 5, slice = 2): Promise<Comparison> {
  for (const targets of [[reference], page]) await warmUp(targets)
  const bare: Speed[] = []
  const ours: Speed[] = []
  for (let n = 0; n < pairs; n++) {
    bare.push(await load([reference], slice))
    ours.push(await load(page, slice))
  }
  const speeds = bare.map(speed => speed.perSecond)
  return {
    ...medianOf(ours),
    ratio: median(ours.map((speed, n) => speed.perSecond / speeds[n]!)),
    spread: (Math.max(...speeds) - Math.min(...speeds)) / median(speeds),
    reference: medianOf(bare),
  }
}

/** V8 optimises code by how often it has run, so on a busy machine one second of warm-up is not enough. */
async function warmUp(targets: Target[], minRequests = 3000, maxSeconds = 20): Promise<void> {
  let requests = 0
  for (let second = 0; second < maxSeconds && requests < minRequests; second++) {
    requests += (await load(targets, 1)).perSecond
  }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Returns the megabytes of RAM that a process uses now. */
export function memoryOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

function medianOf(speeds: Speed[]): Speed {
  return {
    perSecond: median(speeds.map(speed => speed.perSecond)),
    cpu: median(speeds.map(speed => speed.cpu)),
    mainCpu: median(speeds.map(speed => speed.mainCpu)),
  }
}

/** Returns the microseconds of CPU that a process has used. /proc counts in hundredths of a second. */
function cpuOf(pid: number): { all: number; main: number } {
  const used = (file: string) => {
    const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  }
  return { all: used(`/proc/${pid}/stat`), main: used(`/proc/${pid}/task/${pid}/stat`) }
}
