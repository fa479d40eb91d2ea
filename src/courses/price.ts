type Price = { amount: number; currency: string }

/** Returns what several courses cost together: one sum per currency, in minor units; empty when all are free. */
export function totalPrices(prices: (Price | null)[]): Price[] {
  const sums = new Map<string, number>()
  for (const price of prices) {
    if (price) sums.set(price.currency, (sums.get(price.currency) ?? 0) + price.amount)
  }
  return [...sums].map(([currency, amount]) => ({ currency, amount }))
}
