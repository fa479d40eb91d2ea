import type { Request, Response } from 'express'
import { FunnelProgresses, steps, type FunnelProgress, type Step } from '../people/funnel-progress'
import { People, type Person } from '../people/person'
import { sources, type Source } from '../people/source'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { pageLinks, readCountedPage, type CountedPage } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { hasReached, signedUpIn } from './count-funnel'
import { readQuery, type FunnelQuery } from './funnel-query'

type PeopleQuery = FunnelQuery & { step: Step; source?: Source; after?: string; before?: string }

const pageSize = 50

/**
 * `GET /insights/people`: the people behind a figure of the funnel. It lists exactly the people that the figure counts;
 * a person who doesn't share with sales is listed without a name.
 */
export async function index(request: Request, response: Response): Promise<void> {
  const parameters = parametersOf(request)
  const query: PeopleQuery = {
    ...(await readQuery(request)).query,
    step: steps.find(step => step === parameters.step) ?? 'signedUp',
    source: sources.find(source => source === parameters.source),
    after: parameters.after,
    before: parameters.before,
  }
  const { course, step, source } = query
  const counted = {
    ...signedUpIn(query),
    ...(source && { source }),
    $expr: hasReached(step, course?.course),
  }
  const page = await readCountedPage(FunnelProgresses, counted, { signedUpAt: -1, _id: -1 }, query, pageSize)
  const people = await People.find({ _id: { $in: page.rows.map(({ _id }) => _id) } })
  const list = peopleView({ query, page, people }, textsOf(response))
  response.render('insights/people', {
    layout: 'workspace',
    nav: 'insights',
    head: { title: list.title },
    list,
  })
}

type PeopleRecord = { query: PeopleQuery; page: CountedPage<FunnelProgress>; people: Person[] }

function peopleView({ query, page, people }: PeopleRecord, texts: Texts) {
  const { t, date, number } = texts
  const { step, period, source, course, brand } = query
  const byId = new Map(people.map(person => [String(person._id), person]))
  const scope = course ? 'course' : 'all'
  return {
    title: t('insights:people.title', { step: t(`insights:steps.${step}`), count: page.total }),
    filters: [
      t('insights:people.period', { from: date(period.from), to: date(period.to) }),
      ...(source ? [t(`insights:sources.${source}`)] : []),
      ...(course ? [course.content.title] : []),
      ...(brand ? [brand.name] : []),
    ].join(' · '),
    definition: t(`insights:definitions.${scope}.${step}`),
    back: `/insights?${parametersFor(query)}`,
    rows: page.rows.map(progress => rowView(progress, byId.get(String(progress._id)), query, texts)),
    pages: {
      text: t('insights:people.range', {
        first: number(page.first),
        last: number(page.first + page.rows.length - 1),
        total: number(page.total),
      }),
      notes: [{ text: t('insights:people.times') }],
      ...pageLinks(page, at => {
        const more = { step, ...(source && { source }), ...at }
        return `/insights/people?${parametersFor(query)}&${new URLSearchParams(more)}`
      }),
    },
  }
}

function parametersFor({ span, by, course, brand }: FunnelQuery): URLSearchParams {
  const chosen = { ...(course && { course: course.slug }), ...(brand && { brand: brand.id }) }
  return new URLSearchParams({ span, by, ...chosen })
}

/** Without a name for a person who doesn't share with sales, or whose account was deleted. */
function rowView(
  progress: FunnelProgress,
  person: Person | undefined,
  { step, course }: PeopleQuery,
  texts: Texts,
) {
  const { t, date } = texts
  const isNamed = person !== undefined && !person.erasedAt && canSeeLearning(person)
  const inCourse = course && progress.courses[String(course.course)]
  const ownStep = step === 'enrolled' || step === 'active' || step === 'completed'
  const reachedAt = (ownStep && inCourse ? inCourse[step] : progress.steps[step]) ?? progress.signedUpAt
  return {
    name: isNamed
      ? person.name
      : t(person?.erasedAt ? 'insights:people.deleted' : 'insights:people.notSharing'),
    href: isNamed ? `/sales/leads/${person._id}` : null,
    company: isNamed ? (person.company?.name ?? '') : '',
    reached: date(reachedAt, 'full'),
    source: t(`insights:sources.${progress.source}`),
    deals: step === 'won' ? progress.deals.map(deal => dealText(deal, texts)).join(' + ') : '',
  }
}

function dealText({ amount, currency }: FunnelProgress['deals'][number], { t, money }: Texts): string {
  return amount !== null && currency ? money(amount, currency) : t('insights:unknownAmounts', { count: 1 })
}
