import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import type { HttpError } from '../platform/errors'
import { defineVersioned } from '../platform/versioned'
import type { ShownBrand } from './brand'

type By = Types.ObjectId | null

/** The records of a page, and the first word of its actions in the audit log, such as `pricing_page`. */
type Definition<Content> = {
  name: string
  collection: string
  versions: string
  action: string
  /** Returns a 422 for a draft that visitors can't use yet; it gets undefined before the first save. */
  faultOf: (draft: Content | undefined) => HttpError | null
}

/**
 * Defines a page that each brand writes and switches on for itself: its drafts and versions, under the brand's id.
 * While a brand hasn't published it, it has no page and no links there.
 */
export function defineBrandPage<Content extends object>(definition: Definition<Content>) {
  const { name, collection, versions, action, faultOf } = definition
  const pages = defineVersioned<Content>(name, collection, versions)
  const log = async (by: By, verb: string, subject: string, detail: Record<string, unknown> = {}) => {
    if (by) await audit({ actor: by, action: `${action}.${verb}`, subject, detail })
  }
  return {
    ...pages,
    faultOf,
    /** Whether the brand has switched it on. */
    isOn: async (brand: Pick<ShownBrand, 'id'>) =>
      (await pages.published()).some(({ id }) => id === brand.id),
    /** Returns what visitors of a brand get: undefined while it is off, or the draft for those who preview drafts. */
    async shownAt({ id, isDraft }: Pick<ShownBrand, 'id' | 'isDraft'>): Promise<Content | undefined> {
      if (isDraft) return (await pages.read(id))?.draft
      return (await pages.published()).find(page => page.id === id)?.content
    },
    /**
     * Saves the draft over the one with `draftNumber`.
     *
     * @returns the number of the new draft.
     * @throws 409 when someone else has saved since.
     */
    async save(brandId: string, draft: Content, draftNumber: number, by: By): Promise<number> {
      const number = await pages.save(brandId, draft, draftNumber)
      await log(by, 'changed', brandId, { draft: number })
      return number
    },
    /**
     * Publishes the draft.
     *
     * @returns the number of the version.
     * @throws 409 when someone else has saved since, 422 for a draft that isn't complete.
     */
    async publish(brandId: string, draftNumber: number, by: By): Promise<number> {
      const fault = faultOf((await pages.read(brandId))?.draft)
      if (fault) throw fault
      const { version, isNew } = await pages.publish(brandId, draftNumber, by)
      if (isNew) await log(by, 'published', brandId, { number: version.number })
      return version.number
    },
    /** Switches the page off: it is gone, and so are the links to it. */
    async withdraw(brandId: string, by: By): Promise<void> {
      if (await pages.withdraw(brandId)) await log(by, 'withdrawn', brandId)
    },
  }
}

export type BrandPage<Content extends object> = ReturnType<typeof defineBrandPage<Content>>
