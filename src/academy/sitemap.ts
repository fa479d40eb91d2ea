import { secretPrefixes } from '../platform/secret-routes'
import { PricingPages } from '../brand/plans'
import { coursesOf } from '../courses/shown-courses'
import { sessionSeries, sessionsOf } from '../sessions/shown-sessions'
import { NeedsAssessments } from '../signals/needs-content'
import type { Handler } from '../web/handler'
import { seriesPath, sessionPath } from './session-row'
import { pathSummaries } from './stats'

/** All pages of the brand that anyone may see, for search engines (https://www.sitemaps.org/protocol.html). */
export const index: Handler = async (_request, response) => {
  const { brand, baseUrl } = response.locals
  const [courses, sessions] = await Promise.all([coursesOf(brand, null), sessionsOf(brand, null)])
  const seriesIds = new Map(sessions.flatMap(({ series }) => (series ? [[String(series), series]] : [])))
  const allSeries = await Promise.all([...seriesIds.values()].map(id => sessionSeries(id)))
  const pages = [
    { path: '/', changed: null },
    { path: '/courses', changed: null },
    { path: '/paths', changed: null },
    ...((await PricingPages.isOn(brand))
      ? ['/pricing', '/pricing/compare'].map(path => ({ path, changed: null }))
      : []),
    ...((await NeedsAssessments.isOn(brand)) ? [{ path: '/needs-assessment', changed: null }] : []),
    ...(await pathSummaries(brand, null)).map(path => ({ path: `/paths/${path.slug}`, changed: null })),
    ...(sessions.length ? [{ path: '/sessions', changed: null }] : []),
    ...sessions.map(session => ({ path: sessionPath(session), changed: null })),
    ...allSeries.flatMap(series => (series ? [{ path: seriesPath(series), changed: null }] : [])),
    ...courses.flatMap(course => [
      { path: `/courses/${course.slug}`, changed: course.publishedAt },
      ...course.lessons
        .filter(lesson => lesson.preview)
        .map(lesson => ({
          path: `/courses/${course.slug}/lessons/${lesson.slug}`,
          changed: course.publishedAt,
        })),
    ]),
  ]
  const urls = pages.map(({ path, changed }) => {
    const lastModified = changed ? `<lastmod>${changed.toISOString().slice(0, 10)}</lastmod>` : ''
    return `<url><loc>${baseUrl}${path}</loc>${lastModified}</url>`
  })
  const namespace = 'http://www.sitemaps.org/schemas/sitemap/0.9'
  response
    .type('application/xml')
    .send(`<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="${namespace}">${urls.join('')}</urlset>\n`)
}

/** Tells crawlers which paths to leave out, and where the sitemap is (RFC 9309). */
export const robots: Handler = (_request, response) => {
  const disallowed = [
    '/account',
    '/learning',
    '/certificates/',
    '/search',
    '/studio',
    '/sales',
    '/integrations',
    '/admin',
    '/insights',
    '/api',
    ...secretPrefixes.map(prefix => `${prefix}/`),
  ]
  response
    .type('text/plain')
    .send(
      [
        'User-agent: *',
        ...disallowed.map(path => `Disallow: ${path}`),
        `Sitemap: ${response.locals.baseUrl}/sitemap.xml`,
        '',
      ].join('\n'),
    )
}
