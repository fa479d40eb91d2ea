import { fold } from '../platform/fold'
import { normaliseLine } from '../platform/text'
import type { MeetingStay } from './attendance-file'

type Booked = { id: string; name: string; email: string }
type Range = { startsAt: Date; endsAt: Date }

/**
 * Finds out whose stays in a meeting these are: the booked person with the address, or else the only one with exactly
 * that name, in whatever case and with or without accents. Zoom writes a name before its change in brackets, and Teams
 * what kind of guest it is; both parts are tried.
 *
 * @returns the stays of each booked person by their id, and those of nobody who booked.
 */
export function matchAttendance<Stay extends MeetingStay>(
  stays: readonly Stay[],
  booked: readonly Booked[],
): { matched: Map<string, Stay[]>; unmatched: Stay[] } {
  const byEmail = new Map(booked.map(({ id, email }) => [email, id]))
  const byName = new Map<string, string | null>()
  for (const { id, name } of booked) {
    const key = nameKey(name)
    byName.set(key, byName.has(key) ? null : id)
  }
  const matched = new Map<string, Stay[]>()
  const unmatched: Stay[] = []
  for (const stay of stays) {
    const id =
      (stay.email && byEmail.get(stay.email)) ??
      namesIn(stay.name)
        .map(name => byName.get(name))
        .find(found => found !== undefined)
    if (id) matched.set(id, [...(matched.get(id) ?? []), stay])
    else unmatched.push(stay)
  }
  return { matched, unmatched }
}

function nameKey(name: string): string {
  return fold(normaliseLine(name))
}

function namesIn(name: string): string[] {
  const [, shown = '', inBrackets = ''] = /^(.*?)\s*\(([^()]*)\)$/.exec(name) ?? []
  return [name, shown, inBrackets].map(nameKey).filter(Boolean)
}

/**
 * Returns how many seconds of a session someone was in its meeting: stays are cut at its start and end, and what two
 * devices show at once counts once.
 */
export function attendedSeconds(stays: readonly MeetingStay[], { startsAt, endsAt }: Range): number {
  const [start, end] = [startsAt.getTime(), endsAt.getTime()]
  const cut = stays
    .map(({ joinedAt, leftAt, seconds }) => {
      const [from, until] = [Math.max(joinedAt.getTime(), start), Math.min(leftAt.getTime(), end)]
      return { from, until, stayed: Math.min(seconds * 1000, until - from) }
    })
    .filter(({ from, until }) => until > from)
    .sort((a, b) => a.from - b.from)
  const joined: typeof cut = []
  for (const each of cut) {
    const last = joined.at(-1)
    if (!last || each.from > last.until) joined.push({ ...each })
    else {
      last.until = Math.max(last.until, each.until)
      last.stayed = Math.min(last.stayed + each.stayed, last.until - last.from)
    }
  }
  return Math.round(joined.reduce((sum, { stayed }) => sum + stayed, 0) / 1000)
}
