import type { Doc } from './value'
import type { Yielding } from './yielding'

export type Stage = (source: Yielding<Doc>) => Yielding<Doc>
