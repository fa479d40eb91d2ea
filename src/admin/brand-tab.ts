import { BrandVersions, type Brand, type BrandVersion } from '../brand/brand'
import { completeContent } from '../brand/content'
import type { Form } from '../web/form'
import type { Texts } from '../web/texts'
import { frameOf, nameOf, type Tab } from './brand-parts'
import { previewOf, type PreviewPage } from './brand-preview'
import { changesBetween, draftBlanks } from './brand-state'
import { brandPath } from './brands'

type TabPage = {
  /** The page of a tab with several. */
  title?: string
  /** The academy's page that it is about, and the path of the one that its preview shows first. */
  own?: PreviewPage
  first?: string
}

/**
 * Returns what every tab of a brand's draft has besides its form: how the draft differs from what is published, what
 * keeps it from being published, and its preview.
 *
 * @param form what was typed, when it was refused.
 */
export async function brandTabOf(
  brand: Brand,
  texts: Texts,
  here: Tab,
  form?: Form,
  { title = texts.t('admin:brand.titleOf', { name: nameOf(brand) }), own, first }: TabPage = {},
) {
  const published = brand.version ? await BrandVersions.findById(brand.version) : null
  const changes = published && changesBetween(completeContent(published.content), brand.draft, texts).length
  return {
    ...frameOf(brand, title, texts, here),
    sentence: sentenceOf(published, changes, texts),
    publishing: {
      href: `${brandPath(brand)}/publications/new`,
      blocked: blockedReason(brand, changes === 0, form?.errors ?? {}, texts),
    },
    preview: await previewOf(brand, texts, own, first),
  }
}

function sentenceOf(published: BrandVersion | null, changes: number | null, { t, date }: Texts): string {
  if (!published) return t('admin:brand.neverPublished')
  const version = { version: published.number, day: date(published.publishedAt) }
  return `${t('admin:brand.changes', { count: changes })} ${t('admin:brand.published', version)}`
}

/** Returns why the draft can't be published now, in a few words; null when it can. */
function blockedReason(
  brand: Brand,
  isPublished: boolean,
  { form: conflict, file: _upload, ...fields }: Form['errors'],
  texts: Texts,
): string | null {
  const { t } = texts
  const wrong = Object.keys(fields)
  if (wrong.length === 1 && wrong[0] === 'accent') return t('admin:brand.blocked.colour')
  if (wrong.length) return t('admin:brand.blocked.fields', { count: wrong.length })
  if (conflict) return t('admin:brand.blocked.unsaved')
  if (isPublished || brand.draftNumber === 0) return t('admin:brand.blocked.nothing')
  const blanks = draftBlanks(brand, texts).length
  return blanks ? t('admin:brand.blocked.blanks', { count: blanks }) : null
}
