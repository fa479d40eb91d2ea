import { currencies, decimalAmount, minorAmount, priceProblem } from '../../src/platform/currency'
import { formattersFor } from '../../src/web/formatters'

/** From https://docs.stripe.com/currencies, written down here a second time. */
const zeroDecimal = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')
const threeDecimal = 'BHD JOD KWD OMR TND'.split(' ')

test('an amount has the decimals of Stripe’s table in every currency', () => {
  for (const currency of currencies) {
    const decimals = zeroDecimal.includes(currency) ? 0 : threeDecimal.includes(currency) ? 3 : 2
    const written = decimals ? `12.${'3'.repeat(decimals)}` : '12'
    const minor = Number(written.replace('.', ''))
    expect([currency, minorAmount(written, currency)]).toEqual([currency, minor])
    expect([currency, decimalAmount(minor, currency)]).toEqual([currency, written])
    // A buyer reads the same amount that Stripe charges.
    const shown = formattersFor('en').money(minor, currency)
    expect([currency, shown.replace(/[^\d.]|\.(?!\d)/g, '')]).toEqual([currency, written])
  }
})

test.each([
  ['€240', 24_000, 'EUR'],
  ['€79.50', 7950, 'EUR'],
  ['¥24,000', 24_000, 'JPY'],
  ['HUF 9,900', 990_000, 'HUF'],
  ['HUF 9,900.50', 990_050, 'HUF'],
  ['NT$500', 50_000, 'TWD'],
  ['ISK 5,000', 500_000, 'ISK'],
  ['UGX 90,000', 9_000_000, 'UGX'],
  ['KWD 7.950', 7950, 'KWD'],
  ['KWD 8', 8000, 'KWD'],
  ['IDR 150,000', 15_000_000, 'IDR'],
  ['MGA 5,000', 5000, 'MGA'],
])('a reader sees %s for %i in %s', (text, amount, currency) => {
  expect(formattersFor('en').money(amount, currency).replace(/\s/g, ' ')).toBe(text)
})

test.each([
  ['EUR', 50],
  ['USD', 50],
  ['GBP', 30],
  ['CZK', 1500],
  ['DKK', 250],
  ['HKD', 400],
  ['HUF', 17_500],
  ['JPY', 50],
  ['MXN', 1000],
  ['PLN', 200],
  ['SEK', 300],
  ['THB', 1000],
  // Stripe has no minimum of its own for these: the smallest amount that it can write.
  ['VND', 1],
  ['ISK', 100],
  ['KWD', 10],
])('Stripe takes a price in %s from %i', (currency, minimum) => {
  const step = currency === 'ISK' ? 100 : currency === 'KWD' ? 10 : 1
  expect(priceProblem(minimum, currency)).toBeNull()
  expect(priceProblem(minimum - step, currency)).toMatchObject({ problem: 'tooLow' })
})

test.each([
  ['has a fraction of a yen', 'JPY', minorAmount('79.50', 'JPY'), 'tooPrecise', '1'],
  ['has a fraction of a króna', 'ISK', 500_050, 'tooPrecise', '1.00'],
  ['has a fraction of a Ugandan shilling', 'UGX', 9_000_001, 'tooPrecise', '1.00'],
  ['has a third decimal in dinars', 'KWD', 7951, 'tooPrecise', '0.010'],
  ['has nine digits', 'EUR', 100_000_000, 'tooHigh', '999999.99'],
  ['is in a currency that Stripe does not take', 'XXX', 24_000, 'currency', '0.00'],
  ['is in small letters', 'eur', 24_000, 'currency', '0.00'],
] as const)('Stripe takes no price that %s', (_what, currency, amount, problem, limit) => {
  expect(priceProblem(amount, currency)).toEqual({ problem, currency, limit })
})

test('forints and Taiwan dollars have cents in a charge', () => {
  for (const currency of ['HUF', 'TWD']) expect(priceProblem(990_050, currency)).toBeNull()
})
