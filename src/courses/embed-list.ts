import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { conflict } from '../platform/errors'
import { defineRecord, list, number, string, type RecordOf } from '../platform/record'

/** The sites whose pages lessons may show in a frame. */
const EmbedLists = defineRecord('EmbedList', 'embed_lists', {
  /** `academy`. */
  _id: string(),
  /** Names of `embedServices`. */
  services: list(string()),
  /** Other hosts, such as `sandbox.northwind.com`. */
  hosts: list(string()),
  /** Counts the changes, so that two administrators can't overwrite each other. */
  number: number(),
})
export type EmbedList = Pick<RecordOf<typeof EmbedLists>, 'services' | 'hosts' | 'number'>

const listId = 'academy'

/** What a new academy has: pages that load nothing from elsewhere. */
export const noEmbeds: EmbedList = { services: [], hosts: [], number: 0 }

/** Returns the list as it is stored. */
export async function readEmbedList(): Promise<EmbedList> {
  return (await EmbedLists.findById(listId)) ?? noEmbeds
}

/** Returns the list for pages: the same object as long as nothing changes. */
export const embedList = cached<void, EmbedList>(
  STALE_AFTER_MS,
  async (_, last) => {
    const list = await readEmbedList()
    return last?.number === list.number ? last : list
  },
  { max: 1 },
)

/**
 * Replaces the list.
 *
 * @param seen the number of the list that the administrator saw.
 * @throws 409 when someone else has changed it since.
 */
export async function changeEmbedList(
  { services, hosts }: Pick<EmbedList, 'services' | 'hosts'>,
  seen: number,
  actor: Types.ObjectId,
): Promise<void> {
  const changed = conflict('admin:errors.embedsChanged')
  if (!seen) await EmbedLists.insertOnce({ _id: listId, ...noEmbeds })
  const $set = { services, hosts, number: seen + 1 }
  const written = await EmbedLists.updateOne({ _id: listId, number: seen }, { $set })
  if (!written.matchedCount) throw changed
  embedList.forget()
  await audit({ actor, action: 'embeds.changed', subject: 'academy', detail: { services, hosts } })
}
