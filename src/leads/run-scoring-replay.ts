import { Types } from 'mongoose'
import { Events } from '../events/event'
import { People } from '../people/person'
import { days, later } from '../platform/clock'
import { work, type Consumer } from '../platform/queue'
import { keyOfChange } from '../scoring/apply-change'
import { comparedModels, comparePerson, type ComparedPerson } from '../scoring/compare-models'
import { questionsAskedBy } from '../scoring/fit'
import { countHistories, readHistories } from '../scoring/histories'
import { modelVersion } from '../scoring/model'
import { outcomeAfter, purchaseAfter, replayReport, type ReplayReport } from '../scoring/replay-report'
import { absencesSince, isAway } from './absence'
import { assignableTeam } from './assignable-team'
import { salesInterestIn } from './lead-state'
import { longRun, longRunEnd, longRunPolicy, untilStopped } from './long-run'
import { chooseOwner, turnDays, type RoutingLead } from './routing-choice'
import { routingLeads } from './routing-facts'
import { activeRouting } from './routing-rules'
import { ReplayMoves, ScoringReplays, type RepLoad, type ScoringReplay } from './scoring-replay'

/** How far back a replay goes, in days: what people did is kept for 13 months. */
const replayDays = 395
const atOnce = 200

/** The consumer of replays. One whose process has died starts again, since it has written nothing that counts. */
export const runReplays: Consumer = work(ScoringReplays, longRunPolicy, replay =>
  untilStopped(
    () => run(replay),
    () => forgetCancelled(replay),
  ),
)

/** Rows that were on their way when a teammate cancelled. Those of a run that another worker has taken over stay. */
async function forgetCancelled({ _id }: ScoringReplay): Promise<void> {
  const isCancelled = await ScoringReplays.exists({ _id, state: 'cancelled' })
  if (isCancelled) await ReplayMoves.deleteMany({ replay: _id })
}

async function run(replay: ScoringReplay): Promise<void> {
  const { _id, version, draft, at: until } = replay
  const startedAt = performance.now()
  const active = await modelVersion(version)
  if (!active) throw new Error(`There is no scoring model ${version}`)
  await ReplayMoves.deleteMany({ replay: _id })
  const progress = { people: 0, of: await countHistories(), events: 0 }
  const { save, rest } = longRun(ScoringReplays, replay, progress)
  const from = await beginningOf(until)
  const models = comparedModels(active.content, draft)
  const people: ComparedPerson[] = []
  const questions = [...questionsAskedBy(active.content), ...questionsAskedBy(draft)]
  for await (const portion of readHistories(questions)) {
    for (const history of portion) {
      people.push(comparePerson(history, models, salesInterestIn, { from, until }))
      progress.people++
      progress.events += history.ledger.length
      await rest()
    }
  }
  const { changes } = models
  const seed = parseInt(replay.activeHash.slice(0, 8), 16) ^ parseInt(replay.draftHash.slice(0, 8), 16)
  const { events } = progress
  const given = { from, until, events, capacity: replay.capacity, changes, seed, rest }
  const report = await replayReport(people, given)
  await saveMoves(replay, people, report, rest)
  const reps = await loadByRep(people, report, rest)
  await save({
    ...{ report, reps, progress, took: performance.now() - startedAt },
    ...longRunEnd,
  })
}

/** Returns where the history begins: 13 months before, or with the first person who signed up. */
async function beginningOf(until: Date): Promise<Date> {
  const [first] = await Events.find({ name: 'person.signed_up' }, { at: 1 }).sort({ at: 1, _id: 1 }).limit(1)
  const earliest = later(until, -days(replayDays))
  return first && first.at > earliest && first.at < until ? first.at : earliest
}

type Rest = () => Promise<void>

