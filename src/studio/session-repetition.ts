import { z } from 'zod'
import { localTimeOf } from '../platform/zoned-time'
import { sessionCaps, type LiveSession } from '../sessions/live-session'
import { startOn, startsOf } from '../sessions/repetition'
import { checkbox, optionalField } from '../web/form'
import { dayField, localStart, numberOrNone, reporter, type Issues } from './session-typed'

type Repeats = { repeats: string; count: number | null; dates: string[] }

/** Checks the days that were chosen, or how many sessions there are. */
function checkRepetition({ repeats, count, dates }: Repeats, issues: Issues): void {
  const wrong = reporter(issues)
  if (repeats && repeats !== 'dates' && count === null) wrong('count', 'studio:sessions.errors.count')
  if (repeats !== 'dates') return
  const unread = dates.filter(day => !dayField.safeParse(day).success)
  if (unread.length) {
    wrong('dates', 'studio:sessions.errors.dates', { days: unread.slice(0, 5).join(', ') })
  } else if (!dates.length) wrong('dates', 'studio:sessions.errors.noDates')
  else if (dates.length >= sessionCaps.series) {
    wrong('dates', 'studio:sessions.errors.tooMany', { maximum: sessionCaps.series - 1 })
  }
}

const datesField = optionalField(1000).transform(typed => (typed ?? '').split(/[\s,;]+/).filter(Boolean))

/** The fields that a new session has besides: whether it repeats, and what the series is. */
export const repetitionSchema = z
  .object({
    repeats: z.enum(['', 'weekly', 'fortnightly', 'monthly', 'dates']).default(''),
    count: numberOrNone(2, sessionCaps.series),
    dates: datesField,
    seriesKind: z.enum(['parts', 'dates']).default('dates'),
    seriesCertificate: checkbox,
    seriesRequired: numberOrNone(1, sessionCaps.series),
  })
  .check(({ value, issues }) => checkRepetition(value, issues))
export type Repeated = z.output<typeof repetitionSchema>

/** The form for more dates of a series. */
export const moreDatesSchema = z
  .object({
    repeats: z.enum(['weekly', 'fortnightly', 'monthly', 'dates'], { error: 'web:errors.chooseOne' }),
    count: numberOrNone(1, sessionCaps.series),
    dates: datesField,
  })
  .check(({ value, issues }) => checkRepetition(value, issues))
export type MoreDates = z.output<typeof moreDatesSchema>

/** Returns the starts of a new series in order; one for a session that doesn't repeat. */
export function repeatedStarts(
  { startsAt, timeZone }: Pick<LiveSession, 'startsAt' | 'timeZone'>,
  { repeats, count, dates }: Pick<Repeated, 'repeats' | 'count' | 'dates'>,
): Date[] {
  const first = localTimeOf(startsAt.getTime(), timeZone)
  if (!repeats) return [startsAt]
  if (repeats !== 'dates') return startsOf(first, { repetition: repeats, count: count ?? 1, timeZone })
  const chosen = dates.map(day => startOn(localStart(day, '00:00'), first, timeZone))
  const moments = new Set([startsAt, ...chosen].map(start => start.getTime()))
  return [...moments].sort((a, b) => a - b).map(moment => new Date(moment))
}
