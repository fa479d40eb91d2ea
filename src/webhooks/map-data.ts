import { z } from 'zod'
import { memoized } from '../platform/cached'
import { messageDefinitionOf, type MessageType } from './message-types'

/** What one message type becomes for an endpoint. Fields are paths such as `person.email`. */
export type TypeMapping = {
  renamed: { from: string; to: string }[]
  omitted: string[]
  /** `value` is JSON. */
  constants: { to: string; value: string }[]
}

type Data = Record<string, unknown>

/** The longest name of a field, with the names of the objects that it is in. */
export const maxFieldName = 100
/** Names that an object has already. */
const reserved = /(^|\.)(__proto__|constructor|prototype)(\.|$)/

/** True for the name that a field may get: words of letters, digits, `_` and `-`, joined by dots. */
export function isFieldName(name: string): boolean {
  return (
    name.length <= maxFieldName &&
    /^[A-Za-z_][\w-]*(\.[A-Za-z_][\w-]*){0,4}$/.test(name) &&
    !reserved.test(name)
  )
}

/** The fields that `lead.erased` can't do without: they say whose data is to be deleted. */
const kept: Partial<Record<MessageType, readonly string[]>> = { 'lead.erased': ['external_id'] }

/** True for a field that may not be left out of a message type. */
export function mustBeSent(type: MessageType, field: string): boolean {
  return kept[type]?.includes(field) ?? false
}

/** Returns the fields of a message type's `data`, in their order: each list, and each value that isn't an object. */
export const fieldsOf = memoized((type: MessageType) =>
  leavesOf(z.toJSONSchema(messageDefinitionOf(type).data) as JsonSchema),
)

type JsonSchema = { properties?: Record<string, JsonSchema>; anyOf?: JsonSchema[] }

function leavesOf(schema: JsonSchema, path = ''): string[] {
  const object = schema.properties ? schema : schema.anyOf?.find(each => each.properties)
  if (!object?.properties) return [path]
  return Object.entries(object.properties).flatMap(([name, each]) =>
    leavesOf(each, path ? `${path}.${name}` : name),
  )
}

/** Returns each field of an object with its value. Lists, and objects without fields, are values. */
export function valuesIn(data: Data, path = ''): [field: string, value: unknown][] {
  return Object.entries(data).flatMap(([name, value]): [string, unknown][] => {
    const field = path ? `${path}.${name}` : name
    return isObject(value) && Object.keys(value).length ? valuesIn(value, field) : [[field, value]]
  })
}

const isObject = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Returns `data` as a mapping changes it. An object that is null counts as its fields being null: those that get
 * another name are null there, and the object itself is left out when none of its fields stay.
 */
export function mapData(type: MessageType, data: Data, { renamed, omitted, constants }: TypeMapping): Data {
  const names = new Map(renamed.map(({ from, to }) => [from, to]))
  const left = new Set(omitted)
  const result: Data = {}
  const moved: [string, unknown][] = []
  for (const [field, value] of valuesIn(data)) {
    const inside = value === null ? fieldsOf(type).filter(each => each.startsWith(`${field}.`)) : []
    for (const each of inside) if (names.has(each)) moved.push([names.get(each)!, null])
    const name = names.get(field)
    const stays = inside.length ? inside.some(each => !names.has(each) && !left.has(each)) : !left.has(field)
    if (name !== undefined) moved.push([name, value])
    else if (stays) put(result, field, value)
  }
  for (const [name, value] of moved) put(result, name, value)
  for (const { to, value } of constants) put(result, to, JSON.parse(value))
  return result
}

function put(target: Data, field: string, value: unknown): void {
  const path = field.split('.')
  const last = path.pop()!
  let object = target
  for (const name of path) {
    if (!isObject(object[name])) object[name] = {}
    object = object[name] as Data
  }
  object[last] = value
}

/**
 * Returns the names that two fields of a message would share, or where one would be inside the value of another, by the
 * name; empty for a mapping that loses nothing.
 */
export function collisionsIn(type: MessageType, { renamed, omitted, constants }: TypeMapping): string[] {
  const names = new Map(renamed.map(({ from, to }) => [from, to]))
  const targets = [
    ...fieldsOf(type)
      .filter(field => !omitted.includes(field))
      .map(field => names.get(field) ?? field),
    ...constants.map(({ to }) => to),
  ].sort()
  return targets.filter((name, n) =>
    targets.some((other, m) => m !== n && (other === name || name.startsWith(`${other}.`))),
  )
}
