import { join } from 'node:path'
import type { Request, Response } from 'express'
import { embeddingSites, isListedSite } from '../brand/embedding-sites'
import { catalogueOrder, inCatalogueOrder } from '../courses/catalogue-order'
import { noEmbeds } from '../courses/embed-list'
import { kindOf } from '../courses/kinds/kinds'
import { lessonPage } from '../courses/lesson-page'
import { lessonPath } from '../courses/lesson-path'
import { coursesOf, shownCourse } from '../courses/shown-courses'
import { notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { root } from '../platform/root'
import { courseLooks } from '../web/course-palette'
import type { Handler } from '../web/handler'
import { keepForEveryone } from '../web/public-response'
import { allowFramingBy, allowLoadingElsewhere } from '../web/security'
import { theme } from '../web/appearance'
import { textsOf } from '../web/texts'
import { courseCard } from './course-card'
import { courseLanguage } from './course-language'

// Pages that other sites show in a frame: only what everyone may see, without cookies, whoever is looking.

/** The most courses of the catalogue in a frame; below them is a link to all. */
const maxShown = 12

/** `GET /embed.js`: the script that puts a frame into a page of another site (public/js/show-academy.js). */
export const script: Handler = (_request, response) => {
  allowLoadingElsewhere(response)
  keepForEveryone(response, 3600)
  response.sendFile(join(root, 'public/js/show-academy.js'))
}

/** `GET /embed`: the catalogue. */
export const catalogue: Handler = async (request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  const { brand } = response.locals
  const [courses, looks] = await Promise.all([coursesOf(brand, null), courseLooks(brand)])
  const href = outside(request, response)
  const { featured } = await catalogueOrder()
  const ordered = await inCatalogueOrder(courses)
  const first = ordered.filter(({ course }) => String(course) === featured)
  const shown = [...first, ...ordered.filter(each => !first.includes(each))].slice(0, maxShown)
  await renderFramed(request, response, 'academy/framed-catalogue', {
    head: { title: t('academy:framed.catalogue', { academy: t('brand:academyName') }) },
    courses: shown.map(course => {
      const card = courseCard(texts, course, looks(course.slug))
      return { ...card, href: href(card.href) }
    }),
    all: { href: href('/courses'), text: t('academy:framed.all', { count: courses.length }) },
  })
}

/** `GET /embed/courses/:slug`: the card of a course. */
export const course: Handler = async (request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  const { brand } = response.locals
  const published = await shownCourse(brand, request.params.slug, null)
  if (!published) throw notFound()
  const looks = await courseLooks(brand)
  const href = outside(request, response)
  const card = courseCard(texts, published, looks(published.slug))
  const preview = published.lessons.find(lesson => lesson.preview)
  await renderFramed(request, response, 'academy/framed-course', {
    head: { title: published.content.title },
    course: { ...card, href: href(card.href) },
    preview: preview && {
      href: href(lessonPath(published, preview)),
      text: t(`academy:course.preview.${preview.kind}`, { number: published.lessons.indexOf(preview) + 1 }),
    },
  })
}

/** `GET /embed/courses/:slug/lessons/:lesson`: a free preview; its text, and the rest in the academy. */
export const lesson: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const published = await shownCourse(response.locals.brand, request.params.slug, null)
  const found = published?.lessons.find(({ slug, preview }) => preview && slug === request.params.lesson)
  if (!published || !found) throw notFound()
  const href = outside(request, response)
  const { html } = lessonPage(published, found.slug, noEmbeds)
  await renderFramed(request, response, 'academy/framed-lesson', {
    head: { title: found.title },
    language: courseLanguage(published),
    title: { text: found.title, href: href(lessonPath(published, found)) },
    course: { text: published.content.title, href: href(`/courses/${published.slug}`) },
    kindIcon: kindOf(found).icon,
    meta: t('academy:lesson.meta', {
      number: published.lessons.indexOf(found) + 1,
      kind: t(`academy:kinds.${found.kind}`),
      count: found.minutes,
    }),
    text: html
      .trim()
      .replace(/(<a\b[^>]*?\shref=")(\/(?!\/)[^"#]*)/g, (_all, begin: string, path: string) => {
        return begin + href(path.replaceAll('&amp;', '&')).replaceAll('&', '&amp;')
      }),
    open:
      found.kind === 'text'
        ? t('academy:framed.continue')
        : t(`academy:course.preview.${found.kind}`, { number: published.lessons.indexOf(found) + 1 }),
  })
}

/** Renders a page for the frames of listed sites. It is no visit, and carries nothing of a visitor. */
async function renderFramed(request: Request, response: Response, view: string, page: object): Promise<void> {
  const sites = await embeddingSites(response.locals.brand.id)
  const { site, theme: wanted } = request.query
  allowFramingBy(response, sites)
  response.locals.isFramed = true
  response.render(view, {
    ...page,
    layout: 'framed',
    person: null,
    theme: theme.choices.find(choice => choice === wanted),
    /** The origin of the page around it, which is told the height. */
    site: typeof site === 'string' && isListedSite(site, sites) ? site : '',
  })
}

const campaignFields = ['source', 'medium', 'campaign', 'term', 'content']

/**
 * Returns what makes a path an address in the academy that says where its reader came from: the campaign of the page
 * that shows the frame, or else that page's site.
 */
function outside(request: Request, response: Response): (path: string) => string {
  const given = new URLSearchParams()
  for (const field of campaignFields) {
    const value = request.query[`utm_${field}`]
    const text = typeof value === 'string' ? normaliseLine(value).slice(0, 100) : ''
    if (text) given.set(`utm_${field}`, text)
  }
  const site = hostOf(request.query.site) ?? hostOf(request.get('referer'))
  if (!given.has('utm_source') && site) given.set('utm_source', site)
  if (!given.has('utm_medium')) given.set('utm_medium', 'embed')
  return path => `${response.locals.baseUrl}${path}${path.includes('?') ? '&' : '?'}${given}`
}

function hostOf(address: unknown): string | null {
  if (typeof address !== 'string' || !URL.canParse(address)) return null
  return new URL(address).hostname.replace(/^www\./, '').slice(0, 100) || null
}
