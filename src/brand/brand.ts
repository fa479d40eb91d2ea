import { createHash } from 'node:crypto'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { config } from '../platform/config'
import { hostOf } from '../platform/host'
import {
  date,
  defineRecord,
  free,
  immutable,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  type RecordOf,
} from '../platform/record'
import { blankBrand, completeContent, type BrandContent } from './content'

/** What the hosts of a closed brand do: lead to the brand that has its people, or say that it has closed. */
export const closedHostAnswers = ['redirect', 'page'] as const

/** A brand: an academy with its own hosts, and the draft and the published version of its content. */
export const Brands = defineRecord('Brand', 'brands', {
  /** A slug, such as `guide`; `academy` for the first brand. It never changes. */
  _id: string(),
  /** The hosts that it answers on, as `hostOf` writes them, the primary one first. The first brand needs none. */
  hosts: optional(list(string())),
  draft: free<BrandContent>(),
  /** Counts the saves, so that two administrators can't overwrite each other. */
  draftNumber: number(),
  /** The id of the published version; null before the first. */
  version: nullable(number()),
  /**
   * When it was closed, which brand has its people since, and what its hosts do; missing while it is open. People keep
   * the brand that they joined, so that it can be opened again.
   */
  closed: optional(nested({ at: date(), into: string(), hosts: oneOf(closedHostAnswers) })),
})
export type Brand = RecordOf<typeof Brands> & { hosts: string[] }

/** A published state of a brand, which never changes. */
export const BrandVersions = defineRecord(
  'BrandVersion',
  'brand_versions',
  {
    /** 1, 2, 3… over all brands. */
    _id: number(),
    brandId: immutable(string()),
    /** 1, 2, 3… within the brand. */
    number: immutable(number()),
    /** The draft that was published. */
    draftNumber: immutable(number()),
    content: immutable(free<BrandContent>()),
    publishedAt: immutable(date()),
    publishedBy: immutable(nullable(objectId())),
  },
  { indexes: [[{ brandId: 1, number: 1 }, { unique: true }]] },
)
export type BrandVersion = RecordOf<typeof BrandVersions>

/**
 * The first brand. It answers on the host of `BASE_URL`, and on every host that no brand names: a proxy may hide the
 * host, and an installation with one brand needs no hosts. Links never contain the host of a request, so an unknown
 * host is in none. Everything that was stored before there were several brands is of this one.
 */
export const defaultBrandId = 'academy'

/** What pages, emails and certificates are made with: a version, or a draft that someone previews. */
export type ShownBrand = {
  id: string
  /** The primary address, without a slash at the end, such as `https://academy.example`. All links begin with it. */
  baseUrl: string
  /** Tells two states apart, in caches and URLs of stylesheets. */
  key: string
  content: BrandContent
  isDraft: boolean
  /** False before the first version: only people who preview the draft may look. */
  isPublished: boolean
  /** For a closed brand: the brand that has its people, and what its hosts do. */
  closed?: { into: ShownBrand; hosts: (typeof closedHostAnswers)[number] }
}

type PublishedBrands = {
  /** Those that aren't closed, the default one first. */
  open: ShownBrand[]
  /** With the brand that has its people in place of a closed one. */
  byId: Map<string, ShownBrand>
  byHost: Map<string, ShownBrand>
}

/** The published state of all brands; a blank one for a brand without a version. */
const readBrands = cached<void, PublishedBrands>(STALE_AFTER_MS, readPublished, { max: 1 })

/** Drops the cached brands. Call it after publishing, and after a change of hosts. */
export const invalidateBrands = () => readBrands.forget()

/**
 * Returns the published brand with this id, or the one that has the people of a closed brand; the default brand, which
 * people without a brand belong to, for every other id.
 */
export async function brandOf(id: string | null | undefined): Promise<ShownBrand> {
  const { open, byId } = await readBrands()
  return byId.get(id ?? defaultBrandId) ?? open[0]!
}

/** Returns the published brand that answers on a host; the default one on every host that no brand names. */
export async function brandAt(host: string): Promise<ShownBrand> {
  const { open, byHost } = await readBrands()
  return byHost.get(hostOf(host)) ?? open[0]!
}

/** The same without waiting; undefined while the brands haven't been read lately. */
export function knownBrandAt(host: string): ShownBrand | undefined {
  const brands = readBrands.known()
  return brands && (brands.byHost.get(hostOf(host)) ?? brands.open[0])
}

/** Returns the brands that aren't closed, published or not, the default one first. */
export async function openBrands(): Promise<ShownBrand[]> {
  return (await readBrands()).open
}

/** Returns the brands to choose from, as the team reads their names; none while there is only one. */
export async function brandChoices(): Promise<{ id: string; name: string }[]> {
  const { open } = await readBrands()
  return open.length < 2 ? [] : open.map(({ id, content }) => ({ id, name: content.academyName || id }))
}

/** Returns the published brands besides one. */
export async function otherBrands({ id }: Pick<ShownBrand, 'id'>): Promise<ShownBrand[]> {
  return (await openBrands()).filter(brand => brand.isPublished && brand.id !== id)
}

/** Returns the name of a person's brand, as the team reads it; null while there is only one. */
export async function brandNameOf({ brand }: { brand?: string }): Promise<string | null> {
  const { id } = await brandOf(brand)
  return (await brandChoices()).find(each => each.id === id)?.name ?? null
}

