import { transliterate } from 'transliteration'

/** A slug consists of lowercase Latin letters and digits, with single hyphens in between. */
export const slugForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
export const maxSlugLength = 80

/**
 * Makes a slug from a title: `Your first lesson` becomes `your-first-lesson`, `Насосы` `nasosy`. Every script is
 * written in Latin letters. Empty when the title has neither letters nor digits.
 */
export function slugOf(title: string): string {
  return transliterate(title.normalize('NFKC'), { unknown: '' })
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxSlugLength - 10)
    .replace(/^-+|-+$/g, '')
}

/** Names that URLs use themselves: `/studio/courses/new` isn't a course. */
const reserved = new Set(['new'])

/** Whether a name can be used as a slug. */
export function isSlug(name: string): boolean {
  return name.length <= maxSlugLength && slugForm.test(name) && !reserved.has(name)
}

/** Returns the slug of a title (or `fallback`), with a number if it is taken. */
export function freeSlug(title: string, fallback: string, taken: (slug: string) => boolean): string {
  const slug = slugOf(title) || fallback
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? slug : `${slug}-${n}`
    if (isSlug(candidate) && !taken(candidate)) return candidate
  }
}
