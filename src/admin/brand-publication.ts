import type { Request, Response } from 'express'
import { z } from 'zod'
import { BrandVersions, type Brand } from '../brand/brand'
import { publishBrand } from '../brand/change-brand'
import { askAgain } from '../brand/consent-request'
import { blankBrand, completeContent } from '../brand/content'
import { Consents, purposes, type Purpose } from '../people/consent'
import { People, type Person } from '../people/person'
import { languages } from '../web/i18n'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { readForm, type Form } from '../web/form'
import type { FormField } from '../web/field'
import { textsOfDraft } from '../web/shown-brand'
import { textsOf, type Texts } from '../web/texts'
import { done, frameOf } from './brand-parts'
import { changesBetween, draftBlanks } from './brand-state'
import { brandPath, brandRecordOf } from './brands'

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
  // Before anybody is asked again: this is the form of another draft.
  if (data.draftNumber !== brand.draftNumber) throw conflict('admin:errors.brandChanged')
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
  const changes = changesBetween(before, brand.draft, texts)
  return {
    ...frameOf(brand, t('admin:publication.title'), texts),
    action: `${brandPath(brand)}/publications`,
    draftNumber: brand.draftNumber,
    isPublished: published !== null && changes.length === 0,
    discarding: published && {
      action: `${brandPath(brand)}/versions/${published.number}/restoration`,
      text: t('admin:publication.discardText', { version: published.number }),
    },
    changes,
    blanks,
    canPublish: brand.draftNumber > 0 && blanks.length === 0,
    consents: await Promise.all(consents.map(each => consentView(each, texts))),
  }
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
