import { BSONRegExp, BSONSymbol, Timestamp } from 'bson'
import { serverError } from '../errors'
import { isInt32, toLong } from '../number'
import { compileRegex, type SafeRegex } from '../regex'
import { compareStrings, isDoc, isNumber, typeName, type Doc, type Value } from '../value'
import { indexArgument } from './arrays'
import { formatNumber } from './convert'
import { formatIsoDate } from './date-format'
import {
  isNullish,
  namedArguments,
  spend,
  withArity,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
  type Scope,
} from './operator'

/**
 * MongoDB manual, "Aggregation Operators", string expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#string-expression-operators
 */
export const strings: Operators = {
  $concat: withArity(0, Infinity, values => {
    let text = ''
    for (const value of values) {
      if (isNullish(value)) return null
      if (typeof value !== 'string')
        throw serverError(16702, `$concat only supports strings, not ${typeName(value)}`)
      spend(0, value.length)
      text += value
    }
    return text
  }),
  $toLower: withArity(1, 1, ([value]) => asText(value).replace(/[A-Z]+/g, part => part.toLowerCase())),
  $toUpper: withArity(1, 1, ([value]) => asText(value).replace(/[a-z]+/g, part => part.toUpperCase())),
  $strcasecmp: withArity(2, 2, ([a, b]) => compareStrings(upper(asText(a)), upper(asText(b)))),
  $strLenCP: withArity(1, 1, ([value]) => {
    if (typeof value !== 'string')
      throw serverError(34471, `$strLenCP requires a string argument, found: ${typeName(value)}`)
    return [...value].length
  }),
  $strLenBytes: withArity(1, 1, ([value]) => {
    if (typeof value !== 'string')
      throw serverError(34473, `$strLenBytes requires a string argument, found: ${typeName(value)}`)
    return Buffer.byteLength(value)
  }),
  $substrCP: withArity(3, 3, ([value, start, count]) => {
    const text = [...asText(value)]
    if (!isNumber(start))
      throw serverError(
        34450,
        `$substrCP: starting index must be a numeric type (is BSON type ${typeName(start)})`,
      )
    if (!isInt32(start))
      throw serverError(34451, '$substrCP: starting index cannot be represented as a 32-bit integral value')
    if (!isNumber(count))
      throw serverError(34452, `$substrCP: length must be a numeric type (is BSON type ${typeName(count)})`)
    if (!isInt32(count))
      throw serverError(34453, '$substrCP: length cannot be represented as a 32-bit integral value')
    const [from, length] = [Number(toLong(start)), Number(toLong(count))]
    if (length < 0) throw serverError(34454, '$substrCP: length must be a nonnegative integer.')
    if (from < 0) throw serverError(34455, '$substrCP: the starting index must be nonnegative integer.')
    return text.slice(from, from + length).join('')
  }),
  $indexOfCP: withArity(2, 4, indexOf),
  $split: withArity(2, 2, ([value, by]) => {
    if (isNullish(value) || isNullish(by)) return null
    if (typeof value !== 'string')
      throw serverError(
        40085,
        `$split requires an expression that evaluates to a string as a first argument, found: ${typeName(value)}`,
      )
    if (typeof by !== 'string')
      throw serverError(
        40086,
        `$split requires an expression that evaluates to a string as a second argument, found: ${typeName(by)}`,
      )
    if (by === '') throw serverError(40087, '$split requires a non-empty separator')
    spend(0, bytesOfPart * occurrences(value, by))
    return value.split(by)
  }),
  $trim: trimming('both'),
  $ltrim: trimming('left'),
  $rtrim: trimming('right'),
  $replaceOne: replacing((text, find, by) => {
    const at = text.indexOf(find)
    return at < 0 ? text : text.slice(0, at) + by + text.slice(at + find.length)
  }),
  $replaceAll: replacing((text, find, by) => {
    const times = find === '' ? text.length + 1 : occurrences(text, find)
    spend(0, times * (by.length + bytesOfPart))
    return find === '' ? [by, ...[...text].flatMap(char => [char, by])].join('') : text.split(find).join(by)
  }),
  $regexMatch: (argument, compile, name) => {
    const run = regexArguments(argument, compile, name)
    return scope => {
      const found = run(scope)
      return found !== undefined && found.expression.test(found.text)
    }
  },
  $regexFind: (argument, compile, name) => {
    const run = regexArguments(argument, compile, name)
    return scope => {
      const found = run(scope)
      const match = found && found.expression.exec(found.text)
      return match ? matchDoc(match, codePoints(found.text, 0, match.index)) : null
    }
  },
  $regexFindAll: (argument, compile, name) => {
    const run = regexArguments(argument, compile, name, 'g')
    return scope => {
      const found = run(scope)
      return found ? allMatches(found.text, found.expression) : []
    }
  },
}

