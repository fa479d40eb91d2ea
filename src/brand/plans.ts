import { defineVersioned } from '../platform/versioned'

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

/** What the academy's company sells, and where its plans come from. */
export type PlansContent = {
  title: string
  lede: string
  note: string
  source: 'own' | 'stripe'
  plans: Plan[]
}

/** The pricing page of the academy, under `academy`. While it isn't published, it has no page and no links. */
export const PricingPages = defineVersioned<PlansContent>(
  'PricingPage',
  'pricing_pages',
  'pricing_page_versions',
)
export const pricingPageId = 'academy'

/** Returns the pricing page that visitors get; undefined while it is off. */
export async function publishedPlans(): Promise<PlansContent | undefined> {
  return (await PricingPages.published())[0]?.content
}

/** Returns the draft and its number, which is 0 before the first save. */
export async function readPlans() {
  const stored = await PricingPages.read(pricingPageId)
  const draft: PlansContent = { title: 'Pricing', lede: '', note: '', source: 'own', plans: [] }
  return stored ?? { draft, draftNumber: 0, version: null }
}
