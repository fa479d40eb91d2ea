import { publishedCourses } from '../courses/published'
import { now } from '../platform/clock'
import type { Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { accountOf } from '../leads/account'
import { salesTeam } from '../leads/assign-owner'
import { briefOf } from '../leads/brief'
import type { Lead } from '../leads/lead'
import { canUndoAcceptance } from '../leads/undo-acceptance'
import { explanationOf, type Explanation } from '../scoring/explain'
import { activeModel } from '../scoring/model'
import { needsMapOf } from '../scoring/needs-map'
import { readLedger, withoutUnsharedColleagues } from '../scoring/read-ledger'
import { permissionsOf } from '../web/guard'
import { dayOf } from '../web/relative-time'
import { namesOfStaff } from './lead-list'
import { leadView, type LeadView } from './lead-view'
import type { SalesTexts } from './sales-texts'
import { timelineOf } from './timeline'

/**
 * Reads what the lead's page shows as of a moment; later events are left out.
 *
 * @param showAll shows the whole timeline instead of its latest lines.
 */
export async function leadPage(
  { person, lead }: { person: Person; lead: Lead | null },
  reader: Person,
  { at, showAll }: { at: Date; showAll: boolean },
  texts: SalesTexts,
): Promise<LeadView> {
  const [ledger, model, objected, courses, account, team, names] = await Promise.all([
    readLedger(person._id).then(withoutUnsharedColleagues),
    activeModel(),
    hasObjected(person.email),
    publishedCourses(),
    accountOf(person, at),
    salesTeam(),
    namesOfStaff(),
  ])
  const explanation = explanationOf(person, ledger, model, objected, at)
  const topics = courses.flatMap(course => course.lessons.flatMap(lesson => lesson.topics))
  const needs = needsMapOf(ledger, topics, at)
  const nameOf = (id: unknown) => (id ? (names.get(String(id)) ?? null) : null)
  const owner = nameOf(lead?.owner)
  const record = {
    person,
    lead,
    explanation,
    needs,
    brief: briefOf(ledger, needs, at),
    account,
    lines: timelineOf(ledger, baseWeights(explanation), names, at, owner),
    owner,
    respondedBy: nameOf(lead?.disposition?.by),
    team: permissionsOf(reader).endpoints ? team : [],
    canUndo: Boolean(lead && canUndoAcceptance(lead, reader._id)),
  }
  const [today, day] = [dayOf(now()), dayOf(at)]
  return leadView(record, { at, today, asOf: day === today ? null : day, showAll }, texts)
}

/** Returns the end of the requested day (`YYYY-MM-DD`, UTC), or now when it is today, in the future, or not a day. */
export function requestedMoment(day: unknown): Date {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return now()
  const end = new Date(`${day}T23:59:59.999Z`)
  return end < now() ? end : now()
}

/** Base points of each event that counts, by event id. */
function baseWeights(explanation: Explanation | null): Map<string, number> {
  const events = explanation?.groups.flatMap(group => group.rules.flatMap(rule => rule.events)) ?? []
  return new Map(events.map(({ event, weight }) => [event, weight]))
}
