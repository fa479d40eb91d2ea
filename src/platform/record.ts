import {
  model,
  mongo,
  Schema,
  type IndexDefinition,
  type IndexOptions,
  type HydratedDocument,
  type Model,
  type PipelineStage,
  type QueryFilter,
  type QueryOptions,
  type SchemaDefinition,
  type Types,
  type UpdateQuery,
} from 'mongoose'
import { batched, valuesOf } from './batched'
import { retained } from './retained'

/**
 * ONE DEFINITION PER RECORD. `defineRecord` takes the fields and the indexes of a collection. The types of what is read
 * and inserted follow from them (`RecordOf`, `InputOf`), and every read is a plain typed object. See orders/order.ts.
 */

/**
 * One field: how it is stored, the type it reads as, and the type an insert takes, with `undefined` where it may be
 * left out.
 */
export type Field<T, Input = T> = { definition: Record<string, unknown>; types?: [T, Input] }
export type Fields = Record<string, { definition: Record<string, unknown> }>

type ReadType<F> = F extends { types?: [infer T, unknown] } ? T : never
type InputType<F> = F extends { types?: [unknown, infer Input] } ? Input : never
type LeftOut<F> = { [K in keyof F]: undefined extends InputType<F[K]> ? K : never }[keyof F]
type MaybeMissing<F> = { [K in keyof F]: undefined extends ReadType<F[K]> ? K : never }[keyof F]
type Flat<T> = { -readonly [K in keyof T]: T[K] }

/** What a record with these fields reads as. */
export type ReadOf<F> = Flat<
  { [K in keyof F as K extends MaybeMissing<F> ? never : K]: ReadType<F[K]> } & {
    [K in keyof F as K extends MaybeMissing<F> ? K : never]?: ReadType<F[K]>
  }
>
/** What an insert takes: fields with a default may be left out. */
export type InputOf<F> = Flat<
  { [K in keyof F as K extends LeftOut<F> ? never : K]: InputType<F[K]> } & {
    [K in keyof F as K extends LeftOut<F> ? K : never]?: InputType<F[K]>
  }
>

// An empty string is a value.
Schema.Types.String.checkRequired((value: unknown) => typeof value === 'string')

const required = (type: unknown, rest: object = {}) => ({ definition: { type, required: true, ...rest } })

/** A string, or one of a union that TypeScript knows. */
export const string = <T extends string = string>(): Field<T> => required(String)
export const number = (): Field<number> => required(Number)
export const boolean = (): Field<boolean> => required(Boolean)
export const date = (): Field<Date> => required(Date)
export const objectId = (): Field<Types.ObjectId> => required(Schema.Types.ObjectId)
export const bytes = (): Field<Buffer> => required(Buffer)
/** A string from a fixed list. */
export const oneOf = <const T extends string>(values: readonly T[]): Field<T> =>
  required(String, { enum: [...values] })
/** A part of the record with its own fields. */
export const nested = <F extends Fields>(fields: F): Field<ReadOf<F>, InputOf<F>> =>
  required(schemaOf(fields, { _id: false }))
/** A field that an update may not change. */
export const immutable = <T, Input>({ definition }: Field<T, Input>): Field<T, Input> => ({
  definition: { ...definition, immutable: true },
})
/** A list; empty by default. */
export const list = <T, Input>(each: Field<T, Input>): Field<T[], Input[] | undefined> => ({
  definition: { type: [each.definition], default: [] },
})
/**
 * Values of one kind under keys that are known only at run time, such as a lesson's slug. Read and write them with
 * `mapKey`, since a key may be any word that someone wrote.
 */
export const mapOf = <T, Input>(
  each: Field<T, Input>,
): Field<Record<string, T>, Record<string, Input> | undefined> => ({
  definition: { type: Map, of: each.definition, default: {} },
})
/**
 * Returns the key of a word in a `mapOf`, and in a path to it. A word that every object has as a property (`toString`),
 * or that mongoose keeps for itself, gets an underscore; what separates or begins a path is percent-encoded.
 */
