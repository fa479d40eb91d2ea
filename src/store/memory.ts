import { serverError } from './errors'
import type { Value } from './value'

/** What one stage, sort or result may hold in memory, as in MongoDB; what all together may hold. Estimated bytes. */
const [maxBytes, maxBytesTogether] = [100 * 1024 * 1024, 256 * 1024 * 1024]

let together = 0

/** The memory that a stage holds for its documents. */
export interface Account {
  /** @throws 292 when it is too much for one stage, or all stages together hold too much */
  add(bytes: number): void
  release(): void
}

/** Opens an account, which must be released. `name` is what the error says that it was for. */
export function openAccount(name: string): Account {
  let own = 0
  return {
    add: bytes => {
      own += bytes
      together += bytes
      if (own > maxBytes)
        throw serverError(
          292,
          `${name} exceeded memory limit of ${maxBytes} bytes, but did not opt in to external sorting.`,
        )
      if (together > maxBytesTogether)
        throw serverError(
          292,
          `${name} and other queries exceeded memory limit of ${maxBytesTogether} bytes.`,
        )
    },
    release: () => {
      together -= own
      own = 0
    },
  }
}

/** Returns about how much memory a value takes. */
export function memoryOf(value: Value | undefined): number {
  if (typeof value === 'string') return 24 + value.length
  if (value === null || typeof value !== 'object') return 16
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + memoryOf(item), 32)
  if (value instanceof Map) {
    let sum = 100
    for (const [name, item] of value) sum += 40 + name.length + memoryOf(item)
    return sum
  }
  return value instanceof Uint8Array || !('length' in value) ? 100 : 100 + value.length()
}
