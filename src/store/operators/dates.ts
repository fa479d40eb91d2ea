import { ObjectId, Timestamp } from 'bson'
import { refusal } from '../errors'
import { toWhole } from '../number'
import { isDoc, isNumber, toFloat, typeName, type Value } from '../value'
import {
  isNullish,
  namedArguments,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
  type Scope,
} from './operator'
import { boundaries, day, move, truncate, units, type Unit } from './calendar'
import { fromLocal, toLocal, utc, zoneOf, type Zone } from './zone'

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#date-expression-operators */
export const dates: Operators = {
  $year: part(local => local.getUTCFullYear()),
  $month: part(local => local.getUTCMonth() + 1),
  $dayOfMonth: part(local => local.getUTCDate()),
  $hour: part(local => local.getUTCHours()),
  $minute: part(local => local.getUTCMinutes()),
  $second: part(local => local.getUTCSeconds()),
  $millisecond: part(local => local.getUTCMilliseconds()),
  $dayOfYear: part(dayOfYear),
  $dayOfWeek: part(local => local.getUTCDay() + 1),
  $isoDayOfWeek: part(local => local.getUTCDay() || 7),
  $week: part(week),
  $isoWeek: part(local => isoWeek(local).week),
  $isoWeekYear: part(local => BigInt(isoWeek(local).year)),
  $dateToString: dateToString,
  $dateTrunc: dateTrunc,
  $dateAdd: dateAdd(1),
  $dateSubtract: dateAdd(-1),
  $dateDiff: dateDiff,
}

function part(read: (local: Date) => Value): Operator {
  return (argument, compile, name) => {
    let [date, zone]: [Value, Value | undefined] = [argument, undefined]
    if (Array.isArray(argument)) {
      if (argument.length !== 1)
        throw refusal(
          40536,
          `${name} accepts exactly one argument if given an array, but was given ${argument.length}`,
        )
      date = argument[0]!
    } else if (isDoc(argument) && ![...argument.keys()][0]?.startsWith('$')) {
      for (const key of argument.keys())
        if (key !== 'date' && key !== 'timezone')
          throw refusal(40535, `unrecognized option to ${name}: "${key}"`)
      if (!argument.has('date')) throw refusal(40539, `missing 'date' argument to ${name}`)
      date = argument.get('date')!
      zone = argument.get('timezone')
    }
    const [evaluate, zoneAt] = [compile(date), compileZone(zone, compile, 40533)]
    return scope => {
      const value = evaluate(scope)
      const at = zoneAt(scope)
      if (isNullish(value) || at === null) return null
      return read(new Date(toLocal(timeOf(value), at)))
    }
  }
}

/** The zone of a `timezone` argument at run time; null when that is null. */
function compileZone(zone: Value | undefined, compile: Compile, code = 40517): (scope: Scope) => Zone | null {
  if (zone === undefined) return () => utc
  const evaluate = compile(zone)
  return scope => {
    const name = evaluate(scope)
    if (isNullish(name)) return null
    if (typeof name !== 'string')
      throw refusal(code, `timezone must evaluate to a string, found ${typeName(name)}`)
    return zoneOf(name)
  }
}

function timeOf(
  value: Value,
  code = 16006,
  message = `can't convert from BSON type ${typeName(value)} to Date`,
): number {
  if (value instanceof Date) return value.getTime()
  if (value instanceof Timestamp) return value.t * 1000
  if (value instanceof ObjectId) return value.getTimestamp().getTime()
  throw refusal(code, message)
}

function dayOfYear(local: Date): number {
  return Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / day) + 1
}

/** Weeks begin on Sunday; days before the first Sunday are in week 0. */
function week(local: Date): number {
  return Math.floor((dayOfYear(local) + 6 - local.getUTCDay()) / 7)
}

/** ISO 8601: weeks begin on Monday, week 1 holds the first Thursday. */
function isoWeek(local: Date): { year: number; week: number } {
  const thursday = new Date(local.getTime() + (4 - (local.getUTCDay() || 7)) * day)
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 }
}

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

