import { addOfficeHours, standardHours, type OfficeHours } from './office-hours'

/** When an owner works, and how long they have to respond, in their office hours. */
export type ResponseClock = {
  -readonly [K in keyof OfficeHours]: OfficeHours[K] extends readonly (infer T)[] ? T[] : OfficeHours[K]
} & {
  /** For the first response. */
  hours: number
  /** The reminder, before the response is due; null for none. */
  remindBefore: number | null
  /** When sales leads hear of it, after it was due; null for never. */
  escalateAfter: number | null
  /** When someone else gets the lead, after it was due; null for never. */
  reassignAfter: number | null
}

/** What happens while nobody responds, in this order; each once. */
export const alertKinds = ['remind', 'escalate', 'reassign'] as const
export type AlertKind = (typeof alertKinds)[number]

/** The first response is due within four office hours, until a sales lead has said otherwise. */
export const standardResponseHours = 4

type Wait = { since: Date; timeZone: string; clock: ResponseClock | null; snoozedUntil: Date | null }

/** Returns when the first response is due, which isn't while the lead is set aside. */
export function responseDue({ since, timeZone, clock, snoozedUntil }: Wait): Date {
  const due = addOfficeHours(since, clock?.hours ?? standardResponseHours, timeZone, clock ?? standardHours)
  return snoozedUntil && snoozedUntil > due ? snoozedUntil : due
}

/** Returns what happens next if nobody responds, and when; null for nothing. */
export function nextAlert(wait: Wait, done: readonly AlertKind[]): { what: AlertKind; at: Date } | null {
  const { since, timeZone, clock, snoozedUntil } = wait
  if (!clock) return null
  const due = responseDue(wait)
  const what = alertKinds.find(kind => !done.includes(kind) && afterOf(clock, kind) !== null)
  if (!what) return null
  const after = afterOf(clock, what)!
  if (what !== 'remind') return { what, at: addOfficeHours(due, after, timeZone, clock) }
  const at = addOfficeHours(since, Math.max(0, clock.hours - after), timeZone, clock)
  return { what, at: snoozedUntil && snoozedUntil > at ? snoozedUntil : at }
}

function afterOf(
  { remindBefore, escalateAfter, reassignAfter }: ResponseClock,
  kind: AlertKind,
): number | null {
  return { remind: remindBefore, escalate: escalateAfter, reassign: reassignAfter }[kind]
}
