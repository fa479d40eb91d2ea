import type { Types } from 'mongoose'
import { days, later, now } from '../platform/clock'
import type { Event } from '../events/event'
import { record } from '../events/record'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { headlineOf } from '../leads/brief'
import { fitOf, gradeOf } from './fit'
import { gateOf, type Gate } from './eligibility'
import { Leads } from '../leads/lead'
import { activeModel, type Model } from './model'
import { projectLead } from '../leads/project-lead'
import { newnessOf, readLedger, type Ledger } from './read-ledger'
import { fallsBelow, score } from './rules'
import { saveNewer } from './save-if-newer'
import { Scores } from './score'
import { searchWords } from './search-words'
import { Snapshots, type Snapshot } from './snapshot'
import { decide, standingOf, type Decision } from './qualification-state'

/**
 * Reaction to everything that bears on a score or a consent: computes it from the ledger, and records `lead.qualified` or
 * `lead.disqualified` when the rules say so.
 */
export async function scoreLead(event: Pick<Event, 'person'>): Promise<void> {
  await scorePerson(event.person)
}

/**
 * Scores one person as of now. What has been decided stands in the ledger under an id made of person and hand-off number, so
 * two workers that score the same person at once, or one that was cut off, end the same.
 */
export async function scorePerson(id: Types.ObjectId): Promise<void> {
  const person = await People.findById(id).lean<Person>()
  if (!person || person.erasedAt) return forget(id)
  if (person.role !== 'prospect') return
  const [model, objected] = await Promise.all([activeModel(), hasObjected(person.email)])
  // A decision is an event, and the next look finds it in the ledger: a second round decides nothing more.
  for (let round = 1; ; round++) {
    const judged = judge(person, await readLedger(id), model, objected)
    if (judged.decision.deed === 'none' || round === 3) return keep(person, model, judged)
    await recordDecision(id, judged)
  }
}

export type Judged = {
  at: Date
  ledger: Ledger
  gate: Gate
  fit: number
  grade: string
  scored: ReturnType<typeof score>
  sequence: number
  decision: Decision
  ready: boolean
}

/** Everything that follows from somebody's record, ledger and model at this moment; writes nothing. */
export function judge(person: Person, ledger: Ledger, model: Model, objected: boolean, at = now()): Judged {
  const { content } = model
  const gate = gateOf(person, ledger, content.blocked, objected)
  const scored = score(gate.mayScore ? ledger : [], content, at)
  const fit = fitOf(person, content.fit).points
  const grade = gradeOf(fit, scored.points, content)
  const standing = standingOf(ledger)
  const about = { closed: gate.closed, engagement: scored.points, grade, ledger }
  const decision = decide(standing, about, content, at)
  return {
    at,
    ledger,
    gate,
    fit,
    grade,
    scored,
    sequence: standing.sequence,
    decision,
    ready: standing.ready,
  }
}

async function recordDecision(person: Types.ObjectId, judged: Judged): Promise<void> {
  const { decision, at, gate, scored, fit, grade } = judged
  const points = gate.mayScore ? scored.points : null
  if (decision.deed === 'qualify') {
    const sequence = judged.sequence + 1
    const { trigger } = decision
    const data = { trigger, band: grade, score: points, fit, sequence }
    await record({ name: 'lead.qualified', person, at, once: [sequence], data })
  } else if (decision.deed === 'disqualify') {
    const { reason } = decision
    const data = { reason, score: points }
    await record({ name: 'lead.disqualified', person, at, once: [judged.sequence, reason], data })
  }
}

async function keep(person: Person, model: Model, judged: Judged): Promise<void> {
  const { at, gate, scored, ready, ledger } = judged
  const shown = gate.mayScore
  const { enter, exit } = model.content
  const before = await saveNewer(Scores, person._id, {
    ledger: newnessOf(ledger),
    at,
    model: model._id,
    engagement: shown ? scored.points : null,
    fit: shown ? judged.fit : null,
    grade: shown ? judged.grade : null,
    sums: scored.sums,
    shares: shown ? scored.groups : null,
    why: shown ? headlineOf(ledger, at) : [],
    ready,
    almost: !gate.closed && !ready && scored.points >= exit && scored.points < enter,
    search: gate.closed ? [] : searchWords(person),
    dueAt: nextLook(judged, model),
    lastError: null,
  })
  if (before === undefined || !shown) return
  // Who was never handed over is no lead.
  if (judged.sequence > 0) {
    await Leads.updateOne(
      { _id: person._id },
      { $set: { score: scored.points, fit: judged.fit, grade: judged.grade } },
    )
  }
  if (before?.grade !== judged.grade) {
    const id = `${person._id}:${newnessOf(ledger)}:${judged.grade}`
    await keepSnapshot(id, person._id, 'band', before?.grade ?? null, judged, model)
  }
}

/**
 * When time alone may change something: the fall below the exit, the end of a waiting time, and once a day as long as the
 * score is high enough to be shown in a list.
 */
function nextLook(judged: Judged, model: Model): Date | null {
  const { at, scored, decision, gate } = judged
  if (gate.closed) return null
  const daily = scored.points >= model.content.exit || judged.ready ? later(at, days(1)) : null
  const falls = judged.ready ? fallsBelow(scored.sums, model.content, at, model.content.exit) : null
  const again = decision.deed === 'none' ? decision.again : null
  const moments = [daily, falls, again].filter(moment => moment !== null)
  return moments.length ? new Date(Math.min(...moments.map(Number))) : null
}

/** Reaction to `lead.qualified`: keeps what the score was made of at that moment, however late this runs. */
export async function keepHandOff(event: Event<'lead.qualified'>): Promise<void> {
  const person = await People.findById(event.person).lean<Person>()
  if (!person || person.erasedAt) return
  const model = await activeModel()
  const past = (await readLedger(event.person)).filter(each => each.at <= event.at)
  const judged = judge(person, past, model, false, event.at)
  await keepSnapshot(event._id, person._id, 'hand-off', null, { ...judged, grade: event.data.band }, model)
}

async function keepSnapshot(
  id: string,
  person: Types.ObjectId,
  kind: Snapshot['kind'],
  before: string | null,
  judged: Judged,
  model: Model,
): Promise<void> {
  const snapshot: Omit<Snapshot, '_id'> = {
    person,
    at: judged.at,
    kind,
    grade: judged.grade,
    before,
    engagement: judged.scored.points,
    fit: judged.fit,
    model: model._id,
    contributions: judged.scored.contributions,
  }
  await Snapshots.updateOne({ _id: id }, { $setOnInsert: snapshot }, { upsert: true })
}

async function forget(person: Types.ObjectId): Promise<void> {
  await Scores.deleteOne({ _id: person })
  await Snapshots.deleteMany({ person })
  await projectLead({ person })
}
