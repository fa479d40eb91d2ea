import type { Response } from 'express'
import { publishedCourses } from '../courses/published'
import { now } from '../platform/clock'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { accountOf } from '../leads/account'
import { salesTeam } from '../leads/assign-owner'
import { briefOf } from '../leads/brief'
import type { Claim } from '../scoring/evidence'
import { explanationOf, type Explanation } from '../scoring/explain'
import type { Lead } from '../leads/lead'
import { activeModel } from '../scoring/model'
import { needsMapOf } from '../scoring/needs-map'
import { readLedger, withoutUnsharedColleagues } from '../scoring/read-ledger'
import { canUndoAcceptance } from '../leads/undo-acceptance'
import { groupOf } from './lead-list'
import { dayOf, relativeTimes } from '../web/relative-time'
import { byDay, timelineOf } from './timeline'

const shownLines = 30

/** The values of the lead's page, as of a moment: nothing later is looked at. `all` shows the whole timeline. */
export async function leadPage(
  { person, lead }: { person: Person; lead: Lead | null },
  reader: Person,
  { at, all }: { at: Date; all: boolean },
  response: Response,
) {
  const [ledger, model, objected, courses, account, team, known] = await Promise.all([
    readLedger(person._id).then(withoutUnsharedColleagues),
    activeModel(),
    hasObjected(person.email),
    publishedCourses(),
    accountOf(person, at),
    salesTeam(),
    namesOfStaff(),
  ])
  const explained = explanationOf(person, ledger, model, objected, at)
  const topics = courses.flatMap(course => course.lessons.flatMap(lesson => lesson.topics))
  const needs = needsMapOf(ledger, topics, at)
  const brief = briefOf(ledger, needs, at)
  const marks = marksOf(brief.claims)
  const owner = lead?.owner ? (known.get(String(lead.owner)) ?? null) : null
  const lines = timelineOf(ledger, weightsOf(explained), known, at, owner)
  const shown = (all ? lines : lines.slice(0, shownLines)).map(line => {
    const n = line.events.map(event => marks.get(event)).find(mark => mark !== undefined)
    return { ...line, n: n ?? null }
  })
  return {
    scripts: ['/js/sales.js'],
    subject: person,
    firstName: person.name.split(/\s+/)[0]!,
    lead,
    owner,
    groupOf,
    dispositionBy: lead?.disposition?.by ? (known.get(String(lead.disposition.by)) ?? null) : null,
    team,
    canUndo: Boolean(lead && canUndoAcceptance(lead, reader._id)),
    minutesLeft: lead?.status === 'new' ? minutesUntil(lead.respondBy) : null,
    explained,
    bar: explained && barOf(explained),
    marks,
    needs,
    brief,
    account,
    days: byDay(anchored(shown)),
    lines: lines.length,
    hidden: lines.length - shown.length,
    moments: relativeTimes(response),
    at,
    today: dayOf(now()),
    asOf: dayOf(at) === dayOf(now()) ? null : dayOf(at),
  }
}

/** The end of the day that was asked for (`YYYY-MM-DD`), or now: for today, the future, and what is no day. */
export function requestedMoment(day: unknown): Date {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return now()
  const end = new Date(`${day}T23:59:59.999Z`)
  return end < now() ? end : now()
}

/** The number of the claim that rests on an event. */
function marksOf(claims: Claim[]): Map<string, number> {
  return new Map(claims.flatMap(({ n, events }) => events.map(event => [event, n] as const)))
}

function weightsOf(explained: Explanation | null): Map<string, number> {
  const events = explained?.groups.flatMap(group => group.rules.flatMap(rule => rule.events)) ?? []
  return new Map(events.map(({ event, weight }) => [event, weight]))
}

/** The newest line of each claim is what its number leads to: ids are unique on a page. */
function anchored<L extends { n: number | null }>(lines: L[]): (L & { anchor: string | null })[] {
  const taken = new Set<number>()
  return lines.map(line => {
    const isFirst = line.n !== null && !taken.has(line.n)
    if (line.n !== null) taken.add(line.n)
    return { ...line, anchor: isFirst ? `event-${line.n}` : null }
  })
}

function barOf({ groups }: Explanation) {
  const families = { learning: 1, intent: 2, account: 3, negative: 5 }
  return {
    groups: groups
      .filter(({ group }) => group !== 'negative')
      .map(({ group, points, rules }) => ({
        group,
        points,
        family: families[group],
        segments: rules.map(rule => rule.points),
      })),
    off: -(groups.find(({ group }) => group === 'negative')?.points ?? 0),
  }
}

export function minutesUntil(moment: Date): number {
  return Math.round((moment.getTime() - now().getTime()) / 60_000)
}

/** Names of everybody who works here, by id: for who answered and who owns. */
export async function namesOfStaff(): Promise<Map<string, string>> {
  const staff = await People.find({ role: { $in: ['sales', 'sales-lead', 'admin'] } }, { name: 1 }).lean<
    Pick<Person, '_id' | 'name'>[]
  >()
  return new Map(staff.map(({ _id, name }) => [String(_id), name]))
}