export function mapKey(word: string): string {
  const key = word.replace(/[.$%]/g, each => `%${each.charCodeAt(0).toString(16)}`)
  return key in Object.prototype || key === 'prototype' ? `${key}_` : key
}

/** Data whose shape someone else defines (an author's document, a body from Stripe): stored as it is. */
export const free = <T>(): Field<T> => required(Schema.Types.Mixed)
/** A value or null, which is also the default. */
export const nullable = <T, Input>({
  definition,
}: Field<T, Input>): Field<T | null, Input | null | undefined> => ({
  definition: {
    ...definition,
    required: false,
    default: null,
    ...('enum' in definition && { enum: allowNull(definition) }),
  },
})
/** A field that may be missing. */
export const optional = <T, Input>({
  definition,
}: Field<T, Input>): Field<T | undefined, Input | undefined> => ({
  definition: { ...definition, required: false, default: undefined },
})
/** A field that has this value unless an insert says otherwise. */
export const withDefault = <T, Input>(
  { definition }: Field<T, Input>,
  value: T,
): Field<T, Input | undefined> => ({
  definition: { ...definition, required: false, default: value },
})

const allowNull = (definition: Record<string, unknown>) => [...(definition.enum as unknown[]), null]

/** The keys of an index, and its options. */
export type Index = readonly [keys: IndexDefinition, options?: IndexOptions]

/**
 * Fields that a schema does not define are rejected with an error, in an insert, an update and a filter: a mistyped
 * name is never silently ignored.
 */
function schemaOf<T>(fields: Fields, options: { _id?: false } = {}): Schema<T> {
  const definition: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(fields)) definition[name] = field.definition
  return new Schema<T>(definition as SchemaDefinition<T>, {
    ...options,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
    minimize: false,
  })
}

type Head<K> = K extends `${infer First}.${string}` ? First : K
type Projection<T> = { [K in (keyof T & string) | `${keyof T & string}.${string}`]?: 0 | 1 }
/** What a read with this projection returns: the fields it names and the id, or all but those that it leaves out. */
type Projected<T, P> = [keyof P] extends [never]
  ? T
  : P[keyof P] extends 0
    ? Omit<T, keyof P>
    : Pick<T, (Head<keyof P> & keyof T) | ('_id' & keyof T)>

/**
 * Defines the records of one collection.
 *
 * @param name of the model, such as `Order`.
 * @param collection it is stored in, such as `orders`.
 * @param onWrite is called after each update or deletion in this process, to drop what was cached.
 */
export function defineRecord<const F extends Fields>(
  name: string,
  collection: string,
  fields: F,
  { indexes = [], onWrite }: { indexes?: readonly Index[]; onWrite?: () => void } = {},
): Records<Flat<IdOf<F> & ReadOf<F>>, InputOf<F> & OptionalIdOf<F>> {
  type T = Flat<IdOf<F> & ReadOf<F>>
  const schema = schemaOf<T>(fields)
  for (const [keys, options] of indexes) schema.index(keys, options)
  if (onWrite) schema.post(/^(update|delete|replace|findOneAnd|bulk)/, onWrite)
  return recordsOf<T, InputOf<F> & OptionalIdOf<F>>(model<T>(name, schema, collection))
}

/** Records without a field `_id` get one from the database. */
type IdOf<F> = '_id' extends keyof F ? unknown : { _id: Types.ObjectId }
type OptionalIdOf<F> = '_id' extends keyof F ? unknown : { _id?: Types.ObjectId }
export type Records<T, Input = T> = ReturnType<typeof recordsOf<T, Input>>
export type RecordOf<R> = R extends { types?: [infer T, unknown] } ? T : never

/** How many records of a collection are kept to be read again. */
const maxKept = 500

