import type { Types } from 'mongoose'
import { Events, isNamed } from '../events/event'
import { days, later, now } from '../platform/clock'
import { localTimeOf } from '../platform/zoned-time'

/** A lesson that was completed, with its stated length in minutes. */
export type DoneLesson = { at: Date; minutes: number }

/** Whose days and weeks: `weekStart` is 1 for Monday to 7 for Sunday. */
export type WeekZone = { timeZone: string; weekStart: number }

const day = days(1)
/** One week off in any four is forgiven: between two of them, this many weeks need a lesson. */
const weeksBetween = 3
/** A year, as long as the ledger keeps activity for certain. */
const maxDays = 371
const maxLessons = 1000

/** Returns the lessons that a person has completed within a year, from the ledger. */
export async function doneLessonsOf(person: Types.ObjectId): Promise<DoneLesson[]> {
  const since = later(now(), -days(maxDays))
  const events = await Events.find(
    { person, at: { $gte: since }, name: 'lesson.completed' },
    { name: 1, at: 1, data: 1 },
  )
    .sort({ at: -1 })
    .limit(maxLessons)
  return events.filter(isNamed('lesson.completed')).map(({ at, data }) => ({ at, minutes: data.minutes }))
}

/**
 * Returns the seven days of the present week with what was done on each, their sums, and for how many weeks in a row a
 * lesson was completed. A week off neither counts nor breaks the row unless another one is among the four weeks that
 * end with it; the present week is never off.
 */
export function learningWeek(done: readonly DoneLesson[], zone: WeekZone) {
  const today = dayOf(now(), zone)
  const first = weekOf(today, zone) * 7 + zone.weekStart - mondayOffset
  const byDay = new Map<number, { lessons: number; minutes: number }>()
  const weeks = new Set<number>()
  for (const { at, minutes } of done) {
    const on = dayOf(at, zone)
    const sum = byDay.get(on) ?? { lessons: 0, minutes: 0 }
    byDay.set(on, { lessons: sum.lessons + 1, minutes: sum.minutes + minutes })
    weeks.add(weekOf(on, zone))
  }
  const week = Array.from({ length: 7 }, (_, n) => ({
    /** Midnight of the day as if it were in UTC. */
    date: new Date((first + n) * day),
    isToday: first + n === today,
    ...(byDay.get(first + n) ?? { lessons: 0, minutes: 0 }),
  }))
  const sum = (unit: 'lessons' | 'minutes') => week.reduce((total, each) => total + each[unit], 0)
  return {
    days: week,
    lessons: sum('lessons'),
    minutes: sum('minutes'),
    weeksInARow: weeksInARow(weeks, weekOf(today, zone)),
  }
}

function weeksInARow(weeks: ReadonlySet<number>, present: number): number {
  let count = weeks.has(present) ? 1 : 0
  let sinceOff = weeksBetween
  for (let week = present - 1; ; week--) {
    if (weeks.has(week)) {
      count++
      sinceOff++
    } else if (sinceOff >= weeksBetween) sinceOff = 0
    else return count
  }
}

/** 1 January 1970 was a Thursday, the fourth day of a week that begins on Monday. */
const mondayOffset = 4

/** Returns the number of a day since 1970 on the calendar of a zone. */
function dayOf(at: Date, { timeZone }: WeekZone): number {
  return Math.floor(localTimeOf(at.getTime(), timeZone) / day)
}

function weekOf(dayNumber: number, { weekStart }: WeekZone): number {
  return Math.floor((dayNumber + mondayOffset - weekStart) / 7)
}
