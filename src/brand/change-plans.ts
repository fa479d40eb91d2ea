import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { HttpError } from '../platform/errors'
import { PricingPages, pricingPageId, type PlansContent } from './plans'

type By = Types.ObjectId | null
const subject = 'pricing-page'

/** More plans don't fit next to each other. */
export const planCaps = { plans: 8, features: 12 }

/** Saves the draft over the one with `draftNumber`. Throws 409 when someone else has saved since. */
export async function savePlans(draft: PlansContent, draftNumber: number, by: By): Promise<number> {
  const number = await PricingPages.save(pricingPageId, draft, draftNumber)
  if (by) await audit({ actor: by, action: 'pricing_page.changed', subject, detail: { draft: number } })
  return number
}

/**
 * Publishes the draft.
 *
 * @returns the number of the version.
 * @throws 409 when someone else has saved since, 422 for a page of its own plans that has none.
 */
export async function publishPlans(draftNumber: number, by: By): Promise<number> {
  const draft = (await PricingPages.read(pricingPageId))?.draft
  if (!draft || (draft.source === 'own' && !draft.plans.length)) {
    throw new HttpError(422, 'admin:errors.plans.none')
  }
  const { version, isNew } = await PricingPages.publish(pricingPageId, draftNumber, by)
  if (by && isNew) {
    await audit({ actor: by, action: 'pricing_page.published', subject, detail: { number: version.number } })
  }
  return version.number
}

/** Switches the page off: it is gone, and so are the links to it. */
export async function withdrawPlans(by: Types.ObjectId): Promise<void> {
  if (await PricingPages.withdraw(pricingPageId)) {
    await audit({ actor: by, action: 'pricing_page.withdrawn', subject })
  }
}
