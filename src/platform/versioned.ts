import type { Types } from 'mongoose'
import { STALE_AFTER_MS, cached, type Cached } from './cached'
import { now } from './clock'
import { conflict, notFound } from './errors'
import {
  date,
  defineRecord,
  free,
  immutable,
  nullable,
  number,
  objectId,
  string,
  type RecordOf,
} from './record'

/** A published state, which never changes. */
export type Version<Content> = {
  _id: string
  of: string
  /** 1, 2, 3… */
  number: number
  draftNumber: number
  content: Content
  publishedAt: Date
  publishedBy: Types.ObjectId | null
}

/** What everybody sees of one document. */
export type PublishedVersion<Content> = { id: string; number: number; content: Content }

/** A document with its draft. */
export type VersionedRecord<Content> = {
  _id: string
  draft: Content
  draftNumber: number
  version: number | null
  changedAt: Date
}

/**
 * Defines documents with a draft and published versions, such as learning paths.
 *
 * @param name of the model, such as `Path`.
 * @param collection of the drafts, such as `paths`; the versions are in `path_versions`.
 */
export function defineVersioned<Content extends object>(name: string, collection: string, versions: string) {
  const records = defineRecord(
    name,
    collection,
    {
      /** A slug that never changes. */
      _id: string(),
      draft: free<object>(),
      /** Counts the saves, so that two people can't overwrite each other. */
      draftNumber: number(),
      /** Number of the version that everybody sees; null before the first publication and after a withdrawal. */
      version: nullable(number()),
      changedAt: date(),
    },
    { indexes: [[{ version: 1 }]] },
  )
  const versionRecords = defineRecord(
    `${name}Version`,
    versions,
    {
      _id: string(),
      of: immutable(string()),
      number: immutable(number()),
      draftNumber: immutable(number()),
      content: immutable(free<object>()),
      publishedAt: immutable(date()),
      publishedBy: immutable(nullable(objectId())),
    },
    { indexes: [[{ of: 1, number: -1 }, { unique: true }]] },
  )

  // The types of records can't depend on a type that is known only here.
  const typed = (record: RecordOf<typeof records>): VersionedRecord<Content> => ({
    ...record,
    draft: record.draft as Content,
  })
  const typedVersion = (version: RecordOf<typeof versionRecords>): Version<Content> => ({
    ...version,
    content: version.content as Content,
  })

  const published: Cached<void, PublishedVersion<Content>[]> = cached(
    STALE_AFTER_MS,
    async (_, last = []) => {
      const open = await records.find({ version: { $ne: null } }, { version: 1 }).sort({ _id: 1 })
      const isSame =
        open.length === last.length &&
        open.every(({ _id, version }, n) => last[n]!.id === _id && last[n]!.number === version)
      if (isSame) return last
      const ids = open.map(({ _id, version }) => `${_id}:${version}`)
      const found = await versionRecords.find({ _id: { $in: ids } })
      return open.flatMap(({ _id }) => {
        const version = found.find(each => each.of === _id)
        return version ? { id: _id, number: version.number, content: version.content as Content } : []
      })
    },
    { max: 1 },
  )

  async function createVersion(
    id: string,
    { draftNumber, draft }: Pick<VersionedRecord<Content>, 'draftNumber' | 'draft'>,
    by: Types.ObjectId | null,
  ): Promise<Version<Content>> {
    const [latest] = await versionRecords.find({ of: id }).sort({ number: -1 }).limit(1)
    if (latest?.draftNumber === draftNumber) return typedVersion(latest)
    const next = (latest?.number ?? 0) + 1
    const version: Version<Content> = {
      ...{ _id: `${id}:${next}`, of: id, number: next, draftNumber, content: draft },
      ...{ publishedAt: now(), publishedBy: by },
    }
    // Another request has published the same draft.
    return (await versionRecords.insertOnce(version))
      ? version
      : createVersion(id, { draftNumber, draft }, by)
  }

  return {
    /** What everybody sees, by id: the same array as long as nothing is published or withdrawn. */
    published,
    async read(id: string): Promise<VersionedRecord<Content> | null> {
      const record = await records.findById(id)
      return record && typed(record)
    },
    /** Every document with its draft, most recently changed first. */
    all: async () => (await records.find().sort({ changedAt: -1 })).map(typed),
    /** Versions of a document, newest first. */
    history: async (id: string) =>
      (await versionRecords.find({ of: id }).sort({ number: -1 }).limit(200)).map(typedVersion),
    async version(id: string, number: number): Promise<Version<Content> | null> {
      const version = await versionRecords.findById(`${id}:${number}`)
      return version && typedVersion(version)
    },
    /** Creates a document that nobody sees yet. Returns false when the id is taken. */
    create: (id: string, draft: Content) =>
      records.insertOnce({ _id: id, draft, draftNumber: 1, changedAt: now() }),
    /**
     * Saves a draft over the one with `draftNumber`; 0 creates the document.
     *
     * @returns the number of the new draft.
     * @throws 409 when someone else has saved since.
     */
    async save(id: string, draft: Content, draftNumber: number): Promise<number> {
      const change = { draft, draftNumber: draftNumber + 1, changedAt: now() }
      const isSaved =
        draftNumber === 0
          ? await records.insertOnce({ _id: id, ...change })
          : (await records.updateOne({ _id: id, draftNumber }, { $set: change })).matchedCount > 0
      if (!isSaved) throw conflict('web:errors.draftChanged')
      return change.draftNumber
    },
    /**
     * Publishes the draft with this number to everybody, as the next version. Publishing the same draft again returns
     * its version, and completes a publication that was interrupted.
     *
     * @returns the version, and whether it wasn't public before.
     * @throws 404 for an unknown document, 409 when someone else has saved since.
     */
    async publish(id: string, draftNumber: number, by: Types.ObjectId | null) {
      const record = await records.findById(id)
      if (!record) throw notFound()
      if (record.draftNumber !== draftNumber) throw conflict('web:errors.draftChanged')
      const version = await createVersion(id, typed(record), by)
      // A later version may have been published meanwhile.
      const isNewer = { $or: [{ version: null }, { version: { $lt: version.number } }] }
      await records.updateOne({ _id: id, ...isNewer }, { $set: { version: version.number } })
      published.forget()
      return { version, isNew: record.version !== version.number }
    },
    /** Deletes a document with its versions. */
    async remove(id: string): Promise<void> {
      await records.deleteOne({ _id: id })
      await versionRecords.deleteMany({ of: id })
      published.forget()
    },
    /** Deletes a document that nobody sees, such as a draft that was never published. */
    async removeUnpublished(id: string): Promise<void> {
      await records.deleteOne({ _id: id, version: null })
    },
    /** Takes a document off the academy; its draft and versions stay. Returns false when it wasn't public. */
    async withdraw(id: string): Promise<boolean> {
      const { modifiedCount } = await records.updateOne(
        { _id: id, version: { $ne: null } },
        { $set: { version: null } },
      )
      published.forget()
      return modifiedCount > 0
    },
  }
}
