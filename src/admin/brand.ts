import type { Request, Response } from 'express'
import { z } from 'zod'
import { audit } from '../events/audit'
import { BrandVersions, readBrand, type Brand, type BrandVersion } from '../brand/brand'
import { saveBrandDraft } from '../brand/change-brand'
import { failingPairs, measure, nearestPassing, type Pair } from '../brand/colour'
import { blankBrand, brandContent, type BrandContent } from '../brand/content'
import { changesBetween } from './brand-publication'
import { HttpError, notFound } from '../platform/errors'
import { People, type Person } from '../people/person'
import { endPreview, previewPath, startPreview } from '../web/shown-brand'
import type { FormField } from '../web/field'
import type { Handler } from '../web/handler'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import { languages, textsIn } from '../web/i18n'
import { replaceableTexts } from '../web/interface-texts'
import { faultOf } from '../web/own-text'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'

const view = 'admin/brand'
const path = '/admin/brand'

/** `GET /admin/brand`: the draft of the brand as a form, with its colours measured. */
export async function edit(_request: Request, response: Response): Promise<void> {
  const brand = await readBrand()
  const form = emptyForm({ ...brand.draft, draftNumber: brand.draftNumber })
  response.render(view, { ...(await brandPage(brand, brand.draft.accent, textsOf(response))), form })
}

const draftNumber = z.coerce
  .number({ error: 'web:errors.badRequest' })
  .int({ error: 'web:errors.badRequest' })
const draftForm = z.object({
  ...brandContent.omit({ legalPages: true, texts: true }).shape,
  draftNumber,
  /** The button that takes the nearest colour which can be read. */
  nearest: z.string().optional(),
})

/**
 * `POST /admin/brand`: saves the draft. Shows the form again with 422 for a colour that can't be read, whose pairs it
 * names, and with 409 when someone else has saved since it was opened; saving once more then replaces their draft.
 */
export async function update(request: Request, response: Response): Promise<void> {
  const { data, form } = readForm(draftForm, request, response)
  const texts = textsOf(response)
  const refuse = async (refused: Form, shownAccent: string | null, status = 422) => {
    const page = await brandPage(await readBrand(), shownAccent, texts)
    response.status(status).render(view, { ...page, form: refused })
  }
  if (form) return refuse(form, null)
  const { draftNumber: number, nearest, ...content } = data
  const accent = content.accent && nearest ? nearestPassing(content.accent) : content.accent
  const values = { ...request.body, accent }
  if (accent && failingPairs(accent).length) {
    return refuse({ values, errors: { accent: contrastError(accent, texts) } }, accent)
  }
  try {
    const { draft } = await readBrand()
    await saveBrandDraft({ ...draft, ...content, accent }, number)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 409)) throw error
    const { draftNumber: current } = await readBrand()
    const errors = { form: texts.t('admin:errors.brandConflict') }
    return refuse({ values: { ...values, draftNumber: current }, errors }, accent, 409)
  }
  done(response, 'brandSaved')
}

/** `GET /admin/brand/versions`: what has been published, newest first. */
export async function versions(_request: Request, response: Response): Promise<void> {
  const [brand, all] = await Promise.all([
    readBrand(),
    BrandVersions.find().sort({ _id: -1 }).limit(maxListed),
  ])
  const people = await People.find({ _id: { $in: all.flatMap(each => each.publishedBy ?? []) } }, { name: 1 })
  const names = new Map(people.map(({ _id, name }) => [String(_id), name]))
  response.render('admin/brand-versions', {
    ...frame(textsOf(response)),
    draftNumber: brand.draftNumber,
    versions: all.map((version, n) => versionView(version, all[n + 1], brand, names, textsOf(response))),
  })
}

const maxListed = 200

/** `POST /admin/brand/versions/:number/restoration`: makes an earlier version the draft; nobody else sees it yet. */
export async function restoreVersion(request: Request, response: Response): Promise<void> {
  const version = await BrandVersions.findById(Number(request.params.number) || 0)
  if (!version) throw notFound()
  await saveBrandDraft({ ...blankBrand, ...version.content }, numberIn(request))
  done(response, 'brandRestored', { version: version._id })
}

