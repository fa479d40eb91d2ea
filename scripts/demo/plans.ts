import { PricingPages, type Plan } from '../../src/brand/plans'

const plan = (id: string, name: string, amount: number, audience: string, features: string[]): Plan => ({
  ...{ id, name, audience, features, period: amount ? 'month' : '' },
  price: amount ? { amount, currency: 'EUR' } : 'Free',
  button: { kind: 'signUp', label: 'Start with a course', target: '' },
})

const everywhere = [
  'Courses, video, certificates',
  'Consent records and explainable scores',
  'Insights and full export',
]

/** Gives a brand the pricing page of Lyceum's guide. */
export async function publishGuidePlans(brandId: string): Promise<void> {
  const plans = [
    plan('start', 'Start', 0, 'For your first course, and the first 100 conversations it saves you.', [
      '25 learners per month',
      '1 webhook endpoint',
      'Community support',
      ...everywhere,
    ]),
    plan('team', 'Team', 24_000, 'For one product and a sales team that follows up.', [
      '250 learners per month',
      '3 webhook endpoints',
      'Replies within one working day',
      'Live sessions',
      ...everywhere,
    ]),
    plan(
      'company',
      'Company',
      96_000,
      'For several products and languages, with admins who manage permissions.',
      [
        '2,500 learners per month',
        'Unlimited webhook endpoints',
        'Replies within 4 hours from a named contact',
        'Live sessions',
        'Single sign-on (SSO)',
        ...everywhere,
      ],
    ),
  ]
  const draft = {
    title: 'Pricing',
    lede: 'Plans for your own academy. Courses here are priced separately, and most are free.',
    note: 'A learner is anyone who opens at least one lesson in a month. Visitors who only browse don’t count.',
    source: 'own' as const,
    plans,
  }
  await PricingPages.publish(brandId, await PricingPages.save(brandId, draft, 0, null), null)
}