async function saveMoves(
  { _id: replay }: ScoringReplay,
  people: readonly ComparedPerson[],
  { changes, until }: ReplayReport,
  rest: Rest,
): Promise<void> {
  const rows = people.flatMap(person => {
    if (!person.move) return []
    const { direction, change, at, scores, events, lastEventAt } = person.move
    const bought = purchaseAfter(person.purchases, at)
    return [
      {
        _id: `${replay}:${person.person}`,
        ...{ replay, person: new Types.ObjectId(person.person), direction, events },
        ...{ change: keyOfChange(changes[change]!), at: new Date(at), active: scores[0], draft: scores[1] },
        outcome: outcomeAfter(person, at, until.getTime()),
        lastEventAt: lastEventAt === null ? null : new Date(lastEventAt),
        ...{ amount: bought?.amount ?? null, currency: bought?.currency ?? null },
      },
    ]
  })
  for (let start = 0; start < rows.length; start += atOnce) {
    const some = rows.slice(start, start + atOnce)
    // Someone may have been erased since their history was read.
    const living = await People.distinct('_id', { _id: { $in: some.map(row => row.person) }, erasedAt: null })
    const isLiving = new Set(living.map(String))
    await ReplayMoves.insertMany(some.filter(row => isLiving.has(String(row.person))))
    await rest()
  }
}

/** A lead takes its owner's time for so long at most. */
const openFor = days(30)

/**
 * Gives every hand-off of both models to the team of today, by the rules of today and with its absences. Everyone
 * begins without leads, and a lead is open until it cooled, was won or lost, for 30 days at most.
 */
async function loadByRep(
  people: readonly ComparedPerson[],
  { weeks, from, until }: ReplayReport,
  rest: Rest,
): Promise<RepLoad[]> {
  const [team, absences, routing] = await Promise.all([
    assignableTeam(),
    absencesSince(from),
    activeRouting(),
  ])
  const handedOff = people.filter(({ active, draft }) => active.length || draft.length)
  const asked = new Map<string, RoutingLead>()
  for (let start = 0; start < handedOff.length; start += atOnce) {
    const ids = handedOff.slice(start, start + atOnce).map(({ person }) => person)
    const found = await People.find({ _id: { $in: ids }, erasedAt: null })
    const subjects = found.map(person => ({ person, at: until }))
    for (const [id, lead] of await routingLeads(subjects, routing.content)) asked.set(id, lead)
    await rest()
  }
  const loads = new Map(
    team.map(({ _id }) => [
      String(_id),
      { id: String(_id), active: weeks.map(() => 0), draft: weeks.map(() => 0) },
    ]),
  )
  for (const side of ['active', 'draft'] as const) {
    const states = team.map(person => ({ person, ends: [] as number[], turns: [] as number[], lastAt: 0 }))
    const leads = handedOff.flatMap(person =>
      person[side].map(({ at, endedAt }) => ({ id: person.person, at, end: endOf(person, at, endedAt) })),
    )
    for (const { id, at, end } of leads.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))) {
      const lead = asked.get(id)
      if (!lead) continue
      const reps = states.map(state => {
        state.ends = state.ends.filter(each => each > at)
        state.turns = state.turns.filter(each => each >= at - days(turnDays))
        return {
          ...{ id: String(state.person._id), role: state.person.role, lastAt: state.lastAt },
          ...{ open: state.ends.length, recent: state.turns.length },
          isAbsent: isAway(state.person, absences, new Date(at)),
        }
      })
      const { owner } = chooseOwner(routing, lead, reps)
      const state = states.find(({ person }) => String(person._id) === owner)
      if (!state) continue
      state.ends.push(end)
      state.turns.push(at)
      state.lastAt = at
      loads.get(owner!)![side][weeks.findLastIndex(({ week }) => week.getTime() <= at)]!++
      await rest()
    }
  }
  return [...loads.values()].filter(({ active, draft }) => [...active, ...draft].some(Boolean))
}

function endOf({ purchases, lostAt }: ComparedPerson, at: number, endedAt: number | null): number {
  const ends = [endedAt ?? Infinity, ...purchases.map(purchase => purchase.at), ...lostAt]
  return Math.min(at + openFor, ...ends.filter(end => end > at))
}
