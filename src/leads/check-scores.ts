import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { log } from '../platform/log'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { activeModel } from '../scoring/model'
import { scoreLater } from '../scoring/rules'
import { readLedger } from '../scoring/read-ledger'
import { Scores, type Score } from '../scoring/score'
import { evaluate } from '../scoring/score-person'
import { scoreLead } from './score-lead'

/** Somebody whose kept score is not what the ledger says. */
export type ScoreDifference = { person: Types.ObjectId; stored: number | null; computed: number | null }

const tolerance = 0.01

/**
 * The nightly check: computes everybody from the ledger and compares with what is kept, brought forward to the same moment.
 * Whoever differs is named in the log and in the answer, and scored again.
 */
export async function checkScores(): Promise<ScoreDifference[]> {
  const model = await activeModel()
  const at = now()
  const differences: ScoreDifference[] = []
  for await (const kept of Scores.find().sort({ _id: 1 }).lean<Score[]>().cursor()) {
    const person = await People.findById(kept._id).lean<Person>()
    if (!person) continue
    const ledger = await readLedger(kept._id)
    const judged = evaluate(person, ledger, model, await hasObjected(person.email), at)
    const computed = judged.eligibility.mayScore ? judged.scored.points : null
    const shown =
      kept.engagement === null ? null : scoreLater(kept.rawPointsByRule, model.content, kept.at, at).points
    if (computed === shown || Math.abs((computed ?? Infinity) - (shown ?? Infinity)) <= tolerance) continue
    differences.push({ person: kept._id, stored: shown, computed })
    log.warn(
      { person: kept._id, kept: shown, computed },
      'a kept score differs from the ledger; it is scored again',
    )
    await scoreLead({ person: kept._id })
  }
  return differences
}
