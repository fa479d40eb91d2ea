import type { Doc } from './value'
import type { Yielding } from './yielding'

/** A compiled pipeline stage: from a stream of documents to another. */
export type Stage = (source: Yielding<Doc>) => Yielding<Doc>
