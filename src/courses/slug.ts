/** What an address may be called: lower case letters of the Latin alphabet, digits, hyphens between them. */
export const slugForm = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
export const longestSlug = 80

/** A title as an address: `Wants, unsure, never opened` is `wants-unsure-never-opened`. Empty when nothing is left of it. */
export function slugOf(title: string): string {
  return title
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/ł/gi, 'l')
    .replace(/ø/gi, 'o')
    .replace(/ß/g, 'ss')
    .toLowerCase()
    .replace(/['’]/g, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, longestSlug - 10)
    .replace(/^-+|-+$/g, '')
}

/** Names that addresses use themselves: `/studio/courses/new` is not a course. */
const reserved = new Set(['new'])

export function isSlug(name: string): boolean {
  return name.length <= longestSlug && slugForm.test(name) && !reserved.has(name)
}

/** The slug of a title (or `otherwise`), with a number after it if it is taken. */
export function freeSlug(title: string, otherwise: string, taken: (slug: string) => boolean): string {
  const slug = slugOf(title) || otherwise
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? slug : `${slug}-${n}`
    if (isSlug(candidate) && !taken(candidate)) return candidate
  }
}
