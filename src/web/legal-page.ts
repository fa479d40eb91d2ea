import { brandTexts, type LegalPageContent, type LegalPageName } from '../brand/content'
import { renderMarkdown } from '../courses/render'
import { memoized } from '../platform/cached'
import type { ShownBrand } from '../brand/brand'
import { starterIn, type Language, type Translate } from './i18n'

/** A legal page of a brand, with the brand's names as placeholders. */
export type LegalPage = LegalPageContent & { isStarter: boolean }

/** Returns a brand's own page, or the starter that it has until then. */
export function legalPageOf(
  { content }: Pick<ShownBrand, 'content'>,
  name: LegalPageName,
  language: Language,
): LegalPage {
  const own = content.legalPages[name]
  return own ? { ...own, isStarter: false } : { ...readLegalPage(starterIn(language, name)), isStarter: true }
}

/** Reads a title, a sentence and the rest from Markdown. */
export function readLegalPage(text: string): LegalPageContent {
  const [title = '', lede = '', ...rest] = text.split('\n\n')
  return { title: title.replace(/^# /, ''), lede, body: rest.join('\n\n').trim() }
}

/** Returns a page with the brand's names filled in: `title` and `lede` as text, the rest as HTML. */
export function renderLegalPage(page: LegalPageContent, t: Translate, language: Language) {
  return {
    title: withNames(page.title, t),
    lede: withNames(page.lede, t),
    html: renderBrandText(page.body, t, language),
  }
}

/** Renders Markdown of a brand, with its names filled in. */
export function renderBrandText(text: string, t: Translate, language: Language): string {
  return htmlOf({ text: withNames(withoutBlankLinks(text, t), t, inMarkdown), language })
}

const htmlOf = memoized(
  ({ text, language }: { text: string; language: Language }) => renderMarkdown(text, [], language),
  {
    max: 200,
    nameOf: ({ text, language }) => `${language} ${text}`,
    sizeOf: ({ text }) => text.length * 3,
  },
)

const nameToken = new RegExp(`\\{\\{(${brandTexts.join('|')})\\}\\}`, 'g')

/** Returns a text with the brand's names in place of `{{legalName}}` and the others. */
function withNames(text: string, t: Translate, write = (name: string) => name): string {
  return text.replace(nameToken, (_whole, name: string) => write(t(`brand:${name}`)))
}

/** A link to an address that is still a blank is its text. */
function withoutBlankLinks(text: string, t: Translate): string {
  return text.replace(/\[([^\]]+)\]\(mailto:\{\{(\w+)\}\}\)/g, (whole, label: string, name: string) =>
    t(`brand:${name}`).startsWith('[') ? label : whole,
  )
}

/** A name stays what it is: `Smith & *Sons*` has no emphasis. An address is also the target of a link. */
const inMarkdown = (name: string) =>
  /^[^\s@\\[\]()<>*_`]+@[^\s@\\[\]()<>*_`]+$/.test(name)
    ? name
    : name.replace(/[\\`*_{}[\]()<>#+\-.!|~=&]/g, '\\$&')

/** A part in brackets that is no link, task or footnote: what the company has to write. */
const blank = /\[(?![ xX^]\])([^\][\n]{1,200})\](?![([:])/g

/** Returns the blanks that are left in a text, without their brackets. */
export function blanksIn(text: string): string[] {
  return [...text.matchAll(blank)].map(([, words]) => words!)
}
