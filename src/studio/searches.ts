import type { Request, Response } from 'express'
import { z } from 'zod'
import { brandChoices, brandOf } from '../brand/brand'
import { everyCourseOf } from '../courses/shown-courses'
import { search } from '../courses/search-index'
import { SearchMisses, type SearchMiss } from '../courses/search-miss'
import { notFound } from '../platform/errors'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { setDoneFlash } from './course-page'

const pageSize = 30

/**
 * `GET /studio/searches`: what people searched for and did not find, by the day they last did, with how much the same
 * words find now.
 */
export async function index(request: Request, response: Response): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { after, before } = parametersOf(request)
  const [page, count, brands] = await Promise.all([
    readPage<SearchMiss>(
      beyond => SearchMisses.find(beyond),
      { lastDay: -1, _id: -1 },
      { after, before },
      pageSize,
    ),
    SearchMisses.count({ lastDay: { $gt: '' } }),
    brandChoices(),
  ])
  const brandName = (id: string) => brands.length > 1 && brands.find(each => each.id === id)?.name
  response.render('studio/searches', {
    layout: 'studio',
    nav: 'searches',
    head: { title: t('studio:searches.title'), noindex: true },
    canWrite: response.locals.can.writeCourses,
    sentence: count ? t('studio:searches.sentence', { count }) : '',
    rows: await Promise.all(page.rows.map(row => missRow(row, brandName(row.brand) || null, texts))),
    empty: { title: t('studio:searches.none'), text: t('studio:searches.noneText') },
    pages: pageLinks(page, (at: At) => `/studio/searches?${new URLSearchParams(at)}`),
  })
}

async function missRow(miss: SearchMiss, brandName: string | null, { t, date, languageName }: Texts) {
  const brand = await brandOf(miss.brand)
  const { hits } = await search(await everyCourseOf(brand), miss.words)
  const day = date(new Date(`${miss.lastDay}T12:00:00Z`), 'short')
  return {
    id: miss._id,
    words: miss.words,
    about: [languageName(miss.language), brandName].filter(Boolean).join(' · '),
    count: miss.count,
    lastDay: day,
    now: hits.length
      ? {
          text: t('studio:searches.nowFound', { count: hits.length }),
          href: `${brand.baseUrl}/search?${new URLSearchParams({ q: miss.words })}`,
        }
      : null,
    feedbackHref: `/feedback/new?${new URLSearchParams({ source: 'search', ref: miss._id })}`,
    removeLabel: t('studio:searches.removeLabel', { words: miss.words }),
  }
}

const removalSchema = z.union([z.object({ all: z.literal('1') }), z.object({ id: z.string().max(100) })])

/** `POST /studio/searches/removal`: removes the search with the `id` of the form, or all of them with `all`. */
export async function destroy(request: Request, response: Response): Promise<void> {
  const { t } = textsOf(response)
  const { data } = removalSchema.safeParse(request.body)
  if (!data) throw notFound()
  const all = 'all' in data
  await SearchMisses.deleteMany('all' in data ? {} : { _id: data.id })
  setDoneFlash(response, t(all ? 'studio:searches.allRemoved' : 'studio:searches.removed'))
  response.redirect(303, '/studio/searches')
}
