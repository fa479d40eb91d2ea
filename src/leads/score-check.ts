import { hours, later, now } from '../platform/clock'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  type ReadOf,
  type RecordOf,
} from '../platform/record'

/**
 * What a check can find, with what `subject` is: an event that was changed or inserted without the application, or
 * is gone (`…Missing`); a score that the ledger doesn't explain, or that was changed; a snapshot; a version of the
 * model.
 */
const findingKinds = [
  'eventChanged',
  'eventMissing',
  'scoreDiffers',
  'scoreChanged',
  'scoreMissing',
  'snapshotChanged',
  'snapshotMissing',
  'modelChanged',
] as const

const findingFields = {
  kind: oneOf(findingKinds),
  person: nullable(objectId()),
  /** The id of the event or snapshot, the number of the model; empty when it isn't known. */
  subject: string(),
  /** How many of the kind: more than one for events that are missing together. */
  count: number(),
  stored: nullable(number()),
  computed: nullable(number()),
  /** The rules whose points differ. */
  rules: list(string()),
}
export type LedgerFinding = ReadOf<typeof findingFields>

/** The nightly checks, each with its first findings. */
export const ScoreChecks = defineRecord(
  'ScoreCheck',
  'score_checks',
  {
    startedAt: date(),
    /** Null while it runs, and for one that was interrupted, which the next one continues. */
    finishedAt: nullable(date()),
    /** The last person who was checked. */
    after: nullable(objectId()),
    people: number(),
    events: number(),
    /** How many findings, of which the first are here. */
    total: number(),
    findings: list(nested(findingFields)),
  },
  { indexes: [[{ startedAt: -1 }], [{ finishedAt: 1 }, { expireAfterSeconds: 90 * 24 * 3600 }]] },
)
export type ScoreCheck = RecordOf<typeof ScoreChecks>

/** The most findings that a check keeps. */
export const maxFindings = 200

/** Returns the check that was interrupted today, or a new one. */
export async function openScoreCheck(): Promise<ScoreCheck> {
  const [last] = await ScoreChecks.find({ startedAt: { $gt: later(now(), -hours(20)) } })
    .sort({ startedAt: -1 })
    .limit(1)
  if (last && !last.finishedAt) return last
  return ScoreChecks.create({ startedAt: now(), people: 0, events: 0, total: 0 })
}

/**
 * Returns the checks of the last 90 days that an administrator should know of: the last one, and those that found
 * something.
 */
export async function recentScoreChecks(): Promise<{
  last: ScoreCheck | null
  findings: (LedgerFinding & { at: Date })[]
}> {
  const checks = await ScoreChecks.find().sort({ startedAt: -1 }).limit(100)
  const findings = checks.flatMap(check =>
    check.findings.map(finding => ({ ...finding, at: check.startedAt })),
  )
  return { last: checks[0] ?? null, findings }
}
