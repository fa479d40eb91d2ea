import type { RecordOf } from '../platform/record'
import { isSealOf, sealOf } from '../platform/record-seal'
import type { Scores } from './score'
import type { Snapshot } from './snapshot'

type Score = RecordOf<typeof Scores>
type SealedScore = Pick<
  Score,
  '_id' | 'ledgerVersion' | 'at' | 'model' | 'engagement' | 'fit' | 'grade' | 'isQualified'
> &
  Pick<Score, 'rawPointsByRule' | 'pointsByGroup' | 'isNearThreshold' | 'ledger' | 'soFar'>
type SealedSnapshot = Omit<Snapshot, 'seal'>

/** Returns the seal of a score's figures, which nobody can make without the application's key. */
export function scoreSeal(score: SealedScore): string {
  return sealOf('score', figuresOf(score))
}

/** Returns false for a score that was changed without the application, and for one from before there were seals. */
export function hasScoreSeal(score: SealedScore & Pick<Score, 'seal'>): boolean {
  return isSealOf('score', figuresOf(score), score.seal)
}

/** Returns the seal of a snapshot. */
export function snapshotSeal(snapshot: SealedSnapshot): string {
  return sealOf('snapshot', valuesOfSnapshot(snapshot))
}

/** Returns false for a snapshot that was changed or inserted without the application. */
export function hasSnapshotSeal(snapshot: Snapshot): boolean {
  return isSealOf('snapshot', valuesOfSnapshot(snapshot), snapshot.seal)
}

function figuresOf(score: SealedScore) {
  const { _id, ledgerVersion, at, model, engagement, fit, grade, isQualified } = score
  const { rawPointsByRule, pointsByGroup, isNearThreshold, ledger, soFar } = score
  const figures = { _id, ledgerVersion, at, model, engagement, fit, grade, isQualified }
  return { ...figures, rawPointsByRule, pointsByGroup, isNearThreshold, ledger, soFar }
}

function valuesOfSnapshot(snapshot: SealedSnapshot) {
  const { _id, person, at, kind, grade, before, engagement, fit, model, contributions } = snapshot
  return { _id, person, at, kind, grade, before, engagement, fit, model, contributions }
}
