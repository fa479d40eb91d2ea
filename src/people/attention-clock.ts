import { LRUCache } from 'lru-cache'
import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { conflict } from '../platform/errors'
import {
  date,
  defineRecord,
  free,
  list,
  nested,
  number,
  objectId,
  string,
  type RecordOf,
} from '../platform/record'

/** A part of someone's time, in milliseconds since 1970: `[from, to]`. */
type Span = readonly [from: number, to: number]

/**
 * What is counted on one clock: learning, and looking at prices. Someone may listen to a lesson beside a price list.
 */
type ClockName = 'learning' | 'pricing'

/** After so many days without a report, a clock is deleted; no report reaches further back. */
const clockDays = 60

/**
 * The time of a person that has been counted, so that each second counts once: whatever was open at the same time, in
 * how many tabs, and however often it is reported.
 */
export const AttentionClocks = defineRecord(
  'AttentionClock',
  'attention_clocks',
  {
    /** `person:name`. */
    _id: string(),
    person: objectId(),
    /** What was counted, in order and apart from one another. */
    taken: free<Span[]>(),
    /** Reports that may arrive again, with the seconds that they got; the last one last. */
    reports: list(nested({ id: string(), seconds: number() })),
    /** Counts the changes, so that two at the same moment don't count the same time. */
    number: number(),
    changedAt: date(),
  },
  { indexes: [[{ person: 1 }], [{ changedAt: 1 }, { expireAfterSeconds: clockDays * 24 * 3600 }]] },
)

/** A gap of a second is what clocks and networks differ by, and holds nothing. In milliseconds. */
const minGap = 1000
/** More spans than these are joined, the oldest ones first. */
const maxSpans = 100
/** Reports are kept to recognise a repeated one. */
const maxReports = 200
const maxAttempts = 8

/**
 * Counts some of a person's time, the latest first, and only what wasn't counted before.
 *
 * @param claim `seconds` of real time since `since`; `tolerance` seconds may lie ahead, because clocks and networks
 *   aren't exact: they are counted as well, so that this never adds up. `report` is the id of a report that may
 *   arrive again.
 * @returns the seconds that count; those of the first time for a report that arrives again.
 * @throws 409 when others keep writing first.
 */
export async function takeTime(
  person: Types.ObjectId,
  name: ClockName,
  claim: { seconds: number; since: Date; tolerance?: number; report?: string },
): Promise<number> {
  const _id = `${person}:${name}`
  const { seconds, since, tolerance = 0, report } = claim
  if (!(seconds > 0) && report === undefined) return 0
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const moment = now()
    const clock = (attempt === 0 && written.get(_id)) || (await AttentionClocks.load(_id))
    const known = report === undefined ? undefined : clock?.reports.find(({ id }) => id === report)
    if (known) return known.seconds
    const earliest = later(moment, -days(clockDays)).getTime()
    const window = [Math.max(since.getTime(), earliest), moment.getTime()] as const
    const before = (clock?.taken ?? []).filter(([, to]) => to > earliest)
    const { taken, milliseconds } = takeFrom(before, window, 1000 * tolerance, 1000 * seconds)
    const counted = milliseconds / 1000
    const reports = [
      ...(clock?.reports ?? []),
      ...(report === undefined ? [] : [{ id: report, seconds: counted }]),
    ]
    const fields = { taken, reports: reports.slice(-maxReports), changedAt: moment }
    if (!clock) {
      if (await AttentionClocks.insertOnce({ _id, person, number: 1, ...fields })) return counted
      continue
    }
    const after = { ...fields, number: clock.number + 1 }
    const { matchedCount } = await AttentionClocks.updateOne({ _id, number: clock.number }, { $set: after })
    written.delete(_id)
    if (!matchedCount) continue
    written.set(_id, after)
    return counted
  }
  throw conflict('academy:errors.updatedInOtherTab')
}

/**
 * The clocks that this process wrote last. Someone who learns reports every 10 seconds, and what is written back
 * counts only over what it was made from: a clock that is no longer the newest is read after all.
 */
const written = new LRUCache<string, Pick<RecordOf<typeof AttentionClocks>, 'taken' | 'reports' | 'number'>>({
  max: 1000,
})

/** Deletes what was counted of a person's time. */
export async function deleteAttentionClocks(person: Types.ObjectId): Promise<void> {
  await AttentionClocks.deleteMany({ person })
}

/**
 * Takes `wanted` milliseconds of a window that aren't taken: backwards from its end, and then up to `ahead`
 * milliseconds beyond it.
 */
function takeFrom(
  taken: readonly Span[],
  [from, until]: Span,
  ahead: number,
  wanted: number,
): { taken: Span[]; milliseconds: number } {
  const found: Span[] = []
  let left = wanted
  let end = until
  for (const [start, stop] of [...taken].reverse()) {
    const free = Math.max(from, stop)
    if (left > 0 && free < end) left -= take(free, end)
    end = Math.min(end, start)
  }
  if (left > 0 && from < end) left -= take(from, end)
  const beyond = Math.max(until, taken.at(-1)?.[1] ?? 0)
  if (left > 0 && beyond < until + ahead) {
    const length = Math.min(left, until + ahead - beyond)
    found.push([beyond, beyond + length])
    left -= length
  }
  return { taken: joined([...taken, ...found]), milliseconds: wanted - Math.max(0, left) }

  function take(start: number, stop: number): number {
    const length = Math.min(left, stop - start)
    found.push([stop - length, stop])
    return length
  }
}

function joined(spans: readonly Span[]): Span[] {
  const result: [number, number][] = []
  for (const [from, to] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last && from - last[1] < minGap) last[1] = Math.max(last[1], to)
    else result.push([from, to])
  }
  while (result.length > maxSpans) result.splice(0, 2, [result[0]![0], result[1]![1]])
  return result
}
