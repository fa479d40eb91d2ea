import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { now } from '../platform/clock'
import { conflict, HttpError } from '../platform/errors'
import {
  baseUrlOf,
  Brands,
  BrandVersions,
  defaultBrandId,
  invalidateBrands,
  readBrand,
  type Brand,
  type BrandVersion,
  type closedHostAnswers,
} from './brand'
import { failingPairs } from './colour'
import { blankBrand, type BrandContent } from './content'
import { deleteConsentRequests } from './consent-request'
import { openFiles } from './file'

/**
 * Saves a draft of a brand over the one with `draftNumber`.
 *
 * @returns the number of the new draft.
 * @throws 409 when someone else has saved since, 422 for an accent colour that can't be read.
 */
export async function saveBrandDraft(id: string, draft: BrandContent, draftNumber: number): Promise<number> {
  if (draft.accent && failingPairs(draft.accent).length) {
    throw new HttpError(422, 'admin:errors.brandContrast', { accent: draft.accent })
  }
  await openFiles(draft)
  const change = { draft, draftNumber: draftNumber + 1 }
  if (id === defaultBrandId && draftNumber === 0) {
    const isNew = await Brands.insertOnce({ _id: id, hosts: [], version: null, ...change })
    if (isNew) return change.draftNumber
  }
  const { matchedCount } = await Brands.updateOne({ _id: id, draftNumber }, { $set: change })
  if (!matchedCount) throw conflict('admin:errors.brandChanged')
  return change.draftNumber
}

/**
 * Publishes the draft with this number to everybody, as the brand's next version. Publishing the same draft again
 * returns its version, and completes a publication that was interrupted.
 *
 * @throws 409 when someone else has saved since.
 */
export async function publishBrand(
  id: string,
  draftNumber: number,
  by: Types.ObjectId | null,
): Promise<BrandVersion> {
  const brand = await readBrand(id)
  if (!brand.draftNumber || brand.draftNumber !== draftNumber) throw conflict('admin:errors.brandChanged')
  const version = await createVersion(brand, by)
  // A later version may have been published meanwhile.
  const isNewer = { $or: [{ version: null }, { version: { $lt: version._id } }] }
  await Brands.updateOne({ _id: id, ...isNewer }, { $set: { version: version._id } })
  invalidateBrands()
  if (by && version._id !== brand.version) {
    await audit({ actor: by, action: 'brand.published', subject: id, detail: { version: version.number } })
  }
  return version
}

async function createVersion(brand: Brand, by: Types.ObjectId | null): Promise<BrandVersion> {
  const { _id: brandId, draftNumber, draft } = brand
  const [[newest], [last]] = await Promise.all([
    BrandVersions.find({ brandId }).sort({ number: -1 }).limit(1),
    BrandVersions.find({}, { _id: 1 }).sort({ _id: -1 }).limit(1),
  ])
  if (newest?.draftNumber === draftNumber) return newest
  const version: BrandVersion = {
    _id: (last?._id ?? 0) + 1,
    brandId,
    number: (newest?.number ?? 0) + 1,
    draftNumber,
    content: draft,
    publishedAt: now(),
    publishedBy: by,
  }
  // Another request has published meanwhile: the same draft, or that of another brand.
  return (await BrandVersions.insertOnce(version)) ? version : createVersion(brand, by)
}

type NewBrand = { id: string; academyName: string; hosts: string[] }

/** What a further brand of the same company begins with. */
const companyFields = [
  'companyName',
  'legalName',
  'postalAddress',
  'privacyEmail',
  'accessibilityEmail',
  'supportEmail',
  'contactEmail',
  'legalPages',
] as const satisfies readonly (keyof BrandContent)[]

/**
 * Adds a brand. Its draft has its name, and the company, addresses and legal pages of the first brand's draft.
 *
 * @throws 409 when the id is taken, or one of the hosts by another brand.
 */
export async function addBrand(
  { id, academyName, hosts }: NewBrand,
  by: Types.ObjectId | null,
): Promise<void> {
  await requireFreeHosts(id, hosts)
  const { draft: first } = await readBrand(defaultBrandId)
  const company = Object.fromEntries(companyFields.map(field => [field, first[field]]))
  const draft: BrandContent = { ...blankBrand, ...company, academyName }
  const isNew =
    id !== defaultBrandId &&
    (await Brands.insertOnce({ _id: id, hosts, draft, draftNumber: 1, version: null }))
  if (!isNew) throw conflict('admin:errors.brandExists')
  invalidateBrands()
  if (by)
    await audit({ actor: by, action: 'brand.created', subject: id, detail: { hosts: hosts.join(', ') } })
}

/**
 * Replaces the hosts of a brand; the first is the primary one.
 *
 * @throws 409 when another brand has one of them.
 */
export async function changeHosts(brand: Brand, hosts: string[], by: Types.ObjectId): Promise<void> {
  const { _id: id } = brand
  await requireFreeHosts(id, hosts)
  await Brands.updateOne({ _id: id }, { $set: { hosts } })
  invalidateBrands()
  const detail = { from: brand.hosts.join(', '), to: hosts.join(', ') }
  await audit({ actor: by, action: 'brand.hosts_changed', subject: id, detail })
}

/**
 * Closes a brand: `into` has its people from now on, and its hosts stop being an academy. For a closed one, changes
 * these two.
 *
 * @throws 409 for the default brand.
 */
export async function closeBrand(
  { _id: id, closed }: Brand,
  { into, hosts }: { into: string; hosts: (typeof closedHostAnswers)[number] },
  by: Types.ObjectId,
): Promise<void> {
  if (id === defaultBrandId) throw conflict('admin:errors.firstBrand')
  await Brands.updateOne({ _id: id }, { $set: { closed: { at: closed?.at ?? now(), into, hosts } } })
  invalidateBrands()
  await audit({ actor: by, action: 'brand.closed', subject: id, detail: { into, hosts } })
}

/** Opens a closed brand again, with the people who joined it. */
export async function reopenBrand({ _id: id }: Brand, by: Types.ObjectId): Promise<void> {
  const { modifiedCount } = await Brands.updateOne(
    { _id: id, closed: { $exists: true } },
    { $unset: { closed: 1 } },
  )
  invalidateBrands()
  if (modifiedCount) await audit({ actor: by, action: 'brand.reopened', subject: id })
}

/**
 * Deletes a brand and its versions. The caller has made sure that it isn't the default one and has no people. The brand
 * goes last, so that nothing is left for another brand with its id.
 */
export async function removeBrand({ _id: id, hosts }: Brand, by: Types.ObjectId): Promise<void> {
  await BrandVersions.deleteMany({ brandId: id })
  await deleteConsentRequests(id)
  await Brands.deleteOne({ _id: id })
  invalidateBrands()
  await audit({ actor: by, action: 'brand.removed', subject: id, detail: { hosts: hosts.join(', ') } })
}

async function requireFreeHosts(id: string, hosts: string[]): Promise<void> {
  const others = await Brands.find({ _id: { $ne: id } }, { hosts: 1, draft: 1 })
  const ownHost = new URL(baseUrlOf(defaultBrandId)).hostname
  for (const host of hosts) {
    const isFirst = id !== defaultBrandId && host === ownHost
    const holder = others.find(other =>
      isFirst ? other._id === defaultBrandId : other.hosts?.includes(host),
    )
    if (!holder && !isFirst) continue
    const brand = holder?.draft.academyName || holder?._id || defaultBrandId
    throw conflict('admin:errors.hostTaken', { host, brand })
  }
}
