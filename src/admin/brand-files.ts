import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Brand } from '../brand/brand'
import { fileKinds, filesIn, maxFilesMegabytes, type BrandFile } from '../brand/file'
import { HttpError, notFound } from '../platform/errors'
import type { Form } from '../web/form'
import { textsOf } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { showSection } from './brand-home'
import { showLook } from './brand-look'
import { done, saveDraftPart } from './brand-parts'
import { slotNamed, type FileSlot } from './brand-slots'
import { brandPath, brandRecordOf } from './brands'
import { iconFault, readBrandFile } from './read-brand-file'

export const upload = readUploads('file', { files: 1, megabytes: fileKinds.video.megabytes })

/**
 * `POST /admin/brands/:id/files`: puts the uploaded file into a slot of the draft. Shows its page again with 422 for
 * a file that the slot can't take. Throws 409 when a colleague has changed it since its page was opened.
 */
export async function create(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { slot, basis } = readSlot(request, brand)
  const texts = textsOf(response)
  const refuse = (error: string) => refuseFile(response, brand, slot, error)
  const [uploaded] = uploadsOf(request)
  if (!uploaded?.size) return refuse(texts.t('admin:errors.brand.noFile'))
  const { file, error } = await readBrandFile(slot.kind, uploaded.name, await bytesOf(uploaded), texts)
  if (error !== undefined) return refuse(error)
  const fault = slot.name === 'icon' ? iconFault(file, texts) : null
  if (fault) return refuse(fault)
  const total = filesIn(slot.withFile(brand.draft, file)).reduce((sum, { size }) => sum + size, 0)
  if (total > maxFilesMegabytes * 1024 * 1024) {
    return refuse(texts.t('admin:errors.files.total', { megabytes: maxFilesMegabytes }))
  }
  await save(brand, slot, file, basis)
  done(response, pageOf(brand, slot), 'brandSaved')
}

/** `POST /admin/brands/:id/files/removal`: empties a slot of the draft. Published versions keep their file. */
export async function destroy(request: Request, response: Response): Promise<void> {
  const brand = brandRecordOf(response)
  const { slot, basis } = readSlot(request, brand)
  await save(brand, slot, null, basis)
  done(response, pageOf(brand, slot), 'brandSaved')
}

const slotForm = z.object({ slot: z.string().max(100), basis: z.string().max(100) })

function readSlot(request: Request, brand: Brand): { slot: FileSlot; basis: string } {
  const { data } = slotForm.safeParse(request.body)
  if (!data) throw new HttpError(422, 'web:errors.badRequest')
  const slot = slotNamed(data.slot, brand.draft)
  if (!slot) throw notFound()
  return { slot, basis: data.basis }
}

async function save(brand: Brand, slot: FileSlot, file: BrandFile | null, basis: string): Promise<void> {
  const isSaved = await saveDraftPart(brand, slot.partOf, draft => slot.withFile(draft, file), basis)
  if (!isSaved) throw new HttpError(409, 'admin:errors.brandChanged')
}

async function refuseFile(response: Response, brand: Brand, slot: FileSlot, error: string): Promise<void> {
  const form: Form = { values: {}, errors: { [slot.name]: error } }
  const section = brand.draft.home.find(({ id }) => id === slot.section)
  response.status(422)
  if (section) await showSection(response, brand, section, { files: form })
  else await showLook(response, brand, { files: form })
}

function pageOf(brand: Brand, { section }: FileSlot): string {
  return `${brandPath(brand)}/${section === null ? 'look' : `home/${section}`}`
}