/** About what a part of a string takes that is held in a list. */
const bytesOfPart = 32

function occurrences(text: string, part: string): number {
  let times = 0
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length)) times++
  return times
}

/**
 * Converts an argument of $toLower, $substrCP or $strcasecmp, which also accept numbers and dates. Null
 * becomes ''.
 */
function asText(value: Value | undefined): string {
  if (isNullish(value)) return ''
  if (typeof value === 'string') return value
  if (isNumber(value)) return formatNumber(value)
  if (value instanceof Date) return formatIsoDate(value)
  if (value instanceof BSONSymbol) return value.value
  if (value instanceof Timestamp) return `Timestamp(${value.t}, ${value.i})`
  throw serverError(16007, `can't convert from BSON type ${typeName(value)} to String`)
}

/** Converts ASCII letters only, as MongoDB does. */
function upper(text: string): string {
  return text.replace(/[a-z]+/g, part => part.toUpperCase())
}

function indexOf(values: Array<Value | undefined>, name: string): Value {
  const [value, part] = values
  if (isNullish(value)) return null
  if (typeof value !== 'string')
    throw serverError(40093, `${name} requires a string as the first argument, found: ${typeName(value)}`)
  if (typeof part !== 'string')
    throw serverError(40094, `${name} requires a string as the second argument, found: ${typeName(part)}`)
  const [text, wanted] = [[...value], [...part]]
  const [start, end] = [
    indexArgument(name, values, 2, 'starting', 0),
    indexArgument(name, values, 3, 'ending', text.length),
  ]
  if (value === '' && part === '') return start === 0 ? 0 : -1
  const last = Math.min(end, text.length)
  for (let i = start; i < last && i + wanted.length <= last; i++)
    if (wanted.every((char, n) => text[i + n] === char)) return i
  return -1
}

/**
 * MongoDB manual, "$trim (aggregation)", white space characters:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/trim/#white-space-characters
 */
const whitespace = [
  ...'\0 \t\n\v\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a',
]

function trimming(side: 'both' | 'left' | 'right'): Operator {
  return (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['input'], ['chars'], {
      object: 50696,
      unknown: 50694,
      missing: 50695,
    })
    const input = compile(parts.get('input')!)
    const chars = parts.has('chars') ? compile(parts.get('chars')!) : undefined
    return scope => {
      const [text, cut] = [input(scope), chars ? chars(scope) : '']
      if (isNullish(text)) return null
      if (typeof text !== 'string')
        throw serverError(50699, `${name} requires its input to be a string, got ${typeName(text)} instead.`)
      if (isNullish(cut)) return null
      if (typeof cut !== 'string')
        throw serverError(50700, `${name} requires 'chars' to be a string, got ${typeName(cut)} instead.`)
      const set = new Set(chars ? [...cut] : whitespace)
      const all = [...text]
      let [from, to] = [0, all.length]
      if (side !== 'right') while (from < to && set.has(all[from]!)) from++
      if (side !== 'left') while (to > from && set.has(all[to - 1]!)) to--
      return all.slice(from, to).join('')
    }
  }
}

