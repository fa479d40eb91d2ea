import { days } from '../platform/clock'
import { steps, type Step } from '../people/funnel-progress'
import type { charts } from '../web/charts/charts'
import type { Texts } from '../web/texts'
import { periods, type FunnelChoices, type FunnelQuery, type NamedCounts } from './funnel-query'
import type { FunnelCounts, Speed } from './count-funnel'

export const columns = ['visited', ...steps] as const

/** What the page shows, as read from the database. */
export type FunnelRecord = FunnelChoices & {
  query: FunnelQuery
  rows: NamedCounts[]
  total: FunnelCounts
  speed: Speed
  /** True for readers who may see the people behind the figures. */
  mayList: boolean
}

/** With fewer sign-ups, a percentage would mean little: the page shows numbers, and no win rate for a row. */
const minSignUps = { forSentence: 100, forWinRate: 30 }

/** Returns the ready-to-print values of the funnel page. `results` is null while there is nothing to show. */
export function funnelView(record: FunnelRecord, texts: Texts) {
  const { query, total } = record
  const { t, date } = texts
  return {
    period: t('insights:period', { from: date(query.period.from), to: date(query.period.to) }),
    filters: filtersView(record, texts),
    csvHref: `/insights.csv?${queryString(query)}`,
    empty: {
      title: t('insights:none'),
      text: t('insights:noneText'),
      link: { href: '/courses', text: t('insights:noneLink') },
    },
    results:
      total.signedUp || total.visited
        ? {
            sentenceHtml: sentenceHtml(total, texts),
            chart: chartOf(total, texts),
            definitions: definitionsView(record, texts),
            table: tableView(record, texts),
            speed: speedView(record.speed, texts),
          }
        : null,
  }
}

function filtersView({ query, courses, brands }: FunnelRecord, { t }: Texts) {
  return {
    by: query.by,
    spans: Object.keys(periods).map(span => ({
      value: span,
      text: t(`insights:spans.${span}`),
      isSelected: span === query.span,
    })),
    courses: courses.map(({ slug, content }) => ({
      value: slug,
      text: content.title,
      isSelected: slug === query.course?.slug,
    })),
    brands: brands.map(({ id, name }) => ({ value: id, text: name, isSelected: id === query.brand?.id })),
  }
}

function queryString(
  { span, by, course, brand }: FunnelQuery,
  change: { by?: FunnelQuery['by']; course?: string; step?: Step; source?: string } = {},
): string {
  return new URLSearchParams({
    ...{ span, by },
    ...(course && { course: course.slug }),
    ...(brand && { brand: brand.id }),
    ...change,
  }).toString()
}

/** A figure, with the URL of the list of people behind it; null for visits, and for readers who may not see it. */
type Figure = { text: string; href: string | null }

function figureOf(
  { query, mayList }: FunnelRecord,
  column: (typeof columns)[number],
  text: string,
  rowKey?: string,
): Figure {
  if (column === 'visited' || !mayList) return { text, href: null }
  const row = rowKey === undefined ? {} : { [query.by]: rowKey }
  return { text, href: `/insights/people?${queryString(query, { step: column, ...row })}` }
}

/** What each column counts, with its total. */
function definitionsView(record: FunnelRecord, { t, number }: Texts) {
  const scope = record.query.course ? 'course' : 'all'
  return columns.map(column => ({
    name: t(`insights:steps.${column}`),
    text: t(`insights:definitions.${scope}.${column}`),
    figure: figureOf(record, column, number(record.total[column])),
  }))
}

/** What the sign-ups led to, in one sentence: out of 100, or in numbers when there are fewer. */
function sentenceHtml(total: FunnelCounts, texts: Texts): string {
  const { t, html, number } = texts
  const { signedUp, completed, qualified, won } = total
  if (!signedUp) return t('insights:onlyVisits', { count: total.visited })
  const isFew = signedUp < minSignUps.forSentence
  const shown = (count: number) => number(isFew ? count : Math.round((100 * count) / signedUp))
  const sentence = html(isFew ? 'insights:sentenceFew' : 'insights:sentence', {
    count: signedUp,
    signedUp: number(signedUp),
    completed: shown(completed),
    qualified: shown(qualified),
    won: shown(won),
  })
  const revenue = won
    ? html('insights:revenueSentence', { money: revenueText(total, texts) })
    : t('insights:nothingWon')
  return `${sentence} ${revenue}`
}

