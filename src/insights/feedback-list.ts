import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { brandChoices } from '../brand/brand'
import {
  Feedback,
  feedbackFacet,
  feedbackKinds,
  type FeedbackKind,
  type FeedbackTopic,
} from '../community/feedback'
import { getsFeedbackDigest } from '../community/feedback-digest'
import { audit } from '../events/audit'
import { namesOf } from '../people/names'
import type { Person } from '../people/person'
import { searchFilter } from '../platform/fold'
import { portionsOf, sendCsv } from '../web/csv'
import { feedbackTags } from '../web/feedback-tags'
import { permissionsOf } from '../web/guard'
import { pageLinks, readCountedPage, type At, type SortOrder } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { amountsText } from './feedback-texts'

const pageSize = 20
/** Lists are counted up to here: counting more would take longer than anyone looks. */
const maxCounted = 1000

const tabs = ['open', 'new', 'planned', 'shipped', 'declined'] as const
type Tab = (typeof tabs)[number]

const orders = {
  deals: { value: -1, people: -1, _id: -1 },
  people: { people: -1, _id: -1 },
  changed: { changedAt: -1, _id: -1 },
} satisfies Record<string, SortOrder>
type Order = keyof typeof orders

type ListQuery = At & {
  tab: Tab
  q: string
  area: string
  kind: FeedbackKind | ''
  owner: string
  brand: string
  sort: Order
  seesDeals: boolean
}

/** `GET /feedback`: what people ask the product team for, with what is behind it. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  response.render('insights/feedback', await feedbackListPage(request, response, person))
}

/** Returns what the list shows, as the address says. */
export async function feedbackListPage(request: Request, response: Response, person: Person) {
  const texts = textsOf(response)
  const { t, number } = texts
  const query = queryOf(request, person)
  const filter = filterOf(query)
  const tabTotals = Promise.all(tabs.map(tab => countUpTo({ facets: facetOfTab(tab) })))
  const total = isNarrowed(query)
    ? countUpTo(filter)
    : tabTotals.then(counts => counts[tabs.indexOf(query.tab)]!)
  const [page, counts, withDeals, isSubscribed, brands] = await Promise.all([
    readCountedPage<FeedbackTopic>(Feedback, filter, orders[query.sort], query, pageSize, total, maxCounted),
    tabTotals,
    query.seesDeals ? countUpTo({ facets: feedbackFacet('is', 'withDeals') }) : 0,
    getsFeedbackDigest(person._id),
    brandChoices(),
  ])
  const owners = await namesOf(page.rows.flatMap(({ owner }) => owner ?? []))
  const given = givenIn(query)
  const href = (change: Record<string, string>) => {
    const entries = Object.entries({ ...given, ...change }).filter(([, value]) => value)
    return `/feedback${entries.length ? `?${new URLSearchParams(entries)}` : ''}`
  }
  const shown = (count: number) => (count > maxCounted ? `${number(maxCounted)}+` : number(count))
  const open = counts[0]!
  return {
    layout: 'workspace',
    nav: 'feedback',
    head: { title: t('insights:feedback.title'), noindex: true },
    sentence: [
      t('insights:feedback.openCount', { count: open, number: shown(open) }),
      t('insights:feedback.newCount', { count: counts[1]!, number: shown(counts[1]!) }),
      ...(query.seesDeals
        ? [t('insights:feedback.dealsCount', { count: withDeals, number: shown(withDeals) })]
        : []),
    ].join(' '),
    seesDeals: query.seesDeals,
    canChange: permissionsOf(person).changeFeedback,
    csv: href({}).replace('/feedback', '/feedback.csv'),
    tabs: tabs.map((tab, n) => ({
      href: href({ tab }),
      text: t(`insights:feedback.tab.${tab}`),
      count: shown(counts[n]!),
      isCurrent: tab === query.tab,
    })),
    filters: filtersView(query, brands, texts),
    clear: isNarrowed(query) ? `/feedback?tab=${query.tab}` : null,
    rows: page.rows.map(topic => rowView(topic, owners, texts, query.seesDeals)),
    empty: isNarrowed(query)
      ? {
          title: t('insights:feedback.noneMatch'),
          text: t('insights:feedback.noneMatchText'),
          link: { href: `/feedback?tab=${query.tab}`, text: t('web:filters.clear') },
        }
      : {
          title: t(`insights:feedback.none.${query.tab === 'open' ? 'open' : 'other'}`),
          text: t('insights:feedback.noneText'),
          link: { href: '/feedback/new', text: t('insights:feedback.new') },
        },
    digest: { isOn: isSubscribed, text: t(`insights:feedback.digest.${isSubscribed ? 'on' : 'off'}`) },
    pages: {
      ...pageLinks(page, (at: At) => href(at)),
      text: t('insights:feedback.range', {
        first: number(page.first),
        last: number(page.first + page.rows.length - 1),
        total: shown(page.total),
      }),
    },
  }
}

const countUpTo = (filter: QueryFilter<FeedbackTopic>) => Feedback.count(filter, maxCounted + 1)

const columns = ['id', 'title', 'kind', 'area', 'state', 'reason', 'owner', 'people', 'companies', 'searches']

