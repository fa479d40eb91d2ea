import {
  boolean,
  date,
  free,
  list,
  mapOf,
  nested,
  nullable,
  number,
  objectId,
  optional,
  string,
  withDefault,
} from '../platform/record'
import { defineQueue } from '../platform/queue'
import type { Group } from './model-content'
import type { LedgerSoFar } from './ledger-so-far'
import { ledgerSum } from './ledger-sum'
import type { PointsByRule } from './rules'

/**
 * A person's score as it was last computed, stored for lists; the ledger is the source of truth. The record is also its
 * own entry in the rescoring queue: `dueAt` is when time alone may change something.
 */
export const Scores = defineQueue(
  'Score',
  'scores',
  {
    /** The person. */
    _id: objectId(),
    /** Version of the ledger that it was computed from (`ledgerVersionOf`). An older one never replaces a newer one. */
    ledgerVersion: number(),
    at: date(),
    model: number(),
    /** 0 to 100 with all decimals; null without consent to profiling. */
    engagement: nullable(number()),
    fit: nullable(number()),
    grade: nullable(string()),
    /** Decayed points before caps, as of `at`; the score of any later moment follows from them (`scoreLater`). */
    rawPointsByRule: withDefault(free<PointsByRule>(), {}),
    /** After caps, as of `at`. */
    pointsByGroup: nullable(free<Record<Group, number>>()),
    reasons: list(nested({ key: string(), values: mapOf(free<string | number>()) })),
    isQualified: withDefault(boolean(), false),
    /** Eligible, not qualified, and with an engagement between the two thresholds ("close to qualifying"). */
    isNearThreshold: withDefault(boolean(), false),
    /** Folded words to find the person by; see `searchWords`. */
    search: list(string()),
    /** What it was computed from, to find out what is missing from the ledger. */
    ledger: optional(ledgerSum()),
    /** What a long ledger leaves behind, so that the next event costs no more; see ledger-so-far.ts. */
    soFar: withDefault(nullable(free<LedgerSoFar>()), null),
    /** Of all figures; see score-seal.ts. */
    seal: optional(string()),
    /** The brand that the person joined; missing for the default one. */
    brand: optional(string()),
  },
  { queue: 'scores', indexes: [[{ isNearThreshold: 1, engagement: -1, _id: 1 }]] },
)
