import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import {
  brandId,
  Brands,
  BrandVersions,
  publishedBrand,
  readBrand,
  type Brand,
  type BrandVersion,
} from './brand'
import { failingPairs } from './colour'
import type { BrandContent } from './content'

/**
 * Saves a draft over the one with `draftNumber`.
 *
 * @returns the number of the new draft.
 * @throws 409 when someone else has saved since, 422 for an accent colour that can't be read.
 */
export async function saveBrandDraft(draft: BrandContent, draftNumber: number): Promise<number> {
  if (draft.accent && failingPairs(draft.accent).length) {
    throw new HttpError(422, 'admin:errors.brandContrast', { accent: draft.accent })
  }
  const change = { draft, draftNumber: draftNumber + 1 }
  if (draftNumber === 0) {
    const isNew = await Brands.insertOnce({ _id: brandId, version: null, ...change })
    if (!isNew) throw conflict('admin:errors.brandChanged')
  } else {
    const { matchedCount } = await Brands.updateOne({ _id: brandId, draftNumber }, { $set: change })
    if (!matchedCount) throw conflict('admin:errors.brandChanged')
  }
  return change.draftNumber
}

/**
 * Publishes the draft with this number to everybody, as the next version. Publishing the same draft again returns its
 * version, and completes a publication that was interrupted.
 *
 * @throws 409 when someone else has saved since.
 */
export async function publishBrand(draftNumber: number, by: Types.ObjectId | null): Promise<BrandVersion> {
  const brand = await readBrand()
  if (!brand.draftNumber || brand.draftNumber !== draftNumber) throw conflict('admin:errors.brandChanged')
  const version = await createVersion(brand, by)
  // A later version may have been published meanwhile.
  const isNewer = { $or: [{ version: null }, { version: { $lt: version._id } }] }
  await Brands.updateOne({ _id: brandId, ...isNewer }, { $set: { version: version._id } })
  publishedBrand.forget()
  if (by && version._id !== brand.version) {
    await audit({ actor: by, action: 'brand.published', subject: brandId, detail: { version: version._id } })
  }
  return version
}

async function createVersion(
  { draftNumber, draft }: Pick<Brand, 'draftNumber' | 'draft'>,
  by: Types.ObjectId | null,
): Promise<BrandVersion> {
  const [newest] = await BrandVersions.find().sort({ _id: -1 }).limit(1)
  if (newest?.draftNumber === draftNumber) return newest
  const version: BrandVersion = {
    _id: (newest?._id ?? 0) + 1,
    draftNumber,
    content: draft,
    publishedAt: now(),
    publishedBy: by,
  }
  // Another request has published the same draft.
  return (await BrandVersions.insertOnce(version)) ? version : createVersion({ draftNumber, draft }, by)
}
