import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { defineBrandPage } from './brand-page'

export const buttonKinds = ['none', 'link', 'signUp', 'course', 'path'] as const
export const planPeriods = ['', 'month', 'year', 'once'] as const

/** More plans don't fit next to each other. */
export const planCaps = { plans: 8, features: 12, rows: 40, cell: 80 }

/** Whether a plan's button leads somewhere, and to nothing that runs a script. */
export function isTarget({ kind, target }: { kind: (typeof buttonKinds)[number]; target: string }): boolean {
  if (kind === 'link') return /^(?:https?:\/\/[^\s/]|mailto:[^\s@]+@[^\s@]+$|\/(?!\/))/.test(target)
  return kind === 'course' || kind === 'path' ? /^[a-z0-9-]+$/.test(target) : true
}

const id = z.string().regex(/^[a-z0-9-]{1,100}$/)
const text = (maximum: number) => z.string().max(maximum)

const plan = z.strictObject({
  id,
  name: text(80).min(1),
  /** Who it is for, in a sentence. */
  audience: text(200),
  /** An amount in minor units, or words such as "On request". */
  price: z.union([
    z.strictObject({ amount: z.number().int().min(1), currency: z.string().regex(/^[A-Z]{3}$/) }),
    text(60),
  ]),
  period: z.enum(planPeriods),
  features: z.array(text(160)).max(planCaps.features),
  /** What its button does. `target` is a URL, or the slug of a course or a path; see `isTarget`. */
  button: z
    .strictObject({ kind: z.enum(buttonKinds), label: text(60), target: text(500) })
    .refine(isTarget, { path: ['target'] }),
})
export type Plan = z.output<typeof plan>

/** What each plan has of one thing, by the plan's id; nothing for a plan that doesn't have it. */
const comparisonRow = z.strictObject({ name: text(planCaps.cell), cells: z.record(id, text(planCaps.cell)) })
export type ComparisonRow = z.output<typeof comparisonRow>

/** What a brand's company sells, and where its plans come from. */
export const plansContent = z.strictObject({
  title: text(120).min(1),
  lede: text(300),
  note: text(600),
  source: z.enum(['own', 'stripe']),
  plans: z.array(plan).max(planCaps.plans),
  /** The lines of the comparison of own plans; without any, it has a line for each feature. */
  comparison: z.array(comparisonRow).max(planCaps.rows).optional(),
})
export type PlansContent = z.output<typeof plansContent>

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
