import { isDeepStrictEqual } from 'node:util'
import type { Types } from 'mongoose'
import { absencesSince, isAway, localDayOf, type Absence } from '../leads/absence'
import { assignableTeam } from '../leads/assignable-team'
import { canUndoHandover } from '../leads/hand-over'
import { Leads } from '../leads/lead'
import { isRegion } from '../leads/regions'
import { matchOf, personIn } from '../leads/routing-choice'
import type { RoutingContent, RoutingRule, RoutingTarget } from '../leads/routing-rules'
import { People, timeZoneOf, type Person } from '../people/person'
import { profileQuestions } from '../people/profile-question'
import { now } from '../platform/clock'
import type { Texts } from '../web/texts'
import { noFilters } from './lead-filters'
import { namesOfStaff } from './lead-list'
import { leadsPath } from './leads-view'

/** What the pages about routing read from the database, besides the rules. */
export type RoutingWorld = {
  team: Person[]
  /** Reps who are suspended. */
  suspended: Person[]
  absences: Absence[]
  /** How many open leads each of the team has. */
  open: Map<string, number>
  nameOf: (id: string) => string
  /** The questions about learners whose answers sales may see, by id. */
  questions: Map<string, string>
}

/** The most suspended reps that the page names. */
const maxSuspended = 50

export async function readRoutingWorld({ t }: Texts): Promise<RoutingWorld> {
  const [team, suspended, absences, names, questions] = await Promise.all([
    assignableTeam(),
    People.find({ role: 'sales', suspendedAt: { $ne: null }, erasedAt: null }).limit(maxSuspended),
    absencesSince(now()),
    namesOfStaff(),
    profileQuestions(),
  ])
  const open = await Promise.all(team.map(({ _id }) => Leads.count({ owner: _id, rank: { $in: [0, 1] } })))
  return {
    ...{ team, suspended, absences },
    open: new Map(team.map(({ _id }, n) => [String(_id), open[n]!])),
    nameOf: id => names.get(id) ?? t('sales:lead.formerTeammate'),
    questions: new Map(
      questions.filter(({ forSales }) => forSales).map(({ _id, label }) => [String(_id), label]),
    ),
  }
}

/** Returns the rows of the rules, in their order; those of a draft say what differs from `published`. */
export function ruleRows(
  content: RoutingContent,
  world: RoutingWorld,
  texts: Texts,
  published?: RoutingContent,
) {
  return content.rules.map((rule, n) => ruleRow(rule, n, content, world, texts, published))
}

function ruleRow(
  rule: RoutingRule,
  n: number,
  content: RoutingContent,
  world: RoutingWorld,
  texts: Texts,
  published?: RoutingContent,
) {
  const { t, number } = texts
  const kind = matchOf(rule)
  const all = content.rules.slice(0, n).find(each => matchOf(each) === 'everyLead')
  return {
    id: rule.id,
    number: number(n + 1),
    name: rule.name,
    conditions: [t(`sales:routing.kind.${kind}`), conditionsText(rule, world, texts)]
      .filter(Boolean)
      .join(': '),
    behind: all ? t('sales:routing.behind', { name: all.name }) : '',
    target: targetText(rule.target, content, world, texts),
    response: t('sales:routing.hours', { count: rule.responseHours ?? content.response.hours }),
    changed: changedTag(rule, published?.rules, content.rules, texts),
    isFirst: n === 0,
    isLast: n === content.rules.length - 1,
  }
}

/**
 * The word for an item that is new, changed or moved against what is published; empty for none.
 *
 * @param items all of them where their order counts; an item has moved when it has passed another.
 */
export function changedTag<Item extends { id: string }>(
  item: Item,
  published: Item[] | undefined,
  items: Item[] | null,
  { t }: Texts,
): string {
  if (!published) return ''
  const before = published.find(({ id }) => id === item.id)
  if (!before) return t('sales:routing.tag.new')
  if (!isDeepStrictEqual(before, item)) return t('sales:routing.tag.changed')
  const placeIn = (list: Item[], other: Item[]) =>
    list.filter(({ id }) => other.some(each => each.id === id)).findIndex(({ id }) => id === item.id)
  const isMoved = items && placeIn(items, published) !== placeIn(published, items)
  return isMoved ? t('sales:routing.tag.moved') : ''
}

/** Returns what a rule asks for, such as `United Kingdom or Nordics; topic food`; empty for every lead. */
function conditionsText({ when, target }: RoutingRule, { questions }: RoutingWorld, texts: Texts): string {
  const { t, countryName } = texts
  const { companies, domains, countries, topics, answer } = when
  const list = (values: readonly string[]) => listText(values, texts)
  const place = (each: string) => (isRegion(each) ? t(`sales:routing.region.${each}`) : countryName(each))
  return [
    target.kind === 'crm' && t('sales:routing.when.crm'),
    companies.length && t('sales:routing.when.companies', { list: list(companies) }),
    countries.length && t('sales:routing.when.countries', { list: list(countries.map(place)) }),
    domains.length && t('sales:routing.when.domains', { list: list(domains) }),
    topics.length && t('sales:routing.when.topics', { list: list(topics) }),
    answer &&
      t('sales:routing.when.answer', {
        question: questions.get(answer.question) ?? t('sales:routing.when.removedQuestion'),
        list: list(answer.values),
      }),
  ]
    .filter(Boolean)
    .join('; ')
}

const maxShown = 6

