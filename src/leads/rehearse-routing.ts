import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import { Events, isNamed } from '../events/event'
import { People } from '../people/person'
import { absencesSince, isAway } from './absence'
import { assignableTeam } from './assignable-team'
import { Leads, type Lead } from './lead'
import { chooseOwner, personIn, turnDays, type RoutingRep } from './routing-choice'
import { routingLeads } from './routing-facts'
import type { AssignmentReason } from './routing-reason'
import type { RoutingContent } from './routing-rules'

/** How far back a rehearsal goes, in days. */
const rehearsalDays = 90
/** The most leads of a rehearsal: of more, the latest. */
const maxLeads = 2000
const atOnce = 200
const maxListed = 200

/** A lead that the draft gives to someone: to whoever has it, or to someone else. */
export type RoutingMove = {
  person: Types.ObjectId
  at: Date
  from: string
  to: string | null
  why: AssignmentReason
}

type RehearsedRep = {
  id: string
  /** Leads of the period: as they were given, and by the draft. */
  now: number
  draft: number
  /** The same by week, in the order of `weeks`. */
  nowByWeek: number[]
  draftByWeek: number[]
  /** The most open leads at a time by the draft; `capacity` is null for any number. */
  peak: number
  capacity: number | null
  /** Leads that passed them by because they were at capacity. */
  passedFull: number
}

export type Rehearsal = {
  from: Date
  until: Date
  leads: number
  /** True when there were more than a rehearsal has. */
  isCut: boolean
  /** The Mondays of its weeks, UTC. */
  weeks: Date[]
  reps: RehearsedRep[]
  /** The leads that each rule would have got, the latest first; those of no rule by `fallback` and `overflow`. */
  byRule: Map<string, RoutingMove[]>
  moved: number
  /** The latest of those that move; at most 200. */
  moves: RoutingMove[]
}

/**
 * Gives the leads of the last 90 days again, by the draft: each at its moment, to the team of today with its absences
 * and what the draft had given until then. Nothing is written or sent. A lead counts as open until sales ended it.
 */
