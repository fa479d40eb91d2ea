import { stringify } from 'csv-stringify/sync'
import type { Request, Response } from 'express'
import { days, later, now } from '../platform/clock'
import { publishedCourses, type Published } from '../courses/published'
import { steps } from '../people/funnel-progress'
import { parametersOf } from '../web/parameters'
import { countFunnel, measureSpeed, sumOf, type FunnelCounts, type Period } from './count-funnel'

const periods = { '30': 30, '90': 90, '365': 365 } as const
const columns = ['visited', ...steps] as const

/** `GET /insights`: the funnel as a drawing, as a table by source or course, and as one sentence. */
export async function show(request: Request, response: Response): Promise<void> {
  const asked = await read(request)
  const rows = await table(asked)
  const total =
    asked.by === 'course' ? sumOf(await countFunnel(asked.period)) : sumOf(rows.map(row => row.counts))
  response.render('insights/funnel', {
    layout: 'workspace',
    nav: 'insights',
    head: { title: response.locals.t('insights:title') },
    ...asked,
    rows,
    total,
    columns,
    speed: await measureSpeed(asked.period),
    courses: asked.courses,
  })
}

/** `GET /insights.csv`: the numbers of the same page, one row a source or course; formulas are escaped. */
export async function csv(request: Request, response: Response): Promise<void> {
  const asked = await read(request)
  const rows = await table(asked)
  const currencies = [...new Set(rows.flatMap(({ counts }) => Object.keys(counts.money)))].sort()
  const lines = rows.map(({ name, counts }) => [
    name,
    ...columns.map(column => counts[column]),
    ...currencies.map(currency => counts.money[currency] ?? 0),
  ])
  response
    .type('text/csv; charset=utf-8')
    .attachment(
      `lyceum-funnel-${asked.period.from.toISOString().slice(0, 10)}-${asked.period.to.toISOString().slice(0, 10)}.csv`,
    )
    .send(
      stringify(
        [
          [asked.by, ...columns, ...currencies.map(currency => `won_minor_${currency.toLowerCase()}`)],
          ...lines,
        ],
        {
          bom: true,
          escape_formulas: true,
        },
      ),
    )
}

type Asked = {
  period: Period
  span: keyof typeof periods
  by: 'source' | 'course'
  course?: Published
  courses: Published[]
}
type Row = { name: string; counts: FunnelCounts }

async function read(request: Request): Promise<Asked> {
  const courses = await publishedCourses()
  const { span, by, course } = parametersOf(request)
  const chosen = span && Object.hasOwn(periods, span) ? (span as keyof typeof periods) : '90'
  return {
    period: { from: later(now(), -days(periods[chosen])), to: now() },
    span: chosen,
    by: by === 'course' ? 'course' : 'source',
    course: courses.find(each => each.slug === course),
    courses,
  }
}

async function table({ period, by, course, courses }: Asked): Promise<Row[]> {
  if (by === 'source') {
    return (await countFunnel(period, course)).map(row => ({ name: row.source, counts: row }))
  }
  const counted = await Promise.all(
    courses.map(async each => ({
      name: each.content.title,
      counts: sumOf(await countFunnel(period, each)),
    })),
  )
  return counted.sort((a, b) => b.counts.enrolled - a.counts.enrolled)
}