/** `GET /admin/brand.json`: the draft as a file, to be imported by another academy. */
export async function download(_request: Request, response: Response, person: Person): Promise<void> {
  const { draft, draftNumber: number } = await readBrand()
  await audit({ actor: person._id, action: 'brand.exported', subject: 'academy', detail: { draft: number } })
  const file = { format: fileFormat, content: draft }
  response
    .attachment('brand.json')
    .type('json')
    .send(`${JSON.stringify(file, null, 2)}\n`)
}

const fileFormat = 'academy-brand-1'
const brandFile = z.strictObject({ format: z.literal(fileFormat), content: brandContent })

export const upload = readUploads('file', { files: 1, megabytes: 1 })

/** `POST /admin/brand/imports`: makes an exported file the draft. Refuses another kind of file with 422. */
export async function importFile(request: Request, response: Response): Promise<void> {
  const [file] = uploadsOf(request)
  const read = brandFile.safeParse(file ? parsed((await bytesOf(file)).toString()) : null)
  if (!read.success) {
    const [where] = read.error.issues.map(issue => issue.path.join('.')).filter(Boolean)
    throw new HttpError(422, file ? 'admin:errors.brand.file' : 'admin:errors.brand.noFile', {
      where: where ?? '',
    })
  }
  const fault = firstFault(read.data.content.texts)
  if (fault) throw new HttpError(422, 'admin:errors.brand.file', { where: `texts: ${fault}` })
  await saveBrandDraft(read.data.content, numberIn(request))
  done(response, 'brandImported')
}

/** `GET /brand-previews/:token`: shows the draft in this browser; anyone with the link may look. */
export const startPreviewing: Handler = (request, response) => {
  startPreview(request.params.token, response)
  response.redirect(303, '/')
}

/** `POST /brand-preview/end` */
export const stopPreviewing: Handler = (_request, response) => {
  endPreview(response)
  response.redirect(303, '/')
}