const specifiers: Record<string, (local: Date, offset: number) => string> = {
  Y: local => pad(local.getUTCFullYear(), 4),
  m: local => pad(local.getUTCMonth() + 1, 2),
  d: local => pad(local.getUTCDate(), 2),
  H: local => pad(local.getUTCHours(), 2),
  M: local => pad(local.getUTCMinutes(), 2),
  S: local => pad(local.getUTCSeconds(), 2),
  L: local => pad(local.getUTCMilliseconds(), 3),
  j: local => pad(dayOfYear(local), 3),
  w: local => String(local.getUTCDay() + 1),
  u: local => String(local.getUTCDay() || 7),
  U: local => pad(week(local), 2),
  V: local => pad(isoWeek(local).week, 2),
  G: local => pad(isoWeek(local).year, 4),
  b: local => months[local.getUTCMonth()]!.slice(0, 3),
  B: local => months[local.getUTCMonth()]!,
  z: (_, offset) =>
    `${offset < 0 ? '-' : '+'}${pad(Math.floor(Math.abs(offset) / 60), 2)}${pad(Math.abs(offset) % 60, 2)}`,
  Z: (_, offset) => String(offset),
  '%': () => '%',
}

function pad(value: number, size: number): string {
  return String(value).padStart(size, '0')
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/ */
function dateToString(argument: Value, compile: Compile, name: string): Evaluate {
  const parts = namedArguments(name, argument, ['date'], ['format', 'timezone', 'onNull'], {
    object: 18629,
    unknown: 18534,
    missing: 18628,
  })
  const fixed = parts.get('format')
  if (typeof fixed === 'string' && !fixed.startsWith('$')) checkFormat(fixed)
  const [date, zoneAt] = [compile(parts.get('date')!), compileZone(parts.get('timezone'), compile)]
  const format = fixed === undefined ? undefined : compile(fixed)
  const onNull = parts.has('onNull') ? compile(parts.get('onNull')!) : undefined
  return scope => {
    const value = date(scope)
    const pattern = format?.(scope)
    if (format && !isNullish(pattern) && typeof pattern !== 'string')
      throw refusal(18533, `${name} requires that 'format' be a string, found: ${typeName(pattern)}`)
    if (typeof pattern === 'string') checkFormat(pattern)
    const zone = zoneAt(scope)
    if (zone === null || (format && isNullish(pattern))) return null
    if (isNullish(value)) return onNull ? onNull(scope) : null
    const time = timeOf(value)
    const local = new Date(toLocal(time, zone))
    const year = local.getUTCFullYear()
    if (Number.isNaN(year) || year < 0 || year > 9999)
      throw refusal(
        18537,
        `Could not convert date to string: date component was outside the supported range of 0-9999: ${year}`,
      )
    const wanted = (pattern as string | undefined) ?? '%Y-%m-%dT%H:%M:%S.%LZ'
    return wanted.replace(/%(.)/gs, (_, letter: string) =>
      specifiers[letter]!(local, Math.trunc(zone(time) / 60_000)),
    )
  }
}

function checkFormat(format: string): void {
  for (const [found, letter] of format.matchAll(/%(.)?/gs)) {
    if (letter === undefined) throw refusal(18535, "Unmatched '%' at end of format string")
    if (!Object.hasOwn(specifiers, letter))
      throw refusal(18536, `Invalid format character '${found}' in format string`)
  }
}

function unitOf(value: Value, typeCode: number, name: string): Unit {
  if (typeof value !== 'string') throw refusal(typeCode, `${name} expects string defining a time unit`)
  if (!units.includes(value as Unit))
    throw refusal(typeCode === 5166404 ? 9 : 5439014, `unknown time unit value: ${value}`)
  return value as Unit
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function weekdayOf(value: Value | undefined, name: string): number | null {
  if (value === undefined) return 0
  if (value === null) return null
  if (typeof value !== 'string') throw refusal(5439015, `${name} requires 'startOfWeek' to be a string`)
  const found = weekdays.findIndex(full => [full, full.slice(0, 3)].includes(value.toLowerCase()))
  if (found < 0) throw refusal(5439016, `unknown day of week value: ${value}`)
  return found
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateTrunc/ */
function dateTrunc(argument: Value, compile: Compile, name: string): Evaluate {
  const parts = namedArguments(name, argument, ['date', 'unit'], ['binSize', 'timezone', 'startOfWeek'], {
    object: 5439007,
    unknown: 5439008,
    missing: { date: 5439009, unit: 5439010 },
  })
  const evaluate = compileAll(parts, compile)
  const zoneAt = compileZone(parts.get('timezone'), compile)
  return scope => {
    const { date, unit, binSize = 1, startOfWeek } = evaluate(scope)
    if (isNullish(date) || isNullish(unit) || isNullish(binSize)) return null
    const time = timeOf(date, 5439012, `${name} requires 'date' to be a date, but got ${typeName(date)}`)
    const by = unitOf(unit, 5439013, name)
    const size = isNumber(binSize) ? toWhole(binSize) : undefined
    if (size === undefined || Number(size) !== toFloat(binSize as number))
      throw refusal(5439017, `${name} requires 'binSize' to be a 64-bit integer`)
    if (size <= 0n) throw refusal(5439018, `${name} requires 'binSize' to be greater than 0`)
    const first = by === 'week' ? weekdayOf(startOfWeek, name) : 0
    const zone = zoneAt(scope)
    if (first === null || zone === null) return null
    return new Date(truncate(time, by, Number(size), zone, first))
  }
}

function compileAll(
  parts: Map<string, Value>,
  compile: Compile,
): (scope: Scope) => Record<string, Value | undefined> {
  const made = [...parts]
    .filter(([key]) => key !== 'timezone')
    .map(([key, value]) => [key, compile(value)] as const)
  return scope => Object.fromEntries(made.map(([key, evaluate]) => [key, evaluate(scope) ?? null]))
}

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateAdd/ */
function dateAdd(sign: 1 | -1): Operator {
  return (argument, compile, name) => {
    const parts = namedArguments(name, argument, ['startDate', 'unit', 'amount'], ['timezone'], {
      object: 5166400,
      unknown: 5166401,
      missing: 5166402,
    })
    const evaluate = compileAll(parts, compile)
    const zoneAt = compileZone(parts.get('timezone'), compile)
    return scope => {
      const { startDate, unit, amount } = evaluate(scope)
      if (isNullish(startDate) || isNullish(unit) || isNullish(amount)) return null
      const time = timeOf(startDate, 5166403, `${name} requires startDate to be convertible to a date`)
      const by = unitOf(unit, 5166404, name)
      const count = isNumber(amount) ? toWhole(amount) : undefined
      if (count === undefined || Number(count) !== toFloat(amount as number))
        throw refusal(5166405, `${name} expects integer amount of time units`)
      const zone = zoneAt(scope)
      if (zone === null) return null
      const moved = new Date(move(time, by, sign * Number(count), zone))
      if (Number.isNaN(moved.getTime())) throw refusal(5166406, `${name} overflowed`)
      return moved
    }
  }
}

/** Counts the boundaries that are crossed: https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateDiff/ */
function dateDiff(argument: Value, compile: Compile, name: string): Evaluate {
  const parts = namedArguments(
    name,
    argument,
    ['startDate', 'endDate', 'unit'],
    ['timezone', 'startOfWeek'],
    {
      object: 5166301,
      unknown: 5166302,
      missing: { startDate: 5166303, endDate: 5166304, unit: 5166305 },
    },
  )
  const evaluate = compileAll(parts, compile)
  const zoneAt = compileZone(parts.get('timezone'), compile)
  return scope => {
    const { startDate, endDate, unit, startOfWeek } = evaluate(scope)
    if (isNullish(startDate) || isNullish(endDate) || isNullish(unit)) return null
    const [start, end] = (
      [
        ['startDate', startDate],
        ['endDate', endDate],
      ] as const
    ).map(([field, value]) =>
      timeOf(value, 5166307, `${name} requires '${field}' to be a date, but got ${typeName(value)}`),
    ) as [number, number]
    const by = unitOf(unit, 5439013, name)
    const first = by === 'week' ? weekdayOf(startOfWeek, name) : 0
    const zone = zoneAt(scope)
    if (first === null || zone === null) return null
    return BigInt(boundaries(start, end, by, zone, first))
  }
}

export function isoDate(date: Date): string {
  const year = date.getUTCFullYear()
  if (Number.isNaN(year) || year < 0 || year > 9999)
    throw refusal(
      18537,
      'Could not convert date to string: date component was outside the supported range of 0-9999',
    )
  return date.toISOString()
}

/** ISO 8601 only; a text without a zone is in UTC. Other texts that MongoDB understands are refused. */
export function parseDate(text: string): Date {
  const found =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
      text.trim(),
    )
  if (!found) throw refusal(241, `Error parsing date string '${text}' in $convert with no onError value`)
  const [year, month, date, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map(value => (value === undefined ? 0 : Number(value))) as number[]
  const milliseconds = Number((found[7] ?? '').padEnd(3, '0') || 0)
  const local = new Date(Date.UTC(2000, month! - 1, date!, hour, minute, second, milliseconds))
  local.setUTCFullYear(year!, month! - 1, date!)
  if (
    local.getUTCMonth() !== month! - 1 ||
    local.getUTCDate() !== date ||
    hour > 23 ||
    minute > 59 ||
    second > 59
  )
    throw refusal(241, `Error parsing date string '${text}' in $convert with no onError value`)
  return new Date(fromLocal(local.getTime(), found[8] ? zoneOf(found[8].toUpperCase()) : utc))
}
