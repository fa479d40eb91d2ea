import type { Types } from 'mongoose'
import { activeConsentsAt } from '../people/consent'
import { People, type Person } from '../people/person'
import { objectedBefore } from '../people/suppression'
import { readCircumstances } from './circumstances'
import { modelAt, modelVersion, type Model } from './model'
import { readLedger, type Ledger } from './read-ledger'
import { evaluate, type Evaluation } from './score-person'

/** A score as of a moment, and the version of the model that it follows. */
export type PastScore = Pick<
  Evaluation,
  'at' | 'eligibility' | 'fit' | 'grade' | 'scored' | 'isQualified'
> & {
  model: number
}

/**
 * Returns the score of a person as it was at a moment, without anything that came later: events count when they had
 * happened and were recorded by then, and so do deals of colleagues, consents, pauses, objections and answers to the
 * needs assessment. Name, title, country and company are those of today, because nothing says what they were before.
 * Activity that has been deleted after 13 months is missing. The same call returns the same, to the last bit.
 *
 * @param version of the model; by default the one that was active then.
 * @returns null for someone who doesn't exist, or was erased.
 * @throws Error when the version doesn't exist, or was changed in the database.
 */
export async function scoreAt(id: Types.ObjectId, at: Date, version?: number): Promise<PastScore | null> {
  const person = await People.findById(id)
  if (!person || person.erasedAt) return null
  const [model, ledger, circumstances, consents, objected] = await Promise.all([
    version === undefined ? modelAt(at) : requireVersion(version),
    readLedger(id),
    readCircumstances(person),
    activeConsentsAt(id, at),
    objectedBefore(person.email, at),
  ])
  const known = knownAt(ledger, at)
  const then: Person = {
    ...person,
    consents: consents.map(({ purpose }) => purpose),
    sharingPausedAt: pausedAt(known),
    needsAssessment:
      person.needsAssessment && person.needsAssessment.at <= at ? person.needsAssessment : null,
  }
  const colleagueDeals = circumstances.colleagueDeals.map(events => knownAt(events, at))
  const evaluation = evaluate(then, known, model, { ...circumstances, objected, colleagueDeals }, at)
  const { eligibility, fit, grade, scored, isQualified } = evaluation
  return { at, model: model._id, eligibility, fit, grade, scored, isQualified }
}

/** Returns the events that had happened and were recorded at a moment. */
function knownAt<E extends Pick<Ledger[number], 'at' | 'recordedAt'>>(events: readonly E[], at: Date): E[] {
  return events.filter(event => event.at <= at && (event.recordedAt ?? event.at) <= at)
}

/** Returns since when sharing is paused, by the last event that paused or resumed it, or withdrew the consent. */
function pausedAt(ledger: Ledger): Date | null {
  const last = ledger.findLast(
    ({ name, data }) =>
      name === 'sharing.paused' ||
      name === 'sharing.resumed' ||
      (name === 'consent.withdrawn' && 'purpose' in data && data.purpose === 'share_with_sales'),
  )
  return last?.name === 'sharing.paused' ? last.at : null
}

async function requireVersion(version: number): Promise<Model> {
  const model = await modelVersion(version)
  if (!model) throw new Error(`There is no version ${version} of the scoring model`)
  return model
}
