import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { log } from '../platform/log'
import { People } from '../people/person'
import { readCircumstances } from '../scoring/circumstances'
import { activeModel } from '../scoring/model'
import { scoreLater } from '../scoring/rules'
import { readLedger } from '../scoring/read-ledger'
import { Scores } from '../scoring/score'
import { evaluate } from '../scoring/score-person'
import { scoreLead } from './score-lead'

/** A person whose stored score isn't what the ledger says. */
export type ScoreDifference = { person: Types.ObjectId; stored: number | null; computed: number | null }

/** In points. */
const tolerance = 0.01

/**
 * The nightly check: computes every score from the ledger and compares it with the stored one, carried forward to the
 * same moment. Scores that differ are logged, returned, and computed again.
 */
export async function checkScores(): Promise<ScoreDifference[]> {
  const model = await activeModel()
  const at = now()
  const differences: ScoreDifference[] = []
  for await (const score of Scores.find().sort({ _id: 1 }).cursor()) {
    const person = await People.findById(score._id)
    if (!person) continue
    const ledger = await readLedger(score._id)
    const evaluation = evaluate(person, ledger, model, await readCircumstances(person), at)
    const computed = evaluation.eligibility.mayScore ? evaluation.scored.points : null
    const stored =
      score.engagement === null ? null : scoreLater(score.rawPointsByRule, model.content, score.at, at).points
    if (isSame(stored, computed)) continue
    differences.push({ person: score._id, stored, computed })
    log.warn({ person: score._id, stored, computed }, 'stored score differs from the ledger; rescoring')
    await scoreLead({ person: score._id })
  }
  return differences
}

function isSame(a: number | null, b: number | null): boolean {
  return a === b || (a !== null && b !== null && Math.abs(a - b) <= tolerance)
}
