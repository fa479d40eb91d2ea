import type { Request, Response } from 'express'
import { z } from 'zod'
import { isDeepStrictEqual } from 'node:util'
import { BrandVersions, type Brand } from '../brand/brand'
import { publishBrand } from '../brand/change-brand'
import { askAgain } from '../brand/consent-request'
import {
  blankBrand,
  brandContent,
  brandTexts,
  completeContent,
  legalPageNames,
  type BrandContent,
} from '../brand/content'
import { Consents, purposes, type Purpose } from '../people/consent'
import { People, type Person } from '../people/person'
import { languages } from '../web/i18n'
import { now } from '../platform/clock'
import { readForm, type Form } from '../web/form'
import type { FormField } from '../web/field'
import { blanksIn } from '../web/legal-page'
import { textsOfDraft } from '../web/shown-brand'
import { textsOf, type Texts } from '../web/texts'
import { asTyped } from '../web/own-text'
import { done, frameOf } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'
import { blanksOfPage } from './legal-pages'

const view = 'admin/brand-publication'

/**
 * `GET /admin/brands/:id/publications/new`: what publishing the draft changes, for whom, and what is left to write
 * before.
 */
export async function show(_request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  response.render(view, await publicationView(brand, textsOf(response)))
}

const answers = ['ask', 'keep'] as const
const publicationForm = z.object({
  draftNumber: z.coerce.number({ error: 'web:errors.badRequest' }).int({ error: 'web:errors.badRequest' }),
  ...Object.fromEntries(purposes.map(purpose => [`ask_${purpose}`, z.enum(answers).optional()])),
})

/**
 * `POST /admin/brands/:id/publications`: publishes the draft with the number in the form. Refuses with 422 while there
 * are blanks, or when a consent text changes and nobody has said whether to ask again. Throws 409 when the draft has
 * changed.
 */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const texts = textsOf(response)
  const { data, form } = readForm(publicationForm, request, response)
  const refuse = async (refused: Form) =>
    response.status(422).render(view, { ...(await publicationView(brand, texts)), form: refused })
  if (form) return void (await refuse(form))
  const blanks = draftBlanks(brand, texts)
  const changed = await changedConsents(brand)
  const answerTo = (purpose: Purpose) => (data as Record<string, unknown>)[`ask_${purpose}`]
  const open = changed.filter(({ purpose, count }) => count > 0 && !answerTo(purpose))
  if (blanks.length || open.length) {
    const errors = Object.fromEntries(
      open.map(({ purpose }) => [`ask_${purpose}`, texts.t('admin:errors.askAgain')]),
    )
    return void (await refuse({ values: request.body, errors }))
  }
  // Before the text is public: if the publication is interrupted, nobody is asked about a text they agreed to.
  for (const { purpose } of changed)
    if (answerTo(purpose) === 'ask') await askAgain(brand._id, purpose, now())
  const version = await publishBrand(brand._id, data.draftNumber, person._id)
  done(response, brandPath(brand), 'brandPublished', { version: version.number })
}

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

type ChangedConsent = { purpose: Purpose; before: string; after: string; count: number }

/** Returns the consents whose text the draft changes, and how many people agreed to an earlier one. */
async function changedConsents(brand: Brand): Promise<ChangedConsent[]> {
  if (!brand.version) return []
  const published = await BrandVersions.findById(brand.version)
  const before = { ...brand, draft: completeContent(published?.content ?? blankBrand) }
  const changed = purposes.flatMap(purpose => {
    const key = `account:boxes.${purpose}.text`
    const language = languages.find(
      each => textsOfDraft(before, each).t(key) !== textsOfDraft(brand, each).t(key),
    )
    if (!language) return []
    const text = (of: Brand) => textsOfDraft(of, language).t(key)
    return [{ purpose, before: text(before), after: text(brand) }]
  })
  return Promise.all(
    changed.map(async each => ({ ...each, count: await Consents.count(agreedTo(each.purpose)) })),
  )
}

const agreedTo = (purpose: Purpose) => ({ purpose, withdrawnAt: null })
const maxNamed = 10

/** Returns the names of the first people who agreed to an earlier text. */
async function namesOf(purpose: Purpose): Promise<string[]> {
  const consents = await Consents.find(agreedTo(purpose), { person: 1 }).sort({ _id: 1 }).limit(maxNamed)
  const people = await People.find({ _id: { $in: consents.map(({ person }) => person) } }, { name: 1 })
  return people.map(({ name }) => name)
}

async function publicationView(brand: Brand, texts: Texts) {
  const { t } = texts
  const blanks = draftBlanks(brand, texts)
  const [consents, published] = await Promise.all([
    changedConsents(brand),
    brand.version ? BrandVersions.findById(brand.version) : null,
  ])
  const before = completeContent(published?.content ?? blankBrand)
  return {
    ...frameOf(brand, t('admin:publication.title'), texts),
    action: `${brandPath(brand)}/publications`,
    draftNumber: brand.draftNumber,
    isPublished: published?.draftNumber === brand.draftNumber,
    changes: changesBetween(before, brand.draft, texts),
    blanks,
    canPublish: brand.draftNumber > 0 && blanks.length === 0,
    consents: await Promise.all(consents.map(each => consentView(each, texts))),
  }
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

async function consentView({ purpose, before, after, count }: ChangedConsent, { t }: Texts) {
  const names = count ? await namesOf(purpose) : []
  const field: FormField = {
    name: `ask_${purpose}`,
    kind: 'radios',
    label: t('admin:publication.ask', { count }),
    options: answers.map(answer => ({
      value: answer,
      text: t(`admin:publication.answers.${answer}`),
      hint: t(`admin:publication.answerHints.${answer}`),
    })),
  }
  return {
    before,
    after,
    field: count ? field : null,
    who:
      count > names.length
        ? t('admin:publication.whoMore', { names: names.join(', '), count: count - names.length })
        : names.join(', '),
  }
}
