import type { Person } from '../people/person'

/**
 * Returns the words to find a person by, in lower case without accents: each word of the name and the company, the
 * email address and the domain. A search for the beginning of a word is a range scan of an index.
 */
export function searchWords(person: Pick<Person, 'name' | 'email' | 'company'>): string[] {
  const words = [person.name, person.company?.name ?? ''].flatMap(text =>
    normalized(text).split(/[^\p{L}\p{N}]+/u),
  )
  return [...new Set([...words, person.email, person.company?.domain ?? ''])].filter(Boolean)
}

const maxSearchLength = 200

/** Returns the filter for a typed search: each of its first five words must begin a word of the record. */
export function searchFilter(text: string): { $and: { search: RegExp }[] } | Record<string, never> {
  const words = normalized(text.slice(0, maxSearchLength))
    .split(/[\s\p{Cc},;]+/u)
    .filter(Boolean)
    .slice(0, 5)
  if (!words.length) return {}
  return {
    $and: words.map(word => ({ search: new RegExp(`^${word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')}`) })),
  }
}

function normalized(text: string): string {
  return text.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')
}
