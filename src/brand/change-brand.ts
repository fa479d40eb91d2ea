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
import { measure } from './colour'
import type { BrandContent } from './content'

type By = Types.ObjectId | null

/**
 * Saves a draft over the one with `draftNumber`.
 *
 * @returns the brand after the save.
 * @throws 409 when someone else has saved since.
 */
export async function saveBrandDraft(content: BrandContent, draftNumber: number, by: By): Promise<Brand> {
  const change = { draft: content, draftBy: by, draftAt: now(), draftNumber: draftNumber + 1 }
  if (draftNumber === 0) {
    const isNew = await Brands.insertOnce({ _id: brandId, version: null, ...change })
    if (!isNew) throw conflict('admin:errors.brandChanged')
  } else {
    const { matchedCount } = await Brands.updateOne({ _id: brandId, draftNumber }, { $set: change })
    if (!matchedCount) throw conflict('admin:errors.brandChanged')
  }
  return readBrand()
}

/**
 * Publishes the draft with this number to everybody, as the next version. Publishing the same draft again returns its
 * version, and completes a publication that was interrupted.
 *
 * @throws 409 when someone else has saved since, 422 while a pair of colours can't be read.
 */
export async function publishBrand(draftNumber: number, by: By): Promise<BrandVersion> {
  const brand = await readBrand()
  if (!brand.draftNumber || brand.draftNumber !== draftNumber) throw conflict('admin:errors.brandChanged')
  const { accent } = brand.draft
  if (accent && measure(accent).some(({ passes }) => !passes))
    throw new HttpError(422, 'admin:errors.brandContrast')
  const version = await createVersion(brand, by)
  await Brands.updateOne({ _id: brandId, draftNumber }, { $set: { version: version._id } })
  publishedBrand.forget()
  if (by && version._id !== brand.version) {
    await audit({ actor: by, action: 'brand.published', subject: brandId, detail: { version: version._id } })
  }
  return version
}

async function createVersion({ draftNumber, draft }: Brand, by: By): Promise<BrandVersion> {
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
  return (await BrandVersions.insertOnce(version))
    ? version
    : createVersion({ draftNumber, draft } as Brand, by)
}
