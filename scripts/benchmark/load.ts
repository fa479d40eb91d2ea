import { readFileSync } from 'node:fs'
import autocannon from 'autocannon'

export type Target = {
  url: string
  pid: number
  method?: 'GET' | 'POST'
  headers?: Record<string, string>
  body?: string
}

/** Requests a second, and microseconds of CPU (all threads of the process) a request. */
export type Speed = { perSecond: number; cpu: number }

/** Load from ten connections for some seconds; an answer that is not a 2xx makes the figure worthless, so it throws. */
export async function load(target: Target, duration = 2): Promise<Speed> {
  const before = cpuOf(target.pid)
  const run = await autocannon({
    url: target.url,
    connections: 10,
    duration,
    method: target.method ?? 'GET',
    headers: target.headers,
    body: target.body,
  })
  if (run.non2xx || run.errors) throw new Error(`${target.url}: ${run.non2xx} answers were not 2xx, ${run.errors} errors`)
  return { perSecond: run.requests.total / run.duration, cpu: (cpuOf(target.pid) - before) / run.requests.total }
}

export type Comparison = { ratio: number; spread: number; perSecond: number; cpu: number }

/**
 * Reference and page in alternating slices, the median of the pairwise ratios (facts/speed.md). `spread` is how far the
 * reference's own slices lie apart: above 0.25 the machine is too noisy to say anything.
 */
export async function compare(reference: Target, page: Target, pairs = 5, slice = 2): Promise<Comparison> {
  await load(reference, 1)
  await load(page, 1)
  const ratios: number[] = []
  const bare: number[] = []
  const ours: Speed[] = []
  for (let n = 0; n < pairs; n++) {
    const one = await load(reference, slice)
    const other = await load(page, slice)
    bare.push(one.perSecond)
    ours.push(other)
    ratios.push(other.perSecond / one.perSecond)
  }
  return {
    ratio: median(ratios),
    spread: (Math.max(...bare) - Math.min(...bare)) / median(bare),
    perSecond: median(ours.map(speed => speed.perSecond)),
    cpu: median(ours.map(speed => speed.cpu)),
  }
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Microseconds of CPU that a process has used: user and system time in /proc are hundredths of a second. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}
