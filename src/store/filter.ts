import { BSONRegExp } from 'bson'
import { notImplemented, serverError } from './errors'
import { compileExpression } from './expression'
import { toLong } from './number'
import { truthy } from './operators/logic'
import { parsePath, type Path } from './path'
import { compileRegex } from './regex'
import { isDoc, isNumber, toFloat, typeCodes, type Doc, type Value } from './value'

/** The comparison operators of filters. */
export type Comparison = '$eq' | '$gt' | '$gte' | '$lt' | '$lte'

/** A parsed filter. `plan.ts` reads it to choose an index, and `match.ts` compiles it into a predicate. */
export type Filter =
  | { op: '$and' | '$or' | '$nor'; filters: Filter[] }
  | { op: '$not'; filter: Filter }
  | { op: Comparison; path: Path; value: Value }
  | { op: '$in'; path: Path; values: Value[] }
  | { op: '$regex'; path: Path; pattern: string; options: string }
  | { op: '$exists'; path: Path }
  | { op: '$type'; path: Path; codes: Set<number> }
  | { op: '$size'; path: Path; size: number }
  | { op: '$mod'; path: Path; divisor: bigint; remainder: bigint }
  | { op: '$elemMatch'; path: Path; filter: Filter; ofDocs: boolean }
  | { op: '$expr'; test: (doc: Doc) => boolean }
  | { op: 'always'; value: boolean }

/** Returns true for a document that matches. */
export type Predicate = (doc: Doc) => boolean

const always: Filter = { op: 'always', value: true }
const never: Filter = { op: 'always', value: false }

/**
 * Parses a filter. MongoDB manual, "Query and Projection Operators":
 * https://www.mongodb.com/docs/manual/reference/operator/query/
 *
 * @throws 238 for an operator that only MongoDB has, 2 for an unknown operator and for most invalid
 *   arguments, 51091 or 51108 for an invalid regular expression or option
 */