/** Returns the revenue by currency, such as `€5,000 + $300 + 1 unknown amount`. */
function revenueText({ money, unknownAmounts }: FunnelCounts, texts: Pick<Texts, 'money' | 't'>): string {
  return [
    ...Object.entries(money).map(([currency, amount]) => texts.money(amount, currency)),
    ...(unknownAmounts ? [texts.t('insights:unknownAmounts', { count: unknownAmounts })] : []),
  ].join(' + ')
}

function chartOf(total: FunnelCounts, { t, number }: Texts): Parameters<typeof charts.funnel>[0] {
  const { visited, signedUp, completed, qualified, won } = total
  return {
    steps: columns.map((step, n) => {
      const before = n ? total[columns[n - 1]!] : total[step]
      const share = before ? Math.min(1, total[step] / before) : 0
      return {
        name: t(`insights:steps.${step}`),
        count: number(total[step]),
        share,
        shareName: n && before ? t('insights:percent', { n: Math.round(100 * share) }) : '',
      }
    }),
    label: t('insights:chartLabel', {
      count: visited,
      visited: number(visited),
      signedUp: number(signedUp),
      completed: number(completed),
      qualified: number(qualified),
      won: number(won),
    }),
  }
}

function tableView(record: FunnelRecord, texts: Texts) {
  const { query, rows, total } = record
  const { t, number } = texts
  const { by } = query
  const other = by === 'source' ? 'course' : 'source'
  // Nobody signs up for a course, so a table by course has no column for it.
  const shown = columns.filter(column => by === 'source' || column !== 'signedUp')
  const figuresOf = (counts: FunnelCounts, key?: string): Figure[] => [
    ...shown.map(column => figureOf(record, column, number(counts[column]), key)),
    figureOf(record, 'won', revenueText(counts, texts), key),
  ]
  return {
    title: t(`insights:by.${by}`),
    otherTable: { href: `/insights?${queryString(query, { by: other })}`, text: t(`insights:switch.${by}`) },
    rowHeading: t(`insights:head.${by}`),
    columns: [...shown.map(column => t(`insights:steps.${column}`)), t('insights:revenue')],
    rows: rows.map(({ key, name, counts }) => ({
      name: by === 'source' ? t(`insights:sources.${name}`) : name,
      figures: figuresOf(counts, key),
      winRate: counts.signedUp < minSignUps.forWinRate ? null : winRateText(counts, texts),
    })),
    total:
      by === 'source'
        ? { figures: figuresOf(total), winRate: total.signedUp ? winRateText(total, texts) : '' }
        : null,
    note: by === 'course' ? t('insights:byCourseNote') : null,
  }
}

function winRateText({ won, signedUp }: FunnelCounts, { t, points }: Texts): string {
  return t('insights:percent', { n: points((100 * won) / signedUp) })
}

function speedView({ toQualify, toAccept, acceptedShare, byWeek }: Speed, texts: Texts) {
  const { t } = texts
  const notYet = t('insights:notYet')
  return {
    toQualify: toQualify === null ? notYet : durationText(toQualify, texts),
    toAccept: toAccept === null ? notYet : durationText(toAccept, texts),
    accepted: acceptedShare === null ? notYet : t('insights:percent', { n: Math.round(100 * acceptedShare) }),
    byWeek: { values: byWeek, label: t('insights:byWeek') },
  }
}

/** Returns milliseconds as days from two days up, otherwise as hours and minutes. */
function durationText(ms: number, { t, minutes }: Texts): string {
  return ms >= days(2)
    ? t('insights:days', { count: Math.round(ms / days(1)) })
    : minutes(Math.round(ms / 60_000))
}