/** Returns the key of a text that could not take the place of the general one. */
function firstFault(texts: BrandContent['texts']): string | undefined {
  return languages
    .flatMap(language =>
      Object.entries(texts[language] ?? {}).map(([key, text]) => ({ language, key, text })),
    )
    .find(({ language, key, text }) => {
      const general = textsIn(language).get(key)
      return general === undefined || !replaceableTexts(language).has(key) || faultOf(text, general)
    })?.key
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function numberIn(request: Request): number {
  const { data } = draftNumber.safeParse((request.body as { draftNumber?: unknown } | undefined)?.draftNumber)
  if (data === undefined) throw new HttpError(422, 'web:errors.badRequest')
  return data
}

function done(response: Response, key: string, values: Record<string, unknown> = {}): void {
  setFlash(response, { kind: 'done', bold: response.locals.t(`admin:flash.${key}`, values) })
  response.redirect(303, path)
}

const frame = ({ t }: Texts) => ({
  layout: 'workspace',
  nav: 'brand',
  head: { title: t('admin:brand.title') },
})

/** Returns the ready-to-print values of the form; `accent` is the colour whose pairs it shows. */
async function brandPage(brand: Brand, accent: string | null, texts: Texts) {
  const { t } = texts
  const published = brand.version ? await BrandVersions.findById(brand.version) : null
  const isPublished = published?.draftNumber === brand.draftNumber
  return {
    ...frame(texts),
    sentence: sentenceOf(brand, published, texts),
    draftNumber: brand.draftNumber,
    canPublish: brand.draftNumber > 0 && !isPublished,
    previewHref: previewPath(),
    sections: sectionsOf(texts),
    accentField: {
      name: 'accent',
      label: t('admin:brand.fields.accent'),
      hint: t('admin:brand.hints.accent'),
      maxlength: 7,
      autocomplete: 'off',
      spellcheck: 'false',
    } satisfies FormField,
    fileField: {
      name: 'file',
      type: 'file',
      label: t('admin:brand.importFile'),
      accept: '.json',
    } satisfies FormField,
    pairs: accent ? measure(accent).map(pair => pairView(pair, texts)) : [],
    nearest: accent && failingPairs(accent).length ? nearestView(accent, texts) : null,
  }
}

function sentenceOf(brand: Brand, published: BrandVersion | null, texts: Texts): string {
  const { t, date } = texts
  if (!published) return t('admin:brand.neverPublished')
  const changes = changesBetween({ ...blankBrand, ...published.content }, brand.draft, texts).length
  const version = { version: published._id, day: date(published.publishedAt) }
  return `${t('admin:brand.changes', { count: changes })} ${t('admin:brand.published', version)}`
}

function versionView(
  version: BrandVersion,
  before: BrandVersion | undefined,
  brand: Brand,
  names: Map<string, string>,
  texts: Texts,
) {
  const { t, date } = texts
  const changed = changesBetween(
    { ...blankBrand, ...before?.content },
    { ...blankBrand, ...version.content },
    texts,
  )
  return {
    title: t('admin:brand.version', { version: version._id }),
    isCurrent: version._id === brand.version,
    at: date(version.publishedAt, 'full'),
    by: names.get(String(version.publishedBy)) ?? '',
    changes: changed.join(', '),
    restoreAction: `${path}/versions/${version._id}/restoration`,
    restoreLabel: t('admin:brand.restoreLabel', { version: version._id }),
  }
}

function sectionsOf({ t }: Texts): { id: string; legend: string; text: string; fields: FormField[] }[] {
  const text = (name: keyof BrandContent, more: Partial<FormField> = {}): FormField => ({
    name,
    label: t(`admin:brand.fields.${name}`),
    maxlength: 200,
    autocomplete: 'off',
    ...more,
  })
  const address = (name: keyof BrandContent) => text(name, { type: 'email', maxlength: 254 })
  const hint = (name: string) => ({ hint: t(`admin:brand.hints.${name}`) })
  const section = (id: string, fields: FormField[]) => ({
    id,
    legend: t(`admin:brand.sections.${id}`),
    text: t(`admin:brand.sectionTexts.${id}`),
    fields,
  })
  return [
    section('names', [
      text('academyName', { maxlength: 60, ...hint('academyName') }),
      text('companyName', { maxlength: 80, ...hint('companyName') }),
      text('tagline', { maxlength: 160, ...hint('tagline') }),
    ]),
    section('legal', [text('legalName', { maxlength: 120 }), text('postalAddress', hint('postalAddress'))]),
    section('contact', [address('privacyEmail'), address('accessibilityEmail')]),
    section('email', [
      text('senderName', { maxlength: 60, ...hint('senderName') }),
      address('replyTo'),
      text('emailFooter', { kind: 'textarea', rows: 3, maxlength: 1000, ...hint('emailFooter') }),
    ]),
  ]
}

function pairView({ name, colour, on, contrast, needs, passes }: Pair, { t, number }: Texts) {
  return {
    name: t(`admin:brand.pairs.${name}`),
    sample: { colour, on },
    contrast: number(contrast),
    needs: number(needs),
    passes,
    result: t(passes ? 'admin:brand.passes' : 'admin:brand.tooLow'),
  }
}

const nearestView = (accent: string, { t }: Texts) => {
  const colour = nearestPassing(accent)
  return { colour, text: t('admin:brand.use', { colour }), note: t('admin:brand.nearest', { colour }) }
}

function contrastError(accent: string, { t, number }: Texts): string {
  const pairs = failingPairs(accent).map(({ name, contrast, needs }) =>
    t('admin:errors.brand.pair', {
      name: t(`admin:brand.pairs.${name}`),
      contrast: number(contrast),
      needs: number(needs),
    }),
  )
  return t('admin:errors.brand.contrast', { accent, pairs: pairs.join('; ') })
}
