import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { conflict, HttpError, notFound } from '../platform/errors'
import {
  catalogueLists,
  CatalogueListRecords,
  entryId,
  entryOf,
  listsId,
  readLists,
  type CatalogueLists,
  type ListEntry,
  type ListName,
} from './catalogue-lists'
import { Courses } from './course'
import { publishedCourses } from './published'
import { freeSlug, isSlug } from './slug'

/** Who changes which list. `number` is that of the lists they saw; null for a script. */
type Change = { list: ListName; number: number; by: Types.ObjectId | null }

/** Every list needs room on one page. */
const maxEntries = 60

/**
 * Adds an entry at the end of a list.
 *
 * @param id made from the first name when it is empty.
 * @param alias what courses already call it, such as the words of an imported file.
 * @returns the id of the entry.
 * @throws 409 when someone else has changed the lists since, 422 for an id that can't be used or is taken.
 */
export async function addEntry(
  change: Change,
  { id, names, alias = '' }: { id: string; names: Record<string, string>; alias?: string },
): Promise<string> {
  const [name = ''] = Object.values(names)
  let added = id
  await changeList(change, 'added', name, entries => {
    if (entries.length >= maxEntries)
      throw new HttpError(422, 'admin:errors.lists.tooMany', { maximum: maxEntries })
    added = id || freeSlug(name, 'entry', slug => entryOf(entries, slug) !== undefined)
    if (!isSlug(added)) throw new HttpError(422, 'admin:errors.lists.id')
    if (entryOf(entries, added)) throw new HttpError(422, 'admin:errors.lists.taken', { id: added })
    const aliases = alias && alias !== added && !entryOf(entries, alias) ? [alias] : []
    return [...entries, { id: added, names, aliases }]
  })
  return added
}

/** Gives an entry other names. Throws 404 for an unknown one, 409 when someone else has changed the lists since. */
export async function renameEntry(change: Change, id: string, names: Record<string, string>): Promise<void> {
  await changeList(change, 'renamed', id, entries => {
    if (!entries.some(entry => entry.id === id)) throw notFound()
    return entries.map(entry => (entry.id === id ? { ...entry, names } : entry))
  })
}

/** Moves an entry one place up or down. Throws as `renameEntry` does. */
export async function moveEntry(change: Change, id: string, direction: 'up' | 'down'): Promise<void> {
  await changeList(change, 'moved', id, entries => {
    const from = entries.findIndex(entry => entry.id === id)
    if (from < 0) throw notFound()
    const to = from + (direction === 'up' ? -1 : 1)
    const moved = entries[from]!
    return to < 0 || to >= entries.length ? entries : entries.toSpliced(from, 1).toSpliced(to, 0, moved)
  })
}

/**
 * Removes an entry. With `into`, what is filed under it is filed under that one from now on: published courses keep
 * the old id, which becomes an alias.
 *
 * @throws 404 for an unknown entry, 409 while courses use it and `into` is empty, and when someone else has changed
 * the lists since; 422 for the last topic or level.
 */
export async function removeEntry(change: Change, id: string, into: string | null): Promise<void> {
  const users = into ? [] : await usersOf(change.list, id)
  await changeList(change, into ? 'merged' : 'removed', id, entries => {
    const entry = entries.find(each => each.id === id)
    if (!entry || (into !== null && (into === id || !entries.some(each => each.id === into))))
      throw notFound()
    if (users.length) {
      throw conflict('admin:errors.lists.used', {
        count: users.length,
        courses: users.map(({ title }) => title).join(', '),
      })
    }
    if (entries.length === 1 && change.list !== 'audiences')
      throw new HttpError(422, 'admin:errors.lists.last')
    const aliases = [id, ...entry.aliases]
    return entries
      .filter(each => each.id !== id)
      .map(each => (each.id === into ? { ...each, aliases: [...each.aliases, ...aliases] } : each))
  })
}

export type UsingCourse = { slug: string; title: string }

/** Returns the courses that use an entry, in their draft or in the version that learners get, by title. */
export async function usersOf(list: ListName, id: string): Promise<UsingCourse[]> {
  return (await usesOfLists())[list].get(id) ?? []
}

/** Returns the courses that use each entry, by the entry's id. */
export async function usesOfLists(): Promise<Record<ListName, Map<string, UsingCourse[]>>> {
  const fields = {
    slug: 1,
    'draft.title': 1,
    'draft.topic': 1,
    'draft.audiences': 1,
    'draft.level': 1,
  } as const
  const [lists, drafts, published] = await Promise.all([
    readLists(),
    Courses.find({}, fields),
    publishedCourses(),
  ])
  const used = {
    topics: new Map<string, UsingCourse[]>(),
    audiences: new Map<string, UsingCourse[]>(),
    levels: new Map<string, UsingCourse[]>(),
  }
  const note = (list: ListName, value: string, course: UsingCourse) => {
    const id = entryId(lists[list], value)
    const courses = used[list].get(id) ?? []
    if (!courses.some(({ slug }) => slug === course.slug)) used[list].set(id, [...courses, course])
  }
  const all = [
    ...drafts.map(({ slug, draft }) => ({ slug, content: draft })),
    ...published.map(({ slug, content }) => ({ slug, content })),
  ].sort((a, b) => a.content.title.localeCompare(b.content.title, 'en'))
  for (const { slug, content } of all) {
    const course = { slug, title: content.title }
    note('topics', content.topic, course)
    note('levels', content.level, course)
    for (const audience of content.audiences) note('audiences', audience, course)
  }
  return used
}

async function changeList(
  { list, number, by }: Change,
  verb: 'added' | 'renamed' | 'moved' | 'removed' | 'merged',
  subject: string,
  change: (entries: ListEntry[]) => ListEntry[],
): Promise<void> {
  const lists = await readLists()
  if (lists.number !== number) throw conflict('admin:errors.lists.changed')
  const after = change(lists[list])
  if (after === lists[list]) return
  await saveLists({ ...lists, [list]: after })
  if (by) await audit({ actor: by, action: `catalogue_list.${verb}`, subject, detail: { list } })
}

/** Saves lists over those with the same number. Throws 409 when someone else has changed them since. */
export async function saveLists({ _id, number, ...lists }: CatalogueLists): Promise<void> {
  const change = { ...lists, number: number + 1 }
  const isSaved =
    number === 0
      ? await CatalogueListRecords.insertOnce({ _id: listsId, ...change })
      : (await CatalogueListRecords.updateOne({ _id, number }, { $set: change })).matchedCount > 0
  catalogueLists.forget()
  if (!isSaved) throw conflict('admin:errors.lists.changed')
}
