import { STALE_AFTER_MS, cached } from '../platform/cached'
import { fold } from '../platform/fold'
import { defineRecord, free, list, nested, number, string, type RecordOf } from '../platform/record'

/** The lists that courses are filed under. */
export const listNames = ['topics', 'audiences', 'levels'] as const
export type ListName = (typeof listNames)[number]

const entries = () =>
  list(
    nested({
      /** A slug that never changes: courses and URLs use it. */
      id: string(),
      /** By language. */
      names: free<Record<string, string>>(),
      /** What else courses may call it: entries that were merged into it, and words of imported files. */
      aliases: list(string()),
    }),
  )

/** The topics, audiences and levels of the academy, each in the order in which pages show them. */
export const CatalogueListRecords = defineRecord('CatalogueLists', 'catalogue_lists', {
  /** `academy`. */
  _id: string(),
  topics: entries(),
  audiences: entries(),
  levels: entries(),
  /** Counts the changes, so that two administrators can't overwrite each other. */
  number: number(),
})
export type CatalogueLists = RecordOf<typeof CatalogueListRecords>
export type ListEntry = CatalogueLists[ListName][number]

export const listsId = 'academy'

const entry = (id: string, en: string): ListEntry => ({ id, names: { en }, aliases: [] })

/** What a new academy starts with. */
const starterLists: CatalogueLists = {
  _id: listsId,
  topics: [
    entry('basics', 'Basics'),
    entry('using-the-product', 'Using the product'),
    entry('administration', 'Administration'),
  ],
  audiences: [
    entry('users', 'Users'),
    entry('managers', 'Managers'),
    entry('administrators', 'Administrators'),
  ],
  levels: [
    entry('beginner', 'Beginner'),
    entry('intermediate', 'Intermediate'),
    entry('advanced', 'Advanced'),
  ],
  number: 0,
}

/** Returns the lists as they are stored, or the starter, which the first change stores. */
export async function readLists(): Promise<CatalogueLists> {
  return (await CatalogueListRecords.findById(listsId)) ?? starterLists
}

/** Returns the lists for pages: the same object as long as nothing changes. Call `forget` after a change. */
export const catalogueLists = cached<void, CatalogueLists>(
  STALE_AFTER_MS,
  async (_, last) => {
    const lists = await readLists()
    return last?.number === lists.number ? last : lists
  },
  { max: 1 },
)

/** Returns the entry that a course means by this value; undefined when it isn't on the list. */
export function entryOf(entries: readonly ListEntry[], value: string): ListEntry | undefined {
  return entries.find(({ id, aliases }) => id === value || aliases.includes(value))
}

/** Returns the id of the entry that a course means; a value that isn't on the list is its own. */
export function entryId(entries: readonly ListEntry[], value: string): string {
  return entryOf(entries, value)?.id ?? value
}

/** Returns the id of the entry that a file means: its id, an alias or its name in any language; else the same words. */
export function idInFile(entries: readonly ListEntry[], words: string): string {
  const folded = fold(words.trim())
  const named = entries.find(({ names }) => Object.values(names).some(name => fold(name) === folded))
  return (entryOf(entries, words.trim()) ?? named)?.id ?? words.trim()
}

/** Returns the name of an entry, in this language if it has one; a value that isn't on the list is its own name. */
export function nameIn(entries: readonly ListEntry[], value: string, language: string): string {
  const names = entryOf(entries, value)?.names
  return names?.[language] ?? Object.values(names ?? {})[0] ?? value
}
