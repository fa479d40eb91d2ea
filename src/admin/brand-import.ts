import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { Request, Response } from 'express'
import { audit } from '../events/audit'
import { readBrand, type Brand } from '../brand/brand'
import { saveBrandDraft } from '../brand/change-brand'
import { maxFilesMegabytes } from '../brand/file'
import { PricingPages } from '../brand/plans'
import { days, later, now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import { date, defineRecord, free, nullable, string, type RecordOf } from '../platform/record'
import type { Person } from '../people/person'
import { NeedsAssessments } from '../signals/needs-content'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { readUploads } from '../web/upload'
import { refuseImport } from './brand'
import { readBrandExport, readParts, type BrandParts, type DraftNumbers } from './brand-export'
import { changesOf, missingIn, takeNameField } from './brand-import-view'
import { done, frameOf } from './brand-parts'
import { brandPath, brandRecordOf } from './brands'

/** A file that an administrator has uploaded, and what it replaced when it was imported. */
const BrandImports = defineRecord(
  'BrandImport',
  'brand_imports',
  {
    _id: string(),
    brandId: string(),
    parts: free<BrandParts>(),
    /** What it replaced, and the numbers of the drafts that it became; null while it isn't imported. */
    applied: nullable(free<{ before: BrandParts; numbers: DraftNumbers }>()),
    expiresAt: date(),
  },
  { indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] },
)
type BrandImport = RecordOf<typeof BrandImports>

/** Base64 makes files a third larger; texts take less than 4 MB. */
export const upload = readUploads('file', { files: 1, megabytes: Math.ceil(maxFilesMegabytes * 1.4) + 4 })

/**
 * `POST /admin/brands/:id/imports`: reads an exported file, and goes to the page that says what it would change. Shows
 * the form again with 422 for another kind of file.
 */
export async function create(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  try {
    const parts = await readBrandExport(request, textsOf(response))
    const _id = randomUUID()
    await BrandImports.create({ _id, brandId: brand._id, parts, expiresAt: later(now(), days(30)) })
    response.redirect(303, `${brandPath(brand)}/imports/${_id}`)
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    await refuseImport(response.locals.t(error.key, error.values), response)
  }
}

/** `GET /admin/brands/:id/imports/:import`: what the file would change in the drafts. */
export async function show(request: Request, response: Response): Promise<void> {
  await renderImport(await importOf(request, response), response)
}

/**
 * `POST /admin/brands/:id/imports/:import/confirmation`: makes the file the drafts, for 30 days after it was uploaded.
 * The academy's name stays unless `takeName` is ticked. Shows the page again with 409 when a draft has been saved
 * since.
 */
export async function confirm(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const { t } = response.locals
  const found = await importOf(request, response)
  const { drafts, takeName } = (request.body ?? {}) as Record<string, unknown>
  const before = await readParts(brand)
  if (drafts !== keyOf(before.numbers)) {
    const flash = { kind: 'error' as const, bold: t('admin:errors.importConflict') }
    return renderImport(found, response.status(409), { flash })
  }
  const { academyName } = brand.draft
  const { content, ...pages } = found.parts
  const isRenamed = Boolean(takeName) || !academyName
  const parts = { ...pages, content: isRenamed ? content : { ...content, academyName } }
  const numbers = numbersAfter(parts, before)
  const replaced = isInterrupted(found, before) ? found.applied!.before : before.parts
  await BrandImports.updateOne({ _id: found._id }, { $set: { applied: { before: replaced, numbers } } })
  await saveParts(brand, parts, before, person)
  const detail = { draft: numbers.content }
  await audit({ actor: person._id, action: 'brand.imported', subject: brand._id, detail })
  const undo = { action: `${brandPath(brand)}/imports/${found._id}/undo`, text: t('admin:import.undo') }
  setFlash(response, { kind: 'done', bold: t('admin:flash.brandImported'), undo })
  response.redirect(303, brandPath(brand))
}