function replacing(replace: (text: string, find: string, by: string) => string): Operator {
  return (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['input', 'find', 'replacement'], [], {
      object: 51751,
      unknown: 51750,
      missing: { input: 51749, find: 51748, replacement: 51747 },
    })
    const [input, find, by] = ['input', 'find', 'replacement'].map(part => compile(parts.get(part)!)) as [
      Evaluate,
      Evaluate,
      Evaluate,
    ]
    return scope => {
      const values = [input(scope), find(scope), by(scope)]
      for (const [i, part] of ['input', 'find', 'replacement'].entries())
        if (!isNullish(values[i]) && typeof values[i] !== 'string')
          throw serverError(
            [51746, 51745, 51744][i]!,
            `${name} requires that '${part}' be a string, found: ${typeName(values[i])}`,
          )
      const [text, wanted, replacement] = values as string[]
      return values.some(isNullish) ? null : replace(text!, wanted!, replacement!)
    }
  }
}

type Run = (scope: Scope) => { text: string; expression: SafeRegex } | undefined

/**
 * Compiles the arguments of $regexMatch, $regexFind and $regexFindAll. MongoDB manual, "$regexMatch
 * (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/regexMatch/
 */
function regexArguments(argument: Value, compile: Compile, name: string, flags = ''): Run {
  if (!isDoc(argument))
    throw serverError(51103, `${name} expects an object of named arguments but found: ${typeName(argument)}`)
  for (const key of argument.keys())
    if (!['input', 'regex', 'options'].includes(key))
      throw serverError(31024, `${name} found an unknown argument: ${key}`)
  if (!argument.has('input')) throw serverError(31022, `${name} requires 'input' parameter`)
  if (!argument.has('regex')) throw serverError(31023, `${name} requires 'regex' parameter`)
  const [input, regex, options] = ['input', 'regex', 'options'].map(part =>
    compile(argument.get(part) ?? null),
  ) as [Evaluate, Evaluate, Evaluate]
  return scope => {
    const [text, pattern, extra] = [input(scope), regex(scope), options(scope)]
    if (!isNullish(pattern) && typeof pattern !== 'string' && !(pattern instanceof BSONRegExp))
      throw serverError(51105, `${name} needs 'regex' to be of type string or regex`)
    if (!isNullish(extra) && typeof extra !== 'string')
      throw serverError(51106, `${name} needs 'options' to be of type string`)
    const own = pattern instanceof BSONRegExp ? pattern.options : ''
    if (own !== '' && !isNullish(extra))
      throw serverError(51107, `${name} found regex option(s) specified in both 'regex' and 'option' fields`)
    if (typeof extra === 'string' && extra.includes('\0'))
      throw serverError(51110, `${name}: regular expression options cannot contain an embedded null byte`)
    const source = pattern instanceof BSONRegExp ? pattern.pattern : pattern
    const expression = isNullish(source)
      ? undefined
      : compileRegex(source, own || (extra ?? ''), flags, { nul: 51109, invalid: 51111 })
    if (!isNullish(text) && typeof text !== 'string')
      throw serverError(51104, `${name} needs 'input' to be of type string`)
    return isNullish(text) || !expression ? undefined : { text, expression }
  }
}

/**
 * Returns all matches. After an empty match the search continues one character later; there is none at the
 * very end.
 */
function allMatches(text: string, expression: SafeRegex): Doc[] {
  const matches: Doc[] = []
  expression.lastIndex = 0
  let [counted, idx] = [0, 0]
  for (let match = expression.exec(text); match; match = expression.exec(text)) {
    idx += codePoints(text, counted, match.index)
    counted = match.index
    spend(1, 300 + match[0].length)
    matches.push(matchDoc(match, idx))
    if (match[0] === '') expression.lastIndex += text.codePointAt(match.index)! > 0xffff ? 2 : 1
    if (expression.lastIndex >= text.length) break
  }
  return matches
}

function matchDoc(match: RegExpExecArray, idx: number): Doc {
  return new Map<string, Value>([
    ['match', match[0]],
    ['idx', idx],
    ['captures', match.slice(1).map(part => part ?? null)],
  ])
}

/** Returns how many code points of a text start between two positions. */
function codePoints(text: string, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i += text.codePointAt(i)! > 0xffff ? 2 : 1) count++
  return count
}
