import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

export type Target = {
  url: string
  pid: number
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** Requests a second, and microseconds of CPU a request: of all threads of the process, and of its main thread alone. */
export type Speed = { perSecond: number; cpu: number; mainCpu: number }

const connections = 10

/**
 * Load from ten connections for some seconds; given several targets, each connection has its own. An answer that is not a
 * 2xx makes the figure worthless, so it throws.
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
    throw new Error(`${first.url}: ${run.non2xx} answers were not 2xx, ${run.errors} errors`)
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
 * Reference and page in alternating slices, the median of the pairwise ratios (facts/speed.md). `spread` is how far the
 * reference's own slices lie apart: above 0.25 the machine is too noisy to say anything.
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

/** V8 makes code fast by how often it ran and not by how long: on a busy machine a second is not enough. */
async function warmUp(targets: Target[], enough = 3000, longest = 20): Promise<void> {
  let requests = 0
  for (let second = 0; second < longest && requests < enough; second++) {
    requests += (await load(targets, 1)).perSecond
  }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Megabytes of memory that a process has in RAM now. */
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

/** Microseconds of CPU that a process has used: user and system time in /proc are hundredths of a second. */
function cpuOf(pid: number): { all: number; main: number } {
  const used = (file: string) => {
    const fields = readFileSync(file, 'utf8').split(') ')[1]!.split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10_000
  }
  return { all: used(`/proc/${pid}/stat`), main: used(`/proc/${pid}/task/${pid}/stat`) }
}