/**
 * `POST /admin/brands/:id/imports/:import/undo`: brings back the drafts that the import replaced. Throws 409 when a
 * draft has been saved since.
 */
export async function undoImport(request: Request, response: Response, person: Person): Promise<void> {
  const brand = brandRecordOf(response)
  const found = await importOf(request, response)
  const { _id, applied } = found
  const current = await readParts(brand)
  const isLast =
    applied && (keyOf(applied.numbers) === keyOf(current.numbers) || isInterrupted(found, current))
  if (!isLast) throw conflict('admin:errors.importUndo')
  await saveParts(brand, applied.before, current, person)
  if (!applied.before.plans) await PricingPages.removeUnpublished(brand._id)
  if (!applied.before.needs) await NeedsAssessments.removeUnpublished(brand._id)
  await BrandImports.updateOne({ _id }, { $set: { applied: null } })
  await audit({ actor: person._id, action: 'brand.import_undone', subject: brand._id })
  done(response, brandPath(brand), 'importUndone')
}

async function importOf({ params }: Request, response: Response): Promise<BrandImport> {
  const { _id: brandId } = brandRecordOf(response)
  const found = await BrandImports.findById(params.import)
  if (found?.brandId !== brandId) throw notFound()
  return found
}

/** Tells the drafts that a page was made of from later ones. */
const keyOf = ({ content, plans, needs }: DraftNumbers) => [content, plans, needs].join('.')

type Current = Awaited<ReturnType<typeof readParts>>

/** What isn't in a file, or is the same as the draft, isn't saved. */
function isNew(name: keyof BrandParts, parts: BrandParts, { parts: current }: Current): boolean {
  return parts[name] !== null && !isDeepStrictEqual(parts[name], current[name])
}

function numbersAfter(parts: BrandParts, current: Current): DraftNumbers {
  const after = (name: keyof BrandParts) => current.numbers[name] + Number(isNew(name, parts, current))
  return { content: after('content'), plans: after('plans'), needs: after('needs') }
}

/** Whether an import stopped halfway: its first draft is saved, another one isn't, and nobody has saved since. */
function isInterrupted({ applied }: BrandImport, { parts: current, numbers }: Current): boolean {
  if (!applied) return false
  const behind = (['plans', 'needs'] as const).filter(name => numbers[name] === applied.numbers[name] - 1)
  return (
    numbers.content === applied.numbers.content &&
    behind.length > 0 &&
    behind.every(name => isDeepStrictEqual(applied.before[name], current[name])) &&
    (['plans', 'needs'] as const).every(
      name => behind.includes(name) || numbers[name] === applied.numbers[name],
    )
  )
}

/** Saves the parts that differ over the drafts with these numbers. Throws 409 when someone else has saved since. */
async function saveParts({ _id }: Brand, parts: BrandParts, current: Current, { _id: by }: Person) {
  const { content, plans, needs } = parts
  const { numbers } = current
  if (isNew('content', parts, current)) await saveBrandDraft(_id, content, numbers.content)
  if (plans && isNew('plans', parts, current)) await PricingPages.save(_id, plans, numbers.plans, by)
  if (needs && isNew('needs', parts, current)) await NeedsAssessments.save(_id, needs, numbers.needs, by)
}

async function renderImport({ _id, parts }: BrandImport, response: Response, more = {}): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const brand = await readBrand(brandRecordOf(response)._id)
  const current = await readParts(brand)
  const name = takeNameField(brand, parts, texts)
  response.render('admin/brand-import', {
    ...frameOf(brand, t('admin:import.title'), texts),
    sentence: t('admin:import.sentence', { name: parts.content.academyName || t('admin:import.noName') }),
    changes: changesOf(current.parts, parts, texts),
    kept: (['plans', 'needs'] as const)
      .filter(page => !parts[page] && current.parts[page])
      .map(page => t(`admin:import.kept.${page}`)),
    missing: await missingIn(parts, texts),
    nameField: name,
    drafts: keyOf(current.numbers),
    action: `${brandPath(brand)}/imports/${_id}/confirmation`,
    ...more,
  })
}