function recordsOf<T, Input>(documents: Model<T>) {
  type Filter = QueryFilter<T>
  type Change = UpdateQuery<T> | PipelineStage[]
  type Update = { filter: Filter; change: UpdateQuery<T>; upsert?: boolean }

  async function create(record: Input): Promise<T> {
    const made = new documents(record)
    await made.save()
    return made.toObject<T>({ flattenMaps: true })
  }

  const insertTogether = batched((made: HydratedDocument<T>[]) =>
    outcomesOf(
      made,
      documents.collection.insertMany(
        made.map((each): mongo.BSON.Document => each.toBSON()),
        { ordered: false },
      ),
    ),
  )
  type Operations = Parameters<typeof documents.bulkWrite>[0]
  const updateTogether = batched((updates: Update[]) => {
    const operations = updates.map(({ filter, change, upsert }) => ({
      updateOne: { filter, update: change, upsert },
    }))
    return outcomesOf(updates, documents.bulkWrite(operations as Operations, { ordered: false }))
  })
  const load = batched(async (ids: unknown[]) => {
    const found = await documents.find({ _id: { $in: ids } } as Filter).lean<(T & { _id: unknown })[]>()
    const byId = new Map(found.map(each => [String(each._id), each]))
    return valuesOf(ids.map(id => byId.get(String(id)) ?? null))
  })
  const loadKept = retained<unknown, T | null>(
    (id, dependOn) => {
      dependOn(documents, '_id', id)
      return load(id)
    },
    { max: maxKept },
  )

  return {
    types: undefined as [T, Input] | undefined,
    name: documents.modelName,
    collection: documents.collection,

    /**
     * Returns plain objects, with the fields that a projection keeps. The query runs when it is awaited; `sort`,
     * `limit` and `cursor` may follow.
     */
    find: <const P extends Projection<T> = object>(filter: Filter = {}, projection?: P) =>
      documents.find(filter, projection).lean<Projected<T, P>[]>(),
    findOne: <const P extends Projection<T> = object>(filter: Filter, projection?: P) =>
      documents.findOne(filter, projection).lean<Projected<T, P> | null>(),
    findById: <const P extends Projection<T> = object>(id: unknown, projection?: P) =>
      documents.findById(id, projection).lean<Projected<T, P> | null>(),
    /** Returns a record, or null. Those that are asked for at the same time are read in one command. */
    load: load as (id: unknown) => Promise<T | null>,
    /** The same for those that only read it: requests share it, so it is frozen, until it is written. */
    loadKept: loadKept as (id: unknown) => Promise<Readonly<T> | null>,
    /**
     * Returns a function that finds the records with a value in `field`, of which there are few for each value. Values
     * that are passed at the same time are looked up in one command.
     */
    loaderBy: <const P extends Projection<T> = object>(
      field: keyof T & string,
      filter: Filter = {},
      projection?: P,
    ) =>
      batched(async (values: unknown[]) => {
        const found = await documents
          .find(
            { ...filter, [field]: { $in: values } } as Filter,
            projection && { ...projection, [field]: 1 },
          )
          .lean<Projected<T, P>[]>()
        const groups = new Map<string, Projected<T, P>[]>(values.map(value => [String(value), []]))
        for (const each of found) groups.get(String((each as T)[field]))?.push(each)
        return valuesOf(values.map(value => groups.get(String(value))!))
      }),
    /** The record before the change, or after it with `returnDocument: 'after'`. */
    findOneAndUpdate: (filter: Filter, change: Change, options: QueryOptions<T> = {}) =>
      documents.findOneAndUpdate(filter, change, options).lean<T | null>(),
    /** Stops counting at `limit`, when there is one. */
    count: (filter: Filter = {}, limit?: number) =>
      documents.countDocuments(filter, limit === undefined ? {} : { limit }).exec(),
    exists: async (filter: Filter) => (await documents.exists(filter)) !== null,
    distinct: <const K extends keyof T & string>(field: K, filter: Filter = {}) =>
      documents.distinct(field, filter).exec(),
    aggregate: <Row>(pipeline: PipelineStage[]) => documents.aggregate<Row>(pipeline),

    create,
    insertMany: async (records: Input[]) => void (await documents.insertMany(records)),
    /** Inserts a record under its deterministic id. Returns false when it already exists, and leaves it as it is. */
    insertOnce: async (record: Input) => {
      const made = new documents(record)
      await made.validate()
      return (await unlessDuplicate(() => insertTogether(made))) !== null
    },
    /**
     * Inserts a record, or returns the one that has taken its unique key: its id, or the email address of a person.
     *
     * @param key filter of the record with that unique key.
     * @throws Error when the key that is taken belongs to a record that `key` does not match.
     */
    createOrFind: async (record: Input, key: Filter): Promise<{ record: T; isNew: boolean }> => {
      const created = await unlessDuplicate(() => create(record))
      if (created) return { record: created, isNew: true }
      const found = await documents.findOne(key).lean<T | null>()
      if (!found) throw new Error(`Another ${documents.modelName} has taken a unique key of this one`)
      return { record: found, isNew: false }
    },
    updateOne: (filter: Filter, change: Change, options: { upsert?: boolean } = {}) =>
      documents.updateOne(filter, change, options).exec(),
    /**
     * Updates the record that matches the filter, or inserts one with `upsert`. Those at the same time are one command.
     */
    update: async (filter: Filter, change: UpdateQuery<T>, { upsert }: { upsert?: boolean } = {}) =>
      void (await updateTogether({ filter, change, upsert })),
    /** Updates several records. Each update happens whether or not the others do; throws when one of them fails. */
    updateEach: async (updates: { filter: Filter; change: UpdateQuery<T> }[]) =>
      void (await Promise.all(updates.map(updateTogether))),
    updateMany: (filter: Filter, change: Change) => documents.updateMany(filter, change).exec(),
    /**
     * Updates the record that matches the filter, or inserts it. Returns false when a record with the same id does not
     * match the filter, and leaves it as it is.
     */
    upsertIfMatching: async (filter: Filter, change: UpdateQuery<T>) =>
      (await unlessDuplicate(() => updateTogether({ filter, change, upsert: true }))) !== null,
    deleteOne: (filter: Filter) => documents.deleteOne(filter).exec(),
    deleteMany: (filter: Filter) => documents.deleteMany(filter).exec(),
  }
}

