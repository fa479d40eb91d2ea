import { isDeepStrictEqual } from 'node:util'
import type { Brand } from '../brand/brand'
import {
  brandContent,
  brandTexts,
  legalPageNames,
  type BrandContent,
  type LegalPageName,
} from '../brand/content'
import { languages } from '../web/i18n'
import { blanksIn, legalPageOf } from '../web/legal-page'
import { asTyped } from '../web/own-text'
import type { Texts } from '../web/texts'
import { brandPath } from './brands'

type Blank = { where: string; what: string; href: string }

/** Returns what is left to write before a draft may be published. */
export function draftBlanks(brand: Brand, texts: Texts): Blank[] {
  const { t } = texts
  const { draft } = brand
  const names = brandTexts
    .filter(name => !draft[name] && isNeeded(name))
    .map(name => ({
      where: t('admin:brand.sections.names'),
      what: t(`admin:brand.fields.${name}`),
      href: `${brandPath(brand)}#${name}`,
    }))
  const pages = legalPageNames.flatMap(name =>
    blanksOfPage(brand, name, texts).map(what => ({
      where: t(`admin:legal.names.${name}`),
      what,
      href: `${brandPath(brand)}/legal-pages/${name}`,
    })),
  )
  const own = languages.flatMap(language =>
    Object.entries(draft.texts[language] ?? {}).flatMap(([key, text]) =>
      blanksIn(asTyped(text)).map(what => ({
        where: t('admin:texts.title'),
        what,
        href: `${brandPath(brand)}/texts#${key.replace(/[^a-z0-9]/gi, '-')}`,
      })),
    ),
  )
  const footer = blanksIn(draft.emailFooter).map(what => ({
    where: t('admin:brand.sections.email'),
    what,
    href: `${brandPath(brand)}#emailFooter`,
  }))
  const home = draft.home.flatMap(section => {
    if (section.kind !== 'hero') return []
    const missing = [
      ...(section.pictureLight && !section.pictureAlt ? (['pictureAlt'] as const) : []),
      ...(section.video && !section.captions ? (['captions'] as const) : []),
    ]
    return missing.map(name => ({
      where: t('admin:brand.fields.home'),
      what: t(`admin:home.fields.${name}`),
      href: `${brandPath(brand)}/home/${section.id}#${name === 'captions' ? `home-${section.id}-captions` : name}`,
    }))
  })
  return [...names, ...pages, ...own, ...footer, ...home]
}

/** The law, consents and emails need the other names. */
const isNeeded = (name: string) => name !== 'tagline' && name !== 'productName'

/** Returns what is left to write in a legal page of the draft. */
export function blanksOfPage(brand: Brand, name: LegalPageName, { lang }: Pick<Texts, 'lang'>): string[] {
  const { title, lede, body } = legalPageOf({ content: brand.draft }, name, lang)
  return blanksIn([title, lede, body].join('\n'))
}

/** Returns the names of the parts that differ, a legal page by its name and texts by their number. */
export function changesBetween(before: BrandContent, after: BrandContent, { t }: Texts): string[] {
  return brandContent.keyof().options.flatMap(name => {
    if (isDeepStrictEqual(before[name], after[name])) return []
    if (name === 'legalPages') {
      return legalPageNames
        .filter(page => !isDeepStrictEqual(before.legalPages[page], after.legalPages[page]))
        .map(page => t(`admin:legal.names.${page}`))
    }
    if (name === 'texts') return [t('admin:publication.texts', { count: changedTexts(before, after) })]
    return [t(`admin:brand.fields.${name}`)]
  })
}

function changedTexts({ texts: before }: BrandContent, { texts: after }: BrandContent): number {
  const all = new Set(
    [before, after].flatMap(texts =>
      Object.entries(texts).flatMap(([language, own]) => Object.keys(own).map(key => `${language} ${key}`)),
    ),
  )
  return [...all].filter(each => {
    const [language = '', key = ''] = each.split(' ')
    return before[language]?.[key] !== after[language]?.[key]
  }).length
}
