import { z } from 'zod'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import {
  date,
  defineRecord,
  list,
  nested,
  number,
  objectId,
  oneOf,
  string,
  type RecordOf,
} from '../platform/record'
import { conflict } from '../platform/errors'
import { Endpoints, mappingOf, type Endpoint } from './endpoint'
import { mapData, type TypeMapping } from './map-data'
import { apiVersion, messageTypes, type MessageType } from './message-types'

/**
 * A version of what an endpoint gets instead of the fields of `data`: other names, fewer fields, constant values. A
 * version never changes, and a delivery names the one that its body is made with, so every attempt has the same bytes.
 */
export const FieldMappings = defineRecord(
  'FieldMapping',
  'field_mappings',
  {
    /** `endpoint.version` */
    _id: string(),
    endpoint: objectId(),
    /** Counts the versions of an endpoint's mapping, from 1. */
    version: number(),
    /** The version of the formats that it was written for. */
    apiVersion: string(),
    createdAt: date(),
    /** What each message type that is changed becomes. */
    types: list(
      nested({
        type: oneOf(messageTypes),
        renamed: list(nested({ from: string(), to: string() })),
        omitted: list(string()),
        /** `value` is JSON. */
        constants: list(nested({ to: string(), value: string() })),
      }),
    ),
  },
  { indexes: [[{ endpoint: 1, version: -1 }]] },
)
export type FieldMapping = RecordOf<typeof FieldMappings>

/** Returns the mapping that an endpoint's new messages are made with; null when it has none. */
export function currentMapping({ mapping }: Pick<Endpoint, 'mapping'>): Promise<FieldMapping | null> {
  return mapping ? FieldMappings.findById(mapping).exec() : Promise.resolve(null)
}

/** Returns the versions of an endpoint's mapping, newest first, at most 10. */
export function mappingVersions(endpoint: Types.ObjectId): Promise<FieldMapping[]> {
  return FieldMappings.find({ endpoint }).sort({ version: -1 }).limit(10).exec()
}

/** Returns what a mapping says about one message type; null when that type goes out as it is. */
export function typeMappingOf(mapping: FieldMapping | null, type: MessageType): TypeMapping | null {
  return mapping?.types.find(each => each.type === type) ?? null
}

/**
 * Writes a new version of an endpoint's mapping with this part for one message type, and uses it for the messages that
 * are made from now on. Writing what is in force already adds no version.
 *
 * @param seen the version that the form was opened with; null when there was none.
 * @returns the version in force.
 * @throws HttpError 409 when a teammate has written another version since.
 */
export async function changeMapping(
  { _id }: Pick<Endpoint, '_id'>,
  type: MessageType,
  part: TypeMapping,
  seen: string | null,
): Promise<FieldMapping | null> {
  const endpoint = await Endpoints.findById(_id)
  const current = endpoint && (await currentMapping(endpoint))
  const same = JSON.stringify(plain(typeMappingOf(current, type))) === JSON.stringify(plain(part))
  if (same) return current
  if (!endpoint || mappingOf(endpoint) !== seen) throw conflict('integrations:errors.mappingChanged')
  const others = (current?.types ?? []).filter(each => each.type !== type)
  const isChanged = part.renamed.length + part.omitted.length + part.constants.length > 0
  return useVersion(endpoint, isChanged ? [...others, { type, ...part }] : others)
}

/**
 * Makes an earlier version of an endpoint's mapping a new one, and uses it.
 *
 * @throws HttpError 409 when a teammate has written another version at the same moment.
 */
export function restoreMapping(endpoint: Endpoint, version: FieldMapping): Promise<FieldMapping> {
  return useVersion(endpoint, version.types)
}

async function useVersion(endpoint: Endpoint, types: FieldMapping['types']): Promise<FieldMapping> {
  const [last] = await FieldMappings.find({ endpoint: endpoint._id }).sort({ version: -1 }).limit(1)
  const version = (last?.version ?? 0) + 1
  const mapping = {
    _id: `${endpoint._id}.${version}`,
    endpoint: endpoint._id,
    version,
    apiVersion,
    createdAt: now(),
    types,
  }
  // The version is written first: a crash in between leaves one that nothing uses.
  if (!(await FieldMappings.insertOnce(mapping))) throw conflict('integrations:errors.mappingChanged')
  const written = await Endpoints.updateOne(
    { _id: endpoint._id, removedAt: null, mapping: mappingOf(endpoint) },
    { $set: { mapping: mapping._id } },
  )
  if (!written.matchedCount) throw conflict('integrations:errors.mappingChanged')
  return mapping
}

const plain = (part: TypeMapping | null) => ({
  renamed: part?.renamed.map(({ from, to }) => [from, to]) ?? [],
  omitted: part?.omitted ?? [],
  constants: part?.constants.map(({ to, value }) => [to, value]) ?? [],
})

/**
 * Returns what a delivery has sent of its message's body, for the person whom it is about: with the names that the
 * endpoint got, and without fixed values, which are the team's and may be a key.
 */
export async function bodyAboutPerson(body: string, mapping: string | null): Promise<string> {
  const version = mapping ? await FieldMappings.load(mapping) : null
  if (!version) return body
  return mappedBody(body, { ...version, types: version.types.map(type => ({ ...type, constants: [] })) })
}

const bodySchema = z.looseObject({ type: z.enum(messageTypes), data: z.record(z.string(), z.unknown()) })

/**
 * Returns the JSON of a message as an endpoint with this mapping gets it: the fields of `data` under their names there,
 * and `mapping_version`. A type that the mapping leaves alone goes out byte for byte as it is.
 */
export function mappedBody(body: string, mapping: FieldMapping | null): string {
  if (!mapping) return body
  const { data, ...head } = bodySchema.parse(JSON.parse(body))
  const part = typeMappingOf(mapping, head.type)
  if (!part) return body
  return JSON.stringify({ ...head, mapping_version: mapping.version, data: mapData(head.type, data, part) })
}