/** Runs a command of several writes. Those that fail don't affect the others. */
async function outcomesOf(
  writes: unknown[],
  command: Promise<unknown>,
): Promise<({ value: true } | { error: unknown })[]> {
  const done: unknown = await command.catch((error: unknown) => error)
  const rejected = done instanceof mongo.MongoBulkWriteError ? [done.writeErrors].flat() : []
  if (done instanceof Error && !rejected.length) throw done
  // Mongoose doesn't send what it can't cast. It then lists the outcome of every write, because the positions in the
  // database's errors are those among the writes that were sent.
  const listed = (done as { mongoose?: { results: unknown[] } }).mongoose?.results
  const byIndex = new Map(rejected.map(error => [error.index, error]))
  return writes.map((_write, index) => {
    const failed = listed ? listed[index] : byIndex.get(index)
    return failed ? { error: errorOf(failed) } : { value: true as const }
  })
}

function errorOf(failed: unknown): Error {
  if (failed instanceof Error) return failed
  const { code, errmsg } = failed as { code?: number; errmsg?: string }
  return Object.assign(new Error(errmsg), { code })
}

/** Runs an insert; returns null when the database refuses it because a unique key is taken (MongoDB's error 11000). */
async function unlessDuplicate<Result>(insert: () => Promise<Result>): Promise<Result | null> {
  try {
    return await insert()
  } catch (error) {
    if ((error as { code?: unknown }).code === 11000) return null
    throw error
  }
}