export async function rehearseRouting(content: RoutingContent): Promise<Rehearsal> {
  const until = now()
  const from = later(until, -days(rehearsalDays))
  const [given, team, absences] = await Promise.all([
    firstAssignments(later(from, -days(turnDays))),
    assignableTeam(),
    absencesSince(from),
  ])
  const inPeriod = given.filter(({ at }) => at >= from)
  const base = await Promise.all(
    team.map(({ _id }) => Leads.count({ owner: _id, rank: { $in: [0, 1] }, assignedAt: { $lt: from } })),
  )
  const weeks = mondaysBetween(inPeriod[0]?.at ?? until, until)
  const weekOf = (at: Date) => weeks.findLastIndex(week => week <= at)
  const byId = new Map<string, RehearsedRep>()
  const repOf = (id: string) => {
    const known = byId.get(id)
    if (known) return known
    const zeros = () => weeks.map(() => 0)
    const { capacity } = personIn(content, id)
    const made = {
      id,
      now: 0,
      draft: 0,
      nowByWeek: zeros(),
      draftByWeek: zeros(),
      peak: 0,
      capacity,
      passedFull: 0,
    }
    byId.set(id, made)
    return made
  }
  const states = team.map((person, n) => {
    repOf(String(person._id)).peak = base[n]!
    const before = given.filter(({ at, owner }) => at < from && owner === String(person._id))
    return {
      person,
      base: base[n]!,
      /** When each lead that the draft gave them ends. */
      ends: [] as number[],
      turns: before.map(({ at }) => at.getTime()),
      lastAt: before.at(-1)?.at.getTime() ?? 0,
    }
  })
  const repAt = (state: (typeof states)[number], at: Date): RoutingRep => {
    state.ends = state.ends.filter(end => end > at.getTime())
    state.turns = state.turns.filter(turn => turn >= at.getTime() - days(turnDays))
    return {
      ...{
        id: String(state.person._id),
        role: state.person.role,
        isAbsent: isAway(state.person, absences, at),
      },
      ...{ open: state.base + state.ends.length, recent: state.turns.length, lastAt: state.lastAt },
    }
  }

  const byRule = new Map<string, RoutingMove[]>()
  const moves: RoutingMove[] = []
  let leads = 0
  for (let start = 0; start < inPeriod.length; start += atOnce) {
    const chunk = inPeriod.slice(start, start + atOnce)
    const ids = { _id: { $in: chunk.map(({ person }) => person) } }
    const [people, ended] = await Promise.all([
      People.find({ ...ids, erasedAt: null }),
      Leads.find(ids, { rank: 1, closed: 1, disposition: 1, deals: 1 }),
    ])
    const endOf = new Map(ended.map(lead => [String(lead._id), endedAt(lead)]))
    const personOf = new Map(people.map(person => [String(person._id), person]))
    const subjects = chunk.flatMap(({ person, at }) => {
      const found = personOf.get(String(person))
      return found ? { person: found, at } : []
    })
    const asked = await routingLeads(subjects, content)
    for (const { person, at, owner, isBooked } of chunk) {
      const lead = asked.get(String(person))
      if (!lead) continue
      leads++
      const reps = states.map(state => repAt(state, at))
      // Whoever gives the booked demo gets the lead, by any rules.
      const choice = isBooked ? null : chooseOwner({ number: null, content }, lead, reps)
      const to = choice ? choice.owner : owner
      const week = weekOf(at)
      repOf(owner).now++
      repOf(owner).nowByWeek[week]!++
      if (to !== null) {
        const rep = repOf(to)
        rep.draft++
        rep.draftByWeek[week]!++
        const state = states.find(each => String(each.person._id) === to)
        state?.ends.push(endOf.get(String(person)) ?? Infinity)
        state?.turns.push(at.getTime())
        if (state) Object.assign(state, { lastAt: at.getTime() })
        if (state) rep.peak = Math.max(rep.peak, state.base + state.ends.length)
      }
      if (!choice) continue
      const { why } = choice
      for (const { teammate, because } of why.passed) if (because === 'full') repOf(teammate).passedFull++
      const move = { person, at, from: owner, to, why }
      const key = why.rule || why.kind
      const ofRule = byRule.get(key) ?? []
      byRule.set(key, ofRule)
      ofRule.push(move)
      if (to !== owner) moves.push(move)
    }
  }
  for (const ofRule of byRule.values()) ofRule.reverse()
  return {
    ...{ from, until, leads, weeks, byRule, moved: moves.length },
    isCut: given.length >= maxLeads,
    reps: [...byId.values()],
    moves: moves.slice(-maxListed).reverse(),
  }
}

type FirstAssignment = { person: Types.ObjectId; at: Date; owner: string; isBooked: boolean }

/** What the rules have given to a first owner since a moment, oldest first. */
async function firstAssignments(since: Date): Promise<FirstAssignment[]> {
  const events = await Events.find(
    { name: 'lead.assigned', at: { $gte: since } },
    { name: 1, at: 1, person: 1, data: 1 },
  )
    .sort({ at: -1, _id: -1 })
    .limit(maxLeads)
  return events
    .filter(isNamed('lead.assigned'))
    .flatMap(({ person, at, data: { owner, from, by, why } }) =>
      owner && !from && !by ? { person, at, owner, isBooked: why?.kind === 'demo' } : [],
    )
    .reverse()
}

/** When sales was done with a lead, in milliseconds; never for one that is open. */
function endedAt({
  rank,
  closed,
  disposition,
  deals,
}: Pick<Lead, 'rank' | 'closed' | 'disposition' | 'deals'>) {
  if (rank <= 1) return Infinity
  const ends = [closed?.at, disposition?.at, ...deals.map(({ closedAt }) => closedAt)]
  return Math.max(...ends.map(end => end?.getTime() ?? 0))
}

function mondaysBetween(from: Date, until: Date): Date[] {
  const day = Math.floor(from.getTime() / days(1))
  // The first day of 1970 was a Thursday.
  const first = day - ((day + 3) % 7)
  const mondays: Date[] = []
  for (let each = first; each * days(1) <= until.getTime(); each += 7) mondays.push(new Date(each * days(1)))
  return mondays
}
