import { decode } from '../../src/store/decode'
import { encode } from '../../src/store/encode'
import { isServerError } from '../../src/store/errors'
import { encodeKey, equalityKey } from '../../src/store/keys'
import { compileUpdate } from '../../src/store/update'
import { compare, typeName, type Doc, type Value } from '../../src/store/value'
import { chances, common, doc, edges, failing, number, record, scale, seed, value } from './fuzz-values'

let cases = 0

afterAll(() => process.stdout.write(`${cases} cases with FUZZ_SEED=${seed}\n`))

test('keys sort like their values, and equal values have the same equality key', () => {
  const chance = chances(seed)
  const pool = [...edges, ...Array.from({ length: 300 }, () => value(chance))]
  const keys = pool.map(encodeKey)
  for (let i = 0; i < 60_000 * scale; i++) {
    const [a, b] = [chance.below(pool.length), chance.below(pool.length)]
    const order = compare(pool[a], pool[b])
    if (order !== Buffer.compare(keys[a]!, keys[b]!))
      failing('compare and keys disagree', [pool[a], pool[b], order])
    if ((order === 0) !== (equalityKey(pool[a]) === equalityKey(pool[b])))
      failing('compare and equality keys disagree', [pool[a], pool[b]])
    if (order !== -compare(pool[b], pool[a])) failing('compare is not symmetric', [pool[a], pool[b]])
    if (
      order !== 0 &&
      (keys[a]!.subarray(0, keys[b]!.length).equals(keys[b]!) ||
        keys[b]!.subarray(0, keys[a]!.length).equals(keys[a]!))
    )
      failing('a key is a prefix of another', [pool[a], pool[b]])
    cases++
  }
})

test('a document is the same after encoding and decoding', () => {
  const chance = chances(seed + 1)
  for (let i = 0; i < 10_000 * scale; i++) {
    const made = doc(chance)
    const again = decode(encode(made))
    if (!encode(again).equals(encode(made))) failing('the document differs', made)
    for (const [name, item] of made)
      if (typeName(item) !== typeName(again.get(name))) failing('a type differs', made)
    cases++
  }
})

test('an update with several operators equals its operators one by one', () => {
  const chance = chances(seed + 3)
  const context = { insert: false, now: new Date(0) }
  const operators: Record<string, (path: string) => Value> = {
    $set: () => common(chance),
    $unset: () => '',
    $inc: () => number(chance),
    $mul: () => chance.below(4),
    $min: () => common(chance),
    $max: () => common(chance),
    $push: () =>
      chance.one<Value>([
        common(chance, 2),
        new Map<string, Value>([
          ['$each', [1, 2]],
          ['$slice', chance.below(5) - 2],
        ]),
      ]),
    $addToSet: () => common(chance, 2),
    $pull: () => common(chance, 2),
    $pop: () => chance.one([1, -1]),
  }
  const attempt = (before: Doc, update: Doc) => {
    try {
      return { doc: compileUpdate(update).apply(before, context) }
    } catch (error) {
      if (!isServerError(error)) throw error
      return { refused: (error as Error).message }
    }
  }
  for (let i = 0; i < 24_000 * scale; i++) {
    const before = record(chance, i)
    const parts: Array<[string, string, Value]> = []
    for (const path of ['a', 'b', 'c', 'd', 'e.f', 'b.x'].filter(() => chance.below(2))) {
      if (path === 'b.x' && parts.some(([, other]) => other === 'b')) continue
      const name = chance.one(Object.keys(operators))
      parts.push([name, path, operators[name]!(path)])
    }
    if (parts.length === 0) continue
    const whole: Doc = new Map()
    for (const [name, path, argument] of parts) {
      if (!whole.has(name)) whole.set(name, new Map())
      ;(whole.get(name) as Doc).set(path, argument)
    }
    const bytes = encode(before)
    const once = attempt(before, whole)
    if (!encode(before).equals(bytes)) failing('the document was changed in place', { before, whole })
    parts.sort(([, a], [, b]) => (a < b ? -1 : 1))
    let folded: { doc?: Doc; refused?: string } = { doc: before }
    for (const [name, path, argument] of parts)
      if (folded.doc) folded = attempt(folded.doc, new Map([[name, new Map([[path, argument]])]]))
    const same =
      once.doc && folded.doc
        ? encode(once.doc).equals(encode(folded.doc))
        : Boolean(once.refused) === Boolean(folded.refused)
    if (!same) failing('one update and its operators one by one differ', { before, whole, once, folded })
    cases++
  }
})
