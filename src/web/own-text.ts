import { escapeXML } from 'ejs'
import { brandTexts } from '../brand/content'

const tags = /<[^>]+>/g
const namesOfBrand = /\$t\(brand:(\w+)\)/g
const placeholders = /\{\{(\w+)\}\}/g

/** Returns a text as HTML in which only the tags that another text has are markup. */
export function withMarkupOf(text: string, general: string): string {
  const known = new Set(general.match(tags))
  const html = [...known].reduce((so, tag) => so.replaceAll(escapeXML(tag), tag), escapeXML(text))
  return html.replace(/&amp;(#?\w{1,10};)/g, '&$1')
}

/** Returns a text as administrators read it: names of the brand are placeholders like all others. */
export function asTyped(text: string): string {
  return text.replace(namesOfBrand, '{{$1}}')
}

/** Returns a typed text as it is stored: the brand's names are filled in wherever the text is used. */
export function asStored(typed: string): string {
  const isName = (name: string) => brandTexts.some(each => each === name)
  return typed.replace(placeholders, (whole, name: string) => (isName(name) ? `$t(brand:${name})` : whole))
}

/** What is wrong with a typed text: the key of a sentence, and what it is about. */
export type TextFault = { key: string; what: string; placeholders: string }

/**
 * Returns what is wrong with a text in the place of a general one, or null. It may leave placeholders out, but can't
 * have others, since nothing would fill them in; and it has the same tags, so that links keep working.
 */
export function faultOf(stored: string, general: string): TextFault | null {
  const filledIn = new Set([...general.matchAll(placeholders)].map(([whole]) => whole))
  const unknown = asTyped(stored)
    .match(/\{\{[^}]*\}?\}?/g)
    ?.find(each => !filledIn.has(each) && asStored(each) === each)
  const known = [...filledIn, ...brandTexts.map(name => `{{${name}}}`)].join(', ')
  const fault = (key: string, what: string) => ({
    key: `admin:errors.text.${key}`,
    what,
    placeholders: known,
  })
  if (unknown) return fault('placeholder', unknown)
  if (/\$t\((?!brand:\w+\))/.test(stored)) return fault('placeholder', '$t(')
  const missing = missingTag(stored, general)
  if (missing) return fault('missingTag', missing)
  const added = missingTag(general, stored)
  return added ? fault('addedTag', added) : null
}

/** Returns a tag that `general` has more often than `text`. */
function missingTag(text: string, general: string): string | undefined {
  const count = (tag: string, where: string) => where.split(tag).length - 1
  return general.match(tags)?.find(tag => count(tag, text) < count(tag, general))
}