export function parseFilter(filter: Doc): Filter {
  const filters: Filter[] = []
  for (const [name, value] of filter) {
    if (name === '$and' || name === '$or' || name === '$nor')
      filters.push({ op: name, filters: parseList(name, value) })
    else if (name === '$expr') filters.push({ op: '$expr', test: compileExpr(value) })
    else if (name === '$comment') continue
    else if (name === '$alwaysTrue' || name === '$alwaysFalse')
      filters.push(name === '$alwaysTrue' ? always : never)
    else if (name.startsWith('$')) {
      if (unsupported.has(name)) throw notImplemented(name)
      throw serverError(
        2,
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, ` +
          'consider using $getField or $setField.',
      )
    } else filters.push(...parseField(parsePath(name), value))
  }
  return filters.length === 1 ? filters[0]! : { op: '$and', filters }
}

const unsupported = new Set([
  '$where',
  '$text',
  '$jsonSchema',
  '$sampleRate',
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$bitsAllSet',
  '$bitsAnySet',
  '$bitsAllClear',
  '$bitsAnyClear',
  '$within',
  '$uniqueDocs',
  '$maxDistance',
  '$minDistance',
  '$_internalSchemaCond',
])

function compileExpr(value: Value): Predicate {
  const evaluate = compileExpression(value)
  return doc => truthy(evaluate(doc))
}

function parseList(name: string, value: Value): Filter[] {
  if (!Array.isArray(value)) throw serverError(2, `${name} must be an array`)
  if (value.length === 0) throw serverError(2, `$and/$or/$nor must be a nonempty array`)
  return value.map(item => {
    if (!isDoc(item)) throw serverError(2, `$or/$and/$nor entries need to be full objects`)
    return parseFilter(item)
  })
}

function isOperatorDoc(value: Value): value is Doc {
  if (!isDoc(value)) return false
  const first = value.keys().next()
  return !first.done && first.value.startsWith('$') && !['$ref', '$id', '$db'].includes(first.value)
}

function parseField(path: Path, value: Value): Filter[] {
  if (value instanceof BSONRegExp) return [regex(path, value.pattern, value.options)]
  if (!isOperatorDoc(value)) return [{ op: '$eq', path, value }]
  return parseOperators(path, value)
}

function parseOperators(path: Path, operators: Doc): Filter[] {
  const filters: Filter[] = []
  for (const [name, value] of operators) {
    const parse = Object.hasOwn(parsers, name) ? parsers[name] : undefined
    if (!parse) {
      if (unsupported.has(name)) throw notImplemented(name)
      throw serverError(2, `unknown operator: ${name}`)
    }
    const parsed = parse(path, value, operators)
    if (parsed) filters.push(parsed)
  }
  return filters
}

function not(filter: Filter): Filter {
  return { op: '$not', filter }
}

function comparison(op: Comparison): Parse {
  return (path, value) => {
    if (value instanceof BSONRegExp && op !== '$eq')
      throw serverError(2, `Can't have RegEx as arg to predicate over field '${path.text}'.`)
    return { op, path, value }
  }
}

type Parse = (path: Path, value: Value, siblings: Doc) => Filter | undefined

const parsers: Record<string, Parse> = {
  $eq: comparison('$eq'),
  $gt: comparison('$gt'),
  $gte: comparison('$gte'),
  $lt: comparison('$lt'),
  $lte: comparison('$lte'),
  $ne: (path, value) => {
    if (value instanceof BSONRegExp) throw serverError(2, "Can't have regex as arg to $ne.")
    return not({ op: '$eq', path, value })
  },
  $in: (path, value) => parseIn('$in', path, value),
  $nin: (path, value) => not(parseIn('$nin', path, value)),
  $not: (path, value) => {
    if (value instanceof BSONRegExp) return not(regex(path, value.pattern, value.options))
    if (!isDoc(value)) throw serverError(2, '$not needs a regex or a document')
    if (value.size === 0) throw serverError(2, '$not cannot be empty')
    return not({ op: '$and', filters: parseOperators(path, value) })
  },
  $exists: (path, value) => (truthy(value) ? { op: '$exists', path } : not({ op: '$exists', path })),
  $type: (path, value) => ({ op: '$type', path, codes: parseTypes(value) }),
  $size: (path, value) => ({ op: '$size', path, size: parseSize(value) }),
  $mod: parseMod,
  $all: parseAll,
  $elemMatch: (path, value) => {
    if (!isDoc(value)) throw serverError(2, '$elemMatch needs an Object')
    return elemMatch(path, value)
  },
  $regex: (path, value, siblings) => {
    const options = siblings.get('$options')
    if (options !== undefined && typeof options !== 'string')
      throw serverError(2, '$options has to be a string')
    if (value instanceof BSONRegExp) {
      if (options !== undefined && value.options !== '')
        throw serverError(51074, 'options set in both $regex and $options')
      return regex(path, value.pattern, options ?? value.options)
    }
    if (typeof value !== 'string') throw serverError(2, '$regex has to be a string')
    return regex(path, value, options ?? '')
  },
  $options: (_, _value, siblings) => {
    if (!siblings.has('$regex')) throw serverError(2, '$options needs a $regex')
    return undefined
  },
  $comment: () => undefined,
}

/**
 * The names of the supported filter operators. The tests compare them with the ones that the application
 * uses.
 */
export const filterOperatorNames = [...Object.keys(parsers), '$and', '$or', '$nor', '$expr']

function regex(path: Path, pattern: string, options: string): Filter {
  compileRegex(pattern, options)
  return { op: '$regex', path, pattern, options }
}

function parseIn(name: string, path: Path, value: Value): Filter {
  if (!Array.isArray(value)) throw serverError(2, `${name} needs an array`)
  for (const item of value) if (isOperatorDoc(item)) throw serverError(2, `cannot nest $ under ${name}`)
  return { op: '$in', path, values: value }
}

function parseAll(path: Path, value: Value): Filter {
  if (!Array.isArray(value)) throw serverError(2, '$all needs an array')
  if (value.length === 0) return never
  const elements = value.filter(item => isDoc(item) && item.keys().next().value === '$elemMatch')
  if (isDoc(value[0]) && value[0].keys().next().value === '$elemMatch' && elements.length < value.length)
    throw serverError(2, '$all/$elemMatch has to be consistent')
  const filters = value.map((item): Filter => {
    if (elements.length > 0 && elements.includes(item) && elements.length === value.length) {
      const inner = (item as Doc).get('$elemMatch')
      if (!isDoc(inner)) throw serverError(2, '$elemMatch needs an Object')
      return elemMatch(path, inner)
    }
    if (isOperatorDoc(item)) throw serverError(2, 'no $ expressions in $all')
    if (item instanceof BSONRegExp) return regex(path, item.pattern, item.options)
    return { op: '$eq', path, value: item }
  })
  return { op: '$and', filters }
}

const element = parsePath('0')

/**
 * Parses $elemMatch, which tests elements either as documents, by paths, or as values, by operators alone.
 */
function elemMatch(path: Path, value: Doc): Filter {
  const first = value.keys().next().value
  const ofDocs = !isOperatorDoc(value) || ['$and', '$or', '$nor', '$expr'].includes(first!)
  if (ofDocs && value.has('$expr'))
    throw serverError(2, '$expr can only be applied to the top-level document')
  const filter: Filter = ofDocs ? parseFilter(value) : { op: '$and', filters: parseOperators(element, value) }
  return { op: '$elemMatch', path, filter, ofDocs }
}

function parseTypes(value: Value): Set<number> {
  const codes = new Set<number>()
  const list = Array.isArray(value) ? value : [value]
  if (list.length === 0) throw serverError(9, '$type must match at least one type')
  for (const item of list) {
    if (item === 'number')
      for (const name of ['double', 'int', 'long', 'decimal'] as const) codes.add(typeCodes[name])
    else if (typeof item === 'string') {
      if (!Object.hasOwn(typeCodes, item)) throw serverError(2, `Unknown type name alias: ${item}`)
      codes.add(typeCodes[item as keyof typeof typeCodes])
    } else if (isNumber(item)) {
      const code = toFloat(item)
      if (!Object.values<number>(typeCodes).includes(code))
        throw serverError(2, `Invalid numerical type code: ${code}`)
      codes.add(code)
    } else throw serverError(14, 'type must be represented as a number or a string')
  }
  return codes
}

function parseSize(value: Value): number {
  if (!isNumber(value))
    throw serverError(2, `Failed to parse $size. Expected a number in: $size: ${String(value)}`)
  const size = toFloat(value)
  if (!Number.isInteger(size))
    throw serverError(2, `Failed to parse $size. Expected an integer: $size: ${size}`)
  if (size < 0)
    throw serverError(2, `Failed to parse $size. Expected a non-negative number in: $size: ${size}`)
  return size
}

function parseMod(path: Path, value: Value): Filter {
  if (!Array.isArray(value)) throw serverError(2, 'malformed mod, needs to be an array')
  if (value.length < 2) throw serverError(2, 'malformed mod, not enough elements')
  if (value.length > 2) throw serverError(2, 'malformed mod, too many elements')
  const [divisor, remainder] = value
  if (!isNumber(divisor)) throw serverError(2, 'malformed mod, divisor not a number')
  if (!isNumber(remainder)) throw serverError(2, 'malformed mod, remainder not a number')
  const by = toLong(divisor)
  const rest = toLong(remainder)
  if (by === undefined) throw serverError(2, 'malformed mod, divisor value is invalid')
  if (rest === undefined) throw serverError(2, 'malformed mod, remainder value is invalid')
  if (by === 0n) throw serverError(2, 'divisor cannot be 0')
  return { op: '$mod', path, divisor: by, remainder: rest }
}
