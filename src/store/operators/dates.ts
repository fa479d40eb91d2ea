import { ObjectId, Timestamp } from 'bson'
import { serverError } from '../errors'
import { maxLong, minLong, toLong } from '../number'
import { isDoc, isNumber, toFloat, typeName, type Value } from '../value'
import {
  addUnits,
  countBoundaries,
  isSubDay,
  maxAmount,
  truncateDate,
  unitLengths,
  units,
  type Unit,
} from './calendar'
import { checkDateFormat, dayOfYear, formatDate, isoWeek, weekOfYear } from './date-format'
import {
  isNullish,
  namedArguments,
  type Compile,
  type Evaluate,
  type Operator,
  type Operators,
  type Scope,
} from './operator'
import { parseTimeZone, utc, utcToLocal, type TimeZone } from './time-zone'

/**
 * MongoDB manual, "Aggregation Operators", date expression operators:
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/#date-expression-operators
 */
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
  $week: part(weekOfYear),
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
        throw serverError(
          40536,
          `${name} accepts exactly one argument if given an array, but was given ${argument.length}`,
        )
      date = argument[0]!
    } else if (isDoc(argument) && ![...argument.keys()][0]?.startsWith('$')) {
      for (const key of argument.keys())
        if (key !== 'date' && key !== 'timezone')
          throw serverError(40535, `unrecognized option to ${name}: "${key}"`)
      if (!argument.has('date')) throw serverError(40539, `missing 'date' argument to ${name}`)
      date = argument.get('date')!
      zone = argument.get('timezone')
    }
    const [evaluate, zoneAt] = [compile(date), compileZone(zone, compile, 40533)]
    return scope => {
      const value = evaluate(scope)
      const at = zoneAt(scope)
      if (isNullish(value) || at === null) return null
      return read(new Date(utcToLocal(timeOf(value), at)))
    }
  }
}

/** Compiles a `timezone` argument. At run time it yields null when the argument is null. */
function compileZone(
  zone: Value | undefined,
  compile: Compile,
  code = 40517,
): (scope: Scope) => TimeZone | null {
  if (zone === undefined) return () => utc
  const evaluate = compile(zone)
  return scope => {
    const name = evaluate(scope)
    if (isNullish(name)) return null
    if (typeof name !== 'string')
      throw serverError(code, `timezone must evaluate to a string, found ${typeName(name)}`)
    return parseTimeZone(name)
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
  throw serverError(code, message)
}

/**
 * MongoDB manual, "$dateToString (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateToString/
 */
function dateToString(argument: Value, compile: Compile, name: string): Evaluate {
  const parts = namedArguments(name, argument, ['date'], ['format', 'timezone', 'onNull'], {
    object: 18629,
    unknown: 18534,
    missing: 18628,
  })
  const fixed = parts.get('format')
  if (typeof fixed === 'string' && !fixed.startsWith('$')) checkDateFormat(fixed)
  const [date, zoneAt] = [compile(parts.get('date')!), compileZone(parts.get('timezone'), compile)]
  const format = fixed === undefined ? undefined : compile(fixed)
  const onNull = parts.has('onNull') ? compile(parts.get('onNull')!) : undefined
  return scope => {
    const value = date(scope)
    const pattern = format?.(scope)
    if (!isNullish(pattern) && typeof pattern !== 'string')
      throw serverError(18533, `${name} requires that 'format' be a string, found: ${typeName(pattern)}`)
    if (!isNullish(pattern)) checkDateFormat(pattern)
    const zone = zoneAt(scope)
    if (isNullish(value)) return onNull ? onNull(scope) : null
    if (zone === null || (format && isNullish(pattern))) return null
    return formatDate(timeOf(value), zone, pattern ?? undefined)
  }
}

function unitOf(value: Value, typeCode: number, name: string): Unit {
  if (typeof value !== 'string') throw serverError(typeCode, `${name} expects string defining a time unit`)
  if (!units.includes(value as Unit))
    throw serverError(typeCode === 5166404 ? 9 : 5439014, `unknown time unit value: ${value}`)
  return value as Unit
}

const weekdays = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']

function weekdayOf(value: Value | undefined, name: string): number | null {
  if (value === undefined) return 0
  if (value === null) return null
  if (typeof value !== 'string') throw serverError(5439015, `${name} requires 'startOfWeek' to be a string`)
  const found = weekdays.findIndex(full => [full, full.slice(0, 3)].includes(value.toLowerCase()))
  if (found < 0) throw serverError(5439016, `unknown day of week value: ${value}`)
  return found
}

/**
 * MongoDB manual, "$dateTrunc (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateTrunc/
 */
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
    const size = isNumber(binSize) ? toLong(binSize) : undefined
    if (size === undefined || Number(size) !== toFloat(binSize as number))
      throw serverError(5439017, `${name} requires 'binSize' to be a 64-bit integer`)
    if (size <= 0n) throw serverError(5439018, `${name} requires 'binSize' to be greater than 0`)
    if (isSubDay(by) ? size * BigInt(unitLengths[by]) > maxLong : size > 100_000_000_000n)
      throw serverError(isSubDay(by) ? 5439002 : 5439006, `${name} does not take so large a 'binSize'`)
    const first = by === 'week' ? weekdayOf(startOfWeek, name) : 0
    const zone = zoneAt(scope)
    if (first === null || zone === null) return null
    return new Date(truncateDate(time, by, Number(size), zone, first))
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

/**
 * MongoDB manual, "$dateAdd (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateAdd/
 */
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
      const count = isNumber(amount) ? toLong(amount) : undefined
      if (count === undefined || Number(count) !== toFloat(amount as number))
        throw serverError(5166405, `${name} expects integer amount of time units`)
      const zone = zoneAt(scope)
      if (zone === null) return null
      if (sign < 0 && count === minLong)
        throw serverError(6045000, `invalid ${name} 'amount' parameter value: ${count}`)
      if (by !== 'millisecond' && Math.abs(Number(count)) >= maxAmount(by))
        throw serverError(5976500, `invalid dateAdd 'amount' parameter value: ${count} ${by}`)
      const moved = new Date(addUnits(time, by, sign * Number(count), zone))
      if (Number.isNaN(moved.getTime())) throw serverError(5166406, `${name} overflowed`)
      return moved
    }
  }
}

/**
 * Counts the unit boundaries between two dates. MongoDB manual, "$dateDiff (aggregation)":
 * https://www.mongodb.com/docs/manual/reference/operator/aggregation/dateDiff/
 */
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
    return BigInt(countBoundaries(start, end, by, zone, first))
  }
}