function listText(values: readonly string[], { t }: Texts): string {
  const shown = values.slice(0, maxShown).join(', ')
  const more = values.length - maxShown
  return more > 0 ? t('sales:routing.andMore', { shown, count: more }) : shown
}

/** Returns who gets the leads of a rule, with the members of a pool. */
function targetText(
  target: RoutingTarget,
  { pools }: RoutingContent,
  { nameOf }: RoutingWorld,
  texts: Texts,
): string {
  const { t } = texts
  if (target.kind === 'crm') return t('sales:routing.target.crm')
  if (target.kind === 'teammate') return nameOf(target.id)
  const pool = pools.find(({ id }) => id === target.id)
  return pool ? t('sales:routing.target.pool', { name: pool.name, count: pool.members.length }) : ''
}

/** Returns the rows of the team: how much each takes, when they work, and when they are away. */
export function teamRows(
  content: RoutingContent,
  world: RoutingWorld,
  texts: Texts,
  published?: RoutingContent,
) {
  const { t, number, zoneName } = texts
  return world.team.map(person => {
    const id = String(person._id)
    const entry = personIn(content, id)
    const open = world.open.get(id) ?? 0
    const isAwayNow = isAway(person, world.absences, now())
    const before = published && personIn(published, id)
    const openOfThem = { tab: 'team' as const, filters: { ...noFilters, facets: { owner: id } } }
    return {
      id,
      name: person.name,
      /** Who leads sales suspends reps; administrators everyone, on a page of their own. */
      suspendAction: person.role === 'sales' ? `/admin/people/${id}/suspension` : null,
      role: t(`admin:roles.${person.role}`),
      weight: number(entry.weight),
      open: {
        text:
          entry.capacity === null
            ? number(open)
            : t('sales:routing.openOf', { open: number(open), capacity: number(entry.capacity) }),
        href: open ? leadsPath(openOfThem) : null,
      },
      isFull: entry.capacity !== null && open >= entry.capacity,
      hours: hoursText(entry, texts),
      zone: zoneName(timeZoneOf(person)),
      calendar: content.calendars.find(each => each.id === entry.calendar)?.name ?? '',
      away: isAwayNow ? t('sales:routing.awayNow') : '',
      pools: content.pools.flatMap(pool => (pool.members.includes(id) ? pool.name : [])).join(', '),
      changed: before && !isDeepStrictEqual(before, entry) ? t('sales:routing.tag.changed') : '',
    }
  })
}

/** Such as `Mon–Fri, 09:00–17:00`. */
function hoursText(
  { days, opens, closes }: { days: number[]; opens: number; closes: number },
  { t }: Texts,
): string {
  const sorted = [...days].sort()
  const isRun = sorted.every((day, n) => n === 0 || day === sorted[n - 1]! + 1)
  const day = (each?: number) => t(`sales:routing.weekday.${each}`)
  const shown =
    isRun && sorted.length > 2
      ? t('sales:routing.span', { from: day(sorted[0]), to: day(sorted.at(-1)) })
      : sorted.map(day).join(', ')
  return `${shown}, ${t('sales:routing.span', { from: clock(opens), to: clock(closes) })}`
}

/** 540 becomes `09:00`. */
function clock(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map(each => String(each).padStart(2, '0')).join(':')
}

/** Returns what follows when no rule has anybody free, and the times of the response, in sentences. */
export function restTexts({ response, fallback, overflow, pools }: RoutingContent, { t }: Texts): string[] {
  const pool = pools.find(({ id }) => id === fallback)
  const { hours, remindBefore, escalateAfter, reassignAfter } = response
  const after = (key: string, value: number | null) =>
    value === null
      ? ''
      : t(`sales:routing.rest.${key}${value ? '' : 'AtOnce'}`, {
          time: t('sales:routing.hours', { count: value }),
        })
  return [
    pool ? t('sales:routing.rest.pool', { name: pool.name }) : t('sales:routing.rest.everybody'),
    t(`sales:routing.rest.overflow.${overflow}`),
    t('sales:routing.rest.response', { time: t('sales:routing.hours', { count: hours }) }),
    after('remind', remindBefore),
    after('escalate', escalateAfter),
    after('reassign', reassignAfter),
  ].filter(Boolean)
}

/** Returns the rows of the absences that are not over, the earliest first, with what the reader may do. */
export function absenceRows(
  { team, absences, nameOf, open }: RoutingWorld,
  reader: Pick<Person, '_id'>,
  isLead: boolean,
  texts: Texts,
) {
  const { t, date } = texts
  const day = (each: string) => date(new Date(each), 'day')
  const person = (id: Types.ObjectId) => team.find(({ _id }) => _id.equals(id))
  return absences.flatMap(absence => {
    const teammate = person(absence.teammate)
    if (!teammate || absence.until < localDayOf(now(), teammate)) return []
    const mayChange = isLead || absence.teammate.equals(reader._id)
    const path = `/sales/routing/absences/${absence._id}`
    const name = nameOf(String(absence.teammate))
    const count = open.get(String(absence.teammate)) ?? 0
    return {
      name,
      when: t('sales:routing.span', { from: day(absence.from), to: day(absence.until) }),
      removeAction: mayChange ? `${path}/removal` : null,
      removeLabel: t('sales:routing.absence.removeLabel', { name }),
      handover:
        mayChange && count
          ? { action: `${path}/handover`, label: t('sales:routing.absence.handOver', { count, name }) }
          : null,
      undo: mayChange && canUndoHandover(absence, reader._id) ? `${path}/handover/undo` : null,
    }
  })
}