let shown = new Map<string, ShownBrand>()

async function readPublished(): Promise<PublishedBrands> {
  const brands = await Brands.find({}, { hosts: 1, version: 1, closed: 1 })
  const ids = brands.flatMap(brand => brand.version ?? [])
  const versions = ids.length ? await BrandVersions.find({ _id: { $in: ids } }, { content: 1 }) : []
  const contents = new Map(versions.map(({ _id, content }) => [_id, content]))
  const ordered = brands.sort((a, b) => (a._id === b._id ? 0 : rankOf(a._id) < rankOf(b._id) ? -1 : 1))
  if (ordered[0]?._id !== defaultBrandId) ordered.unshift({ _id: defaultBrandId, version: null })
  const made = new Map<string, ShownBrand>()
  const make = (brand: (typeof ordered)[number], closed?: ShownBrand['closed']) => {
    const content = brand.version === null ? undefined : contents.get(brand.version)
    const isPublished = content !== undefined && !closed
    const fresh = {
      ...shownBrand({ ...brand, isPublished }, content ?? blankBrand),
      ...(closed && { closed }),
    }
    made.set(brand._id, sameOrNew(fresh))
  }
  for (const brand of ordered) if (!brand.closed) make(brand)
  const open = [...made.values()]
  const byId = new Map(made)
  for (const brand of ordered) {
    if (!brand.closed) continue
    const into = made.get(takerOf(brand._id, ordered)) ?? open[0]!
    byId.set(brand._id, into)
    make(brand, { into, hosts: brand.closed.hosts })
  }
  const byHost = new Map<string, ShownBrand>()
  for (const { _id, hosts = [] } of ordered) for (const host of hosts) byHost.set(host, made.get(_id)!)
  byHost.set(hostOf(new URL(config.baseUrl).hostname), open[0]!)
  shown = made
  return { open, byId, byHost }
}

/** Follows closed brands to the open one that has the people of this one by now. */
function takerOf(id: string, brands: { _id: string; closed?: { into: string } }[]): string {
  const passed = new Set<string>()
  for (let taker = id; !passed.has(taker);) {
    passed.add(taker)
    const closed = brands.find(each => each._id === taker)?.closed
    if (!closed) return taker
    taker = closed.into
  }
  return defaultBrandId
}

const rankOf = (id: string) => (id === defaultBrandId ? '' : id)

/** The same object while nothing has changed, so that caches can compare brands. */
function sameOrNew(brand: ShownBrand): ShownBrand {
  const known = shown.get(brand.id)
  const isSame =
    known?.key === brand.key &&
    known.baseUrl === brand.baseUrl &&
    known.isPublished === brand.isPublished &&
    known.closed?.into === brand.closed?.into &&
    known.closed?.hosts === brand.closed?.hosts
  return isSame ? known : brand
}

function shownBrand(
  brand: Pick<Brand, '_id'> & { hosts?: string[]; isPublished: boolean },
  stored: BrandContent,
  isDraft = false,
): ShownBrand {
  const content = completeContent(stored)
  const key = createHash('sha256').update(JSON.stringify(content)).digest('base64url').slice(0, 10)
  const { _id: id, isPublished } = brand
  return { id, baseUrl: baseUrlOf(id, brand.hosts), key, content, isDraft, isPublished }
}

/**
 * Returns the primary address of a brand: `BASE_URL` for the default one, otherwise its first host, with the protocol
 * and the port of `BASE_URL`.
 */
export function baseUrlOf(id: string, [host]: string[] = []): string {
  if (id === defaultBrandId || !host) return config.baseUrl
  const url = new URL(config.baseUrl)
  url.hostname = host
  return url.origin
}

/** Returns a brand as those who preview its draft see it. */
export async function draftOf({ id, isPublished }: ShownBrand): Promise<ShownBrand> {
  return shownDraft(await readBrand(id), isPublished)
}

/** Returns a brand with its draft in place of what is published. */
export function shownDraft(brand: Pick<Brand, '_id' | 'hosts' | 'draft'>, isPublished = true): ShownBrand {
  return shownBrand({ ...brand, isPublished }, brand.draft, true)
}

/**
 * Returns a brand with its draft, or null. The default brand of a new academy is blank, and the first save writes it.
 */
export async function findBrand(id: string): Promise<Brand | null> {
  const found = await Brands.findById(id)
  if (found) return { ...found, hosts: found.hosts ?? [], draft: completeContent(found.draft) }
  if (id !== defaultBrandId) return null
  return { _id: id, hosts: [], draft: blankBrand, draftNumber: 0, version: null }
}

/**
 * Returns a brand with its draft.
 *
 * @throws Error for an unknown id.
 */
export async function readBrand(id = defaultBrandId): Promise<Brand> {
  const brand = await findBrand(id)
  if (!brand) throw new Error(`There is no brand ${id}`)
  return brand
}

/**
 * Returns a filter of the field `brand` in records of people: those who joined this brand, or a closed one whose people
 * it has. People without a brand are of the default one.
 */
export async function peopleAt(id: string): Promise<{ $in: (string | null)[] }> {
  const { byId } = await readBrands()
  const joined = [...byId].flatMap(([joinedId, brand]) => (brand.id === id ? joinedId : []))
  return { $in: [...new Set([id, ...joined]), ...(id === defaultBrandId ? [null] : [])] }
}
