import { stringify } from 'csv-stringify/sync'
import type { Request, Response } from 'express'
import type { Person } from '../people/person'
import { permissionsOf } from '../web/guard'
import { textsOf } from '../web/texts'
import { countFunnel, measureSpeed, sumOf } from './count-funnel'
import { readQuery, readRows, withBrand } from './funnel-query'
import { columns, funnelView } from './funnel-view'

/** `GET /insights`: the funnel as a sentence, a chart, and a table by source or course. */
export async function show(request: Request, response: Response, reader: Person): Promise<void> {
  const { query, courses, brands } = await readQuery(request)
  const rows = await readRows(query, courses)
  // A person counts in each of their courses, so the rows of courses don't add up to the total.
  const total = sumOf(query.by === 'course' ? await countFunnel(query) : rows.map(row => row.counts))
  const mayList = permissionsOf(reader).sales
  const speed = await measureSpeed(query)
  const texts = textsOf(response)
  response.render('insights/funnel', {
    layout: 'workspace',
    nav: 'insights',
    head: { title: texts.t('insights:title') },
    funnel: funnelView({ query, courses, brands, rows, total, speed, mayList }, texts),
  })
}

/**
 * `GET /insights.csv`: the numbers of the same page, one row per source or course, and per brand when there are
 * several; formulas are escaped.
 * `won_amount_unknown` counts the won deals whose amount no CRM has reported.
 */
export async function csv(request: Request, response: Response): Promise<void> {
  const { query, courses, brands } = await readQuery(request)
  const chosen = brands.filter(({ id }) => !query.brand || id === query.brand.id)
  const ofBrand = async (brand: (typeof brands)[number]) =>
    (await readRows(await withBrand(query, brand), courses)).map(row => ({ ...row, brand: [brand.name] }))
  const rows = chosen.length
    ? (await Promise.all(chosen.map(ofBrand))).flat()
    : (await readRows(query, courses)).map(row => ({ ...row, brand: [] }))
  const currencies = [...new Set(rows.flatMap(({ counts }) => Object.keys(counts.money)))].sort()
  const header = [
    ...(chosen.length ? ['brand'] : []),
    query.by,
    ...columns.map(snakeCase),
    ...currencies.map(currency => `won_minor_${currency.toLowerCase()}`),
    'won_amount_unknown',
  ]
  const lines = rows.map(({ name, counts, brand }) => [
    ...brand,
    name,
    ...columns.map(column => counts[column]),
    ...currencies.map(currency => counts.money[currency] ?? 0),
    counts.unknownAmounts,
  ])
  const [from, to] = [query.period.from, query.period.to].map(moment => moment.toISOString().slice(0, 10))
  response
    .type('text/csv; charset=utf-8')
    .attachment(`funnel-${from}-${to}.csv`)
    .send(stringify([header, ...lines], { bom: true, escape_formulas: true }))
}

/** Returns `signed_up` for `signedUp`. */
function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
