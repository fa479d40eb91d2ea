import type { Types } from 'mongoose'
import { later } from '../platform/clock'
import { leadEvents } from '../events/definitions'
import { Events } from '../events/event'
import { activityPurgedBefore } from '../events/purge-activity'
import { seenIn, type SeenEvidence } from './evidence'
import { namedEvents, seenSoFar } from './evidence-so-far'
import { ledgerSumAfter, ledgerSumOf, type LedgerSum } from './ledger-sum'
import {
  ledgerFactsOf,
  canGoOn,
  newTo,
  recordedWithin,
  soFarAfter,
  soFarOf,
  versionOfSoFar,
  type LedgerFacts,
  type LedgerSoFar,
} from './ledger-so-far'
import type { Model } from './model'
import { ledgerVersionOf, readLedger, type Ledger } from './read-ledger'
import { Scores } from './score'
import { hasScoreSeal } from './score-seal'

/** What scores and leads need of a person's ledger. */
export type KnownLedger = {
  /** All events, or those that change a lead; oldest first. */
  events: Ledger
  /** What lists say of the person, at the moment that was asked for. */
  evidence: SeenEvidence
  isWhole: boolean
  version: number
  sum: LedgerSum
  facts: LedgerFacts
  /** What the whole ledger leaves behind; null where it is short. */
  soFar: LedgerSoFar | null
}

/**
 * Reads what scores and leads need of a person's ledger. Of a long one that is what was stored with the score and what
 * came since, so that the cost doesn't depend on its length.
 *
 * @param isWhole reads everything, whatever is stored.
 */
export async function readKnownLedger(
  person: Types.ObjectId,
  model: Model,
  at: Date,
  isWhole = false,
): Promise<KnownLedger> {
  const known = isWhole ? null : await readOn(person, model, at)
  if (known) return known
  const ledger = await readLedger(person)
  return {
    ...{ events: ledger, evidence: seenIn(ledger, at), isWhole: true },
    ...{ version: ledgerVersionOf(ledger), sum: ledgerSumOf(ledger, at) },
    ...{ facts: ledgerFactsOf(ledger), soFar: soFarOf(ledger, model, at) },
  }
}

const fields = { name: 1, at: 1, recordedAt: 1, course: 1, data: 1 } as const

async function readOn(person: Types.ObjectId, model: Model, at: Date): Promise<KnownLedger | null> {
  const score = await Scores.load(person)
  if (!score?.soFar || !score.ledger || score.soFar.model !== model.hash) return null
  const { through } = score.soFar
  const [read, purgedBefore] = await Promise.all([
    Events.find({ person, recordedAt: { $gt: later(new Date(through), -recordedWithin) } }, fields),
    activityPurgedBefore(),
  ])
  // Checked last, because it costs the most.
  if (!canGoOn(score.soFar, purgedBefore, at) || !hasScoreSeal(score)) return null
  const added = newTo(score.soFar, read)
  const soFar = soFarAfter(score.soFar, added, model, at)
  if (!soFar) return null
  // After what is new: what they show is never older than their version says.
  const [events, named] = await Promise.all([
    Events.find({ person, name: { $in: [...leadEvents] } }, fields),
    Events.find({ _id: { $in: namedEvents(soFar.evidence, at) } }, fields),
  ])
  const evidence = seenSoFar(soFar.evidence, named, at)
  if (!evidence) return null
  events.sort((a, b) => a.at.getTime() - b.at.getTime() || a.recordedAt.getTime() - b.recordedAt.getTime())
  const sum = ledgerSumAfter(score.ledger, added)
  return { events, evidence, isWhole: false, version: versionOfSoFar(soFar), sum, facts: soFar, soFar }
}