/** `GET /feedback.csv`: the whole list that the address names, in its order. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const query = queryOf(request, person)
  const texts = textsOf(response)
  await audit({ actor: person._id, action: 'feedback.exported', subject: 'academy', detail: givenIn(query) })
  const portions = async function* () {
    const found = portionsOf<FeedbackTopic>(
      beyond => Feedback.find({ $and: [filterOf(query), beyond] }),
      orders[query.sort],
    )
    for await (const topics of found) {
      const owners = await namesOf(topics.flatMap(({ owner }) => owner ?? []))
      yield topics.map(topic => {
        const { _id, title, reason, people, companies, searches, deals, changedAt } = topic
        const { kind, area, state, owner, amounts } = rowView(topic, owners, texts, query.seesDeals)
        return {
          ...{ id: String(_id), title, kind, area, state, reason, owner, people, companies, searches },
          ...(query.seesDeals && { open_deals: deals, open_deals_amount: amounts }),
          changed_at: changedAt.toISOString(),
        }
      })
    }
  }
  const money = query.seesDeals ? ['open_deals', 'open_deals_amount'] : []
  await sendCsv(response, 'feedback.csv', [...columns, ...money, 'changed_at'], portions())
}

function queryOf(request: Request, person: Person): ListQuery {
  const parameters = parametersOf(request)
  const { q = '', area = '', owner = '', brand = '', after, before } = parameters
  const seesDeals = permissionsOf(person).sales
  const sort = Object.keys(orders).find(each => each === parameters.sort) as Order | undefined
  return {
    tab: tabs.find(tab => tab === parameters.tab) ?? 'open',
    q: q.slice(0, 100),
    area,
    kind: feedbackKinds.find(kind => kind === parameters.kind) ?? '',
    owner: owner === 'me' ? String(person._id) : Types.ObjectId.isValid(owner) ? owner : '',
    brand,
    sort: sort && (sort !== 'deals' || seesDeals) ? sort : seesDeals ? 'deals' : 'people',
    seesDeals,
    after,
    before,
  }
}

const givenIn = ({ tab, q, area, kind, owner, brand, sort }: ListQuery) =>
  Object.fromEntries(
    Object.entries({ tab, q, area, kind, owner, brand, sort }).filter(([, value]) => value),
  ) as Record<string, string>

const isNarrowed = ({ q, area, kind, owner, brand }: ListQuery) =>
  Boolean(q || area || kind || owner || brand)

const facetOfTab = (tab: Tab) => (tab === 'open' ? feedbackFacet('is', 'open') : feedbackFacet('state', tab))

function filterOf({ tab, q, area, kind, owner, brand }: ListQuery): QueryFilter<FeedbackTopic> {
  const chosen = Object.entries({ area, kind, owner, brand } as const).flatMap(([name, value]) =>
    value ? [feedbackFacet(name as 'area', value)] : [],
  )
  return {
    $and: [
      ...[...chosen, facetOfTab(tab)].map(facet => ({ facets: facet })),
      ...(q ? [searchFilter(q)] : []),
    ],
  }
}

function filtersView(
  query: ListQuery,
  brands: { id: string; name: string }[],
  { t, lists, listName }: Texts,
) {
  const select = (
    name: 'area' | 'kind' | 'brand' | 'sort',
    all: string | null,
    options: [string, string][],
  ) => ({
    name,
    all,
    label: t(`insights:feedback.filter.${name}`),
    options: options.map(([value, text]) => ({ value, text, isSelected: query[name] === value })),
  })
  const sorts = (Object.keys(orders) as Order[]).filter(each => each !== 'deals' || query.seesDeals)
  return {
    tab: query.tab,
    q: query.q,
    owner: query.owner,
    selects: [
      select(
        'area',
        t('insights:feedback.allAreas'),
        lists.topics.map(({ id }) => [id, listName('topics', id)]),
      ),
      select(
        'kind',
        t('insights:feedback.allKinds'),
        feedbackKinds.map(kind => [kind, t(`insights:feedback.kind.${kind}`)]),
      ),
      ...(brands.length > 1
        ? [
            select(
              'brand',
              t('insights:feedback.allBrands'),
              brands.map(({ id, name }) => [id, name]),
            ),
          ]
        : []),
      select(
        'sort',
        null,
        sorts.map(each => [each, t(`insights:feedback.sort.${each}`)]),
      ),
    ],
  }
}

function rowView(
  topic: FeedbackTopic,
  owners: Map<string, string>,
  { t, money, number, listName }: Texts,
  seesDeals: boolean,
) {
  const { _id, title, area, kind, state, people, owner, searches } = topic
  const areaName = area && listName('topics', area)
  const searched = searches ? t('insights:feedback.searched', { count: searches }) : ''
  return {
    id: String(_id),
    href: `/feedback/${_id}`,
    title,
    kind: t(`insights:feedback.kind.${kind}`),
    area: areaName,
    about: [areaName, searched].filter(Boolean).join(' · '),
    people: people ? number(people) : '',
    amounts: seesDeals ? amountsText(topic, money) : '',
    state: t(`insights:feedback.state.${state}`),
    tag: feedbackTags[state],
    owner: (owner && owners.get(String(owner))) ?? '',
    tick: t('insights:feedback.tick', { title }),
  }
}
