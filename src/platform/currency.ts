/**
 * How amounts are written in each currency, by Stripe's table (https://docs.stripe.com/currencies). The whole academy
 * counts money in these minor units, so an amount is sent to Stripe as it is stored. `Intl` has other ideas of some
 * currencies (no decimals in HUF, for example), and so has ISO 4217 (none in ISK and UGX), so neither is asked.
 */

/** What a course can be sold in: Stripe's presentment currencies. */
export const currencies: readonly string[] = (
  'EUR USD GBP CHF PLN ' +
  'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CLP CNY COP ' +
  'CRC CVE CZK DJF DKK DOP DZD EGP ETB FJD FKP GEL GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD JOD JPY ' +
  'KES KGS KHR KMF KRW KWD KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN ' +
  'NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PYG QAR RON RSD RUB RWF SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS ' +
  'TND TOP TRY TTD TWD TZS UAH UGX UYU UZS VND VUV WST XAF XCD XOF XPF YER ZAR ZMW'
).split(' ')

const zeroDecimals = new Set('BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' '))
/** IQD and LYD are not in Stripe's table, but a CRM may report a deal in them. */
const threeDecimals = new Set('BHD JOD KWD OMR TND IQD LYD'.split(' '))
/** Written with two decimals, which must be zeros. HUF and TWD have no decimals in payouts only. */
const wholeAmounts = new Set(['ISK', 'UGX'])

/** The smallest charge, in minor units. The others must come to the minimum of the account's own currency. */
const minimums: Readonly<Record<string, number>> = {
  AED: 200,
  AUD: 50,
  BRL: 50,
  CAD: 50,
  CHF: 50,
  CZK: 1500,
  DKK: 250,
  EUR: 50,
  GBP: 30,
  HKD: 400,
  HUF: 17_500,
  INR: 50,
  JPY: 50,
  MXN: 1000,
  MYR: 200,
  NOK: 300,
  NZD: 50,
  PLN: 200,
  RON: 200,
  SEK: 300,
  SGD: 50,
  THB: 1000,
  USD: 50,
}

/** Eight digits, whatever the currency. */
const maximum = 99_999_999

/** Returns how many decimals an amount has when it is written out: 24000 EUR is 240.00, 24000 JPY is 24000. */
export function decimalsOf(currency: string): number {
  if (zeroDecimals.has(currency)) return 0
  return threeDecimals.has(currency) ? 3 : 2
}

/** Returns an amount in minor units as a decimal: 24000 EUR is `240.00`. */
export function decimalAmount(minor: number, currency: string): string {
  const decimals = decimalsOf(currency)
  return (minor / 10 ** decimals).toFixed(decimals)
}

/**
 * Returns a decimal such as `79.50` in minor units of the currency; null when it has more decimals than the currency.
 *
 * @param text digits, perhaps with a point and more digits.
 */
export function minorAmount(text: string, currency: string): number | null {
  const [whole = '', decimals = ''] = text.split('.')
  const given = decimals.replace(/(?<!0)0+$/, '')
  const digits = decimalsOf(currency)
  return given.length > digits ? null : Number(whole + given.padEnd(digits, '0'))
}

/** Why Stripe refuses a price, with the lowest, highest or smallest amount as a decimal of the currency. */
export type PriceProblem = {
  problem: 'currency' | 'tooLow' | 'tooHigh' | 'tooPrecise'
  currency: string
  limit: string
}

/**
 * Returns why Stripe would refuse a price, or null when it takes it. Stripe takes whole amounts of ISK and UGX, and a
 * last digit of 0 where there are three decimals.
 *
 * @param amount minor units; null for an amount with more decimals than the currency.
 */
export function priceProblem(amount: number | null, currency: string): PriceProblem | null {
  const because = (problem: PriceProblem['problem'], limit: number) => ({
    problem,
    currency,
    limit: decimalAmount(limit, currency),
  })
  if (!currencies.includes(currency)) return because('currency', 0)
  const step = wholeAmounts.has(currency) ? 100 : threeDecimals.has(currency) ? 10 : 1
  if (amount === null || amount % step) return because('tooPrecise', step)
  const minimum = minimums[currency] ?? step
  if (amount < minimum) return because('tooLow', minimum)
  return amount > maximum ? because('tooHigh', maximum) : null
}
