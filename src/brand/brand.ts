import { createHash } from 'node:crypto'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import {
  date,
  defineRecord,
  free,
  immutable,
  nullable,
  number,
  objectId,
  string,
  type RecordOf,
} from '../platform/record'
import { blankBrand, type BrandContent } from './content'

/** The draft of the academy's brand, and which version everybody sees. */
export const Brands = defineRecord('Brand', 'brands', {
  /** `academy`. */
  _id: string(),
  draft: free<BrandContent>(),
  /** Counts the saves, so that two administrators can't overwrite each other. */
  draftNumber: number(),
  /** The published version; null before the first. */
  version: nullable(number()),
})
export type Brand = RecordOf<typeof Brands>

/** A published state of a brand, which never changes. */
export const BrandVersions = defineRecord('BrandVersion', 'brand_versions', {
  /** 1, 2, 3… */
  _id: number(),
  /** The draft that was published. */
  draftNumber: immutable(number()),
  content: immutable(free<BrandContent>()),
  publishedAt: immutable(date()),
  publishedBy: immutable(nullable(objectId())),
})
export type BrandVersion = RecordOf<typeof BrandVersions>

export const brandId = 'academy'

/** What pages, emails and certificates are made with: a version, or a draft that someone previews. */
export type ShownBrand = {
  /** Tells two states apart, in caches and URLs of stylesheets. */
  key: string
  content: BrandContent
  isDraft: boolean
}

/** Returns the published brand; a blank one before the first is published. Call `forget` after publishing. */
export const publishedBrand = cached<void, ShownBrand>(STALE_AFTER_MS, readPublished, { max: 1 })

let shown: ShownBrand | undefined

async function readPublished(): Promise<ShownBrand> {
  const brand = await Brands.findById(brandId, { version: 1 })
  const version = brand?.version ? await BrandVersions.findById(brand.version) : null
  return (shown = sameOrNew(version?.content ?? blankBrand))
}

/** The same object while nothing has changed, so that caches can compare brands. */
function sameOrNew(content: BrandContent): ShownBrand {
  const brand = shownBrand(content)
  return shown?.key === brand.key ? shown : brand
}

/** Returns a content with the key that its caches use. */
export function shownBrand(content: BrandContent, isDraft = false): ShownBrand {
  const key = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 10)
  return { key, content, isDraft }
}

/** Returns the brand with its draft; a blank one in a new academy, which the first save writes. */
export async function readBrand(): Promise<Brand> {
  return (
    (await Brands.findById(brandId)) ?? {
      _id: brandId,
      draft: blankBrand,
      draftNumber: 0,
      version: null,
    }
  )
}
