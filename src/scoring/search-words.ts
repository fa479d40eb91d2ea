import type { Person } from '../people/person'

/**
 * What somebody is found by, in lower case without accents: each word of name and company, and the address. A search for the
 * beginning of one is a range of an index.
 */
export function searchWords(person: Pick<Person, 'name' | 'email' | 'company'>): string[] {
  const words = [person.name, person.company?.name ?? ''].flatMap(text =>
    plain(text).split(/[^\p{L}\p{N}]+/u),
  )
  return [...new Set([...words, person.email, person.company?.domain ?? ''])].filter(Boolean)
}

/** The filter of what somebody typed: every word of it must begin a word of the record. */
export function searchFilter(typed: string): { $and: { search: RegExp }[] } | Record<string, never> {
  const words = plain(typed)
    .split(/[\s\p{Cc},;]+/u)
    .filter(Boolean)
    .slice(0, 5)
  if (!words.length) return {}
  return {
    $and: words.map(word => ({ search: new RegExp(`^${word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}`) })),
  }
}

function plain(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
}
