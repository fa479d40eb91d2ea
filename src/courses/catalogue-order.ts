import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { STALE_AFTER_MS, cached } from '../platform/cached'
import { conflict } from '../platform/errors'
import { defineRecord, list, nullable, number, objectId, string } from '../platform/record'
import type { Published } from './published'

/** The order of the catalogue that the studio has chosen. */
const CatalogueOrders = defineRecord('CatalogueOrder', 'catalogue_orders', {
  /** `academy`. */
  _id: string(),
  /** Ids of the courses that have a place, in order. All others follow, newest first. */
  courses: list(objectId()),
  /** The course that is first, whatever its place. */
  featured: nullable(objectId()),
  /** Counts the changes, so that two people can't overwrite each other. */
  number: number(),
})

export type CatalogueOrder = { courses: string[]; featured: string | null; number: number }

const orderId = 'academy'
const newestOnly: CatalogueOrder = { courses: [], featured: null, number: 0 }

async function readOrder(): Promise<CatalogueOrder> {
  const record = await CatalogueOrders.findById(orderId)
  if (!record) return newestOnly
  const { courses, featured, number } = record
  return { courses: courses.map(String), featured: featured && String(featured), number }
}

/** Returns the chosen order for pages: the same object as long as nothing changes. */
export const catalogueOrder = cached<void, CatalogueOrder>(
  STALE_AFTER_MS,
  async (_, last) => {
    const order = await readOrder()
    return last?.number === order.number ? last : order
  },
  { max: 1 },
)

const orders = new WeakMap<Published[], { order: CatalogueOrder; courses: Published[] }>()

/**
 * Returns courses in the order of the catalogue: the featured one, those that have a place, then the newest. Sorted
 * once for each list that is read and each order.
 */
export async function inCatalogueOrder(courses: Published[]): Promise<Published[]> {
  const order = await catalogueOrder()
  const known = orders.get(courses)
  if (known?.order === order) return known.courses
  const places = new Map(order.courses.map((id, n) => [id, n]))
  const placeOf = ({ course }: Published) =>
    String(course) === order.featured ? -1 : (places.get(String(course)) ?? Infinity)
  const ordered = courses.toSorted((a, b) => {
    const [first, second] = [placeOf(a), placeOf(b)]
    return first === second ? b.publishedAt.getTime() - a.publishedAt.getTime() : first - second
  })
  orders.set(courses, { order, courses: ordered })
  return ordered
}

/**
 * Changes the order of the catalogue.
 *
 * @param change returns the new order. It must be pure.
 * @throws 409 when others keep changing it at the same moment.
 */
export async function changeCatalogueOrder(
  by: Types.ObjectId,
  change: (order: CatalogueOrder) => Pick<CatalogueOrder, 'courses' | 'featured'>,
): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const before = await readOrder()
    const { courses, featured } = change(before)
    const next = { courses, featured, number: before.number + 1 }
    const isSaved = await CatalogueOrders.upsertIfMatching(
      { _id: orderId, number: before.number },
      { $set: next },
    )
    if (!isSaved) continue
    catalogueOrder.forget()
    await audit({ actor: by, action: 'catalogue.reordered', subject: orderId })
    return
  }
  throw conflict('studio:errors.draftChanged')
}

const maxAttempts = 5
