import { Binary, BSONRegExp, Decimal128, Double, MaxKey, MinKey, ObjectId, Timestamp } from 'bson'
import type { Doc, Value } from '../../src/store/value'

/** The seed of every random case of this run. `FUZZ_SEED` repeats a run. */
export const seed = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000_007)
/** How many times as many cases as usual are run. */
export const scale = Number(process.env.FUZZ_SCALE ?? 1)

/** Pseudo-random choices (Mulberry32). The same seed yields the same cases. */
export function chances(start: number) {
  let state = start >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (n: number) => Math.floor(next() * n)
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!
  return { next, below, one }
}

export type Chances = ReturnType<typeof chances>

export const edges: Value[] = [
  0,
  -1,
  1,
  2147483647,
  -2147483648,
  0.1,
  -0.5,
  1.5,
  5e-324,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
  new Double(-0),
  new Double(1),
  new Double(9007199254740992),
  0n,
  1n,
  -1n,
  9007199254740993n,
  9223372036854775807n,
  -9223372036854775808n,
  new Decimal128('0'),
  new Decimal128('-0'),
  new Decimal128('1.0'),
  new Decimal128('1.00'),
  new Decimal128('0.1'),
  new Decimal128('NaN'),
  new Decimal128('Infinity'),
  new Decimal128('-Infinity'),
  new Decimal128('9.999999999999999999999999999999999E+6144'),
  new Decimal128('1E-6176'),
  new Decimal128('-1E-6176'),
  new Decimal128('9007199254740992.5'),
  new Decimal128('1E+23'),
  1e23,
  new Decimal128('9223372036854775807'),
  new Decimal128('9223372036854775808'),
  9.223372036854775e18,
  '',
  'a',
  'A',
  'aa',
  'b',
  'a\0b',
  '\u{ffff}',
  '\u{10000}',
  '\u{d7ff}',
  '\u{e000}',
  'z'.repeat(50),
  null,
  true,
  false,
  new Date(0),
  new Date(-1),
  new Date(8.64e15),
  new MinKey(),
  new MaxKey(),
  new ObjectId('000000000000000000000000'),
  new ObjectId('ffffffffffffffffffffffff'),
  new Timestamp({ t: 0, i: 1 }),
  new Timestamp({ t: 4294967295, i: 0 }),
  new BSONRegExp('a', 'i'),
  new BSONRegExp('a', ''),
  new Binary(Buffer.from([1]), 0),
  new Binary(Buffer.from([1]), 5),
  new Binary(Buffer.from([]), 0),
  [],
  new Map(),
]

export function number({ below, next, one }: Chances): Value {
  switch (below(6)) {
    case 0:
      return below(21) - 10
    case 1:
      return BigInt(below(21) - 10)
    case 2:
      return new Double(below(21) - 10)
    case 3:
      return (next() - 0.5) * 10 ** (below(40) - 20)
    case 4:
      return new Decimal128(`${below(2) ? '-' : ''}${below(1000)}E${below(12) - 6}`)
    default:
      return BigInt(below(2 ** 31)) * BigInt(below(2 ** 31)) * one([1n, -1n])
  }
}

export function value(chance: Chances, depth = 0): Value {
  const { below, one } = chance
  const kind = below(depth > 2 ? 7 : 10)
  if (kind < 2) return one(edges)
  if (kind < 4) return number(chance)
  if (kind < 5) return one(['a', 'b', 'c', 'ab', 'abc'])
  if (kind < 6) return new Date(below(5) * 1000)
  if (kind < 7) return one([null, true, false])
  if (kind < 8) return Array.from({ length: below(4) }, () => value(chance, depth + 1))
  return doc(chance, depth + 1)
}

export function doc(chance: Chances, depth = 0): Doc {
  const made: Doc = new Map()
  for (const name of ['a', 'b', 'c', 'd', '0'].slice(0, 5))
    if (chance.below(3) > 0) made.set(name, value(chance, depth + 1))
  return made
}

function show(what: unknown): string {
  return JSON.stringify(what, (_, item: unknown) => {
    if (item instanceof Map) return Object.fromEntries(item as Map<string, unknown>)
    if (typeof item === 'string') return item.replace(/(.)\1{50,}/gu, (all, char) => `${char}{${all.length}}`)
    if (typeof item === 'bigint') return `${item}n`
    return typeof item === 'number' && !Number.isFinite(item) ? String(item) : item
  })
}

/** Returns a value from a small set, so that equal values are frequent. */
export function common(chance: Chances, depth = 0): Value {
  const { below, one } = chance
  switch (below(depth > 1 ? 6 : 9)) {
    case 0:
    case 1:
      return below(6)
    case 2:
      return one<Value>([1n, new Double(2), 2.5, new Decimal128('3'), NaN])
    case 3:
      return one(['a', 'ab', 'abc', 'b', 'B'])
    case 4:
      return null
    case 5:
      return one<Value>([true, new Date(1000), new Date(2000)])
    case 6:
      return Array.from({ length: below(4) }, () => common(chance, depth + 1))
    default: {
      const made: Doc = new Map()
      for (const name of ['x', 'y']) if (below(2)) made.set(name, common(chance, depth + 1))
      return made
    }
  }
}

export function record(chance: Chances, _id: number): Doc {
  const made: Doc = new Map([['_id', _id as Value]])
  for (const name of ['a', 'b', 'c']) if (chance.below(5) > 0) made.set(name, common(chance))
  return made
}

/** Fails with the seed and what the case was. */
export function failing(what: string, detail: unknown): never {
  throw new Error(`${what} (FUZZ_SEED=${seed}): ${show(detail)}`)
}
