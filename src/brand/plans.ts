import { HttpError } from '../platform/errors'
import { defineBrandPage } from './brand-page'

export const buttonKinds = ['none', 'link', 'signUp', 'course', 'path'] as const
export const planPeriods = ['', 'month', 'year', 'once'] as const

/** What a plan's button does. `target` is a URL, or the slug of a course or a path. */
type PlanButton = { kind: (typeof buttonKinds)[number]; label: string; target: string }

export type Plan = {
  id: string
  name: string
  /** Who it is for, in a sentence. */
  audience: string
  /** An amount in minor units, or words such as "On request". */
  price: { amount: number; currency: string } | string
  period: (typeof planPeriods)[number]
  features: string[]
  button: PlanButton
}

/** What a brand's company sells, and where its plans come from. */
export type PlansContent = {
  title: string
  lede: string
  note: string
  source: 'own' | 'stripe'
  plans: Plan[]
  /** The lines of the comparison of own plans; without any, it has a line for each feature. */
  comparison?: ComparisonRow[]
}

/** What each plan has of one thing, by the plan's id; nothing for a plan that doesn't have it. */
export type ComparisonRow = { name: string; cells: Record<string, string> }

/** More plans don't fit next to each other. */
export const planCaps = { plans: 8, features: 12, rows: 40, cell: 80 }

/** The pricing page of each brand. */
export const PricingPages = defineBrandPage<PlansContent>({
  name: 'PricingPage',
  collection: 'pricing_pages',
  versions: 'pricing_page_versions',
  action: 'pricing_page',
  faultOf: draft => {
    const hasPlans = draft && (draft.source !== 'own' || draft.plans.length > 0)
    return hasPlans ? null : new HttpError(422, 'admin:errors.plans.none')
  },
})

/** Returns a brand's draft and its number, which is 0 before the first save. */
export async function readPlans(brandId: string) {
  const stored = await PricingPages.read(brandId)
  const draft: PlansContent = { title: 'Pricing', lede: '', note: '', source: 'own', plans: [] }
  return stored ?? { draft, draftNumber: 0, version: null }
}
