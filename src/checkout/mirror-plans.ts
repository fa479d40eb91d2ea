import type Stripe from 'stripe'
import { PricingPages, type Plan } from '../brand/plans'
import { noteStripeFailure, storeStripePlans } from '../brand/stripe-plans'
import { log } from '../platform/log'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { listProducts } from './stripe'

/** The most products that are read: one page of Stripe's. */
const maxPlans = 8

/**
 * Copies the active products at Stripe, with their default prices, for the pricing page. When Stripe doesn't answer,
 * the last copy stays.
 *
 * @returns whether Stripe answered.
 */
async function mirrorPlans(): Promise<boolean> {
  try {
    const products = await listProducts()
    await storeStripePlans(products.slice(0, maxPlans).map(planOf))
    return true
  } catch (error) {
    log.warn({ err: error }, 'pricing page: the products at Stripe could not be read')
    await noteStripeFailure()
    return false
  }
}

/** Refreshes the copy, when the draft of a brand's pricing page uses it. */
export async function refreshPlans(): Promise<void> {
  const pages = await PricingPages.all()
  if (pages.some(({ draft }) => draft.source === 'stripe')) await mirrorPlans()
}

/** `POST /admin/brands/:id/plans/copies`: copies the products now; all brands of the installation share the copy. */
export const createCopy: Handler = async (request, response) => {
  const hasAnswered = await mirrorPlans()
  const { t } = response.locals
  setFlash(
    response,
    hasAnswered
      ? { kind: 'done', bold: t('admin:flash.plansCopied') }
      : { kind: 'error', bold: t('admin:flash.plansNotCopied') },
  )
  response.redirect(303, `/admin/brands/${request.params.id}/plans`)
}

/** A week or a day isn't a period of the page: the price stands alone. */
function periodOf({ recurring }: Stripe.Price): Plan['period'] {
  if (!recurring) return 'once'
  if (recurring.interval_count > 1) return ''
  return recurring.interval === 'month' ? 'month' : recurring.interval === 'year' ? 'year' : ''
}

function planOf(product: Stripe.Product): Plan {
  const price = product.default_price as Stripe.Price | null
  const amount = price?.unit_amount ?? null
  return {
    id: product.id,
    name: product.name,
    audience: product.description ?? '',
    price: price && amount !== null ? { amount, currency: price.currency.toUpperCase() } : '',
    period: price ? periodOf(price) : '',
    features: (product.marketing_features ?? []).flatMap(({ name }) => name ?? []),
    button: { kind: product.url ? 'link' : 'none', label: '', target: product.url ?? '' },
  }
}
