import type { RequestHandler, Response } from 'express'
import { config } from '../platform/config'
import { renderMarkdown } from '../courses/render'
import { publishedCourses, type Published } from '../courses/published'
import { certificateIdentity } from '../learning/certificate'
import { coursePalettes } from '../web/course-palette'
import type { Translate } from '../web/i18n'
import { coverPng } from './cover'
import { audienceOf } from './facets'
import { learnersOf } from './stats'
import { lessonPath, outlineOf, lessonProgressOf } from './outline'
import { anonymousPage } from './anonymous-page'
import { courseJsonLd } from './json-ld'
import { courseContext } from './course-context'
import { spellNumberFirst, kindIcons } from './lesson-icons'

/** What a course is, for whom, what it costs, and what of it sales will see; for its learners, where they are in it. */
export const show: RequestHandler = async (request, response) => {
  const others = await publishedCourses()
  await anonymousPage(request, response, 'academy/course', () => coursePage(response, others))
}

async function coursePage(response: Response, others: Published[]) {
  const t = response.locals.t as Translate
  const visit = courseContext(response)
  const { published, newest, enrolment, hasAccess } = visit
  const { title, summary, related, price } = published.content
  const address = `${config.baseUrl}/courses/${published.slug}`
  const { progress, lessonProgress } = lessonProgressOf(t, visit)
  const certificate = enrolment?.completedAt && published.content.certificate
  return {
    head: {
      title,
      description: summary,
      canonical: address,
      image: `${address}/cover.png`,
      jsonLd: courseJsonLd(newest ?? published),
    },
    nav: 'courses',
    published,
    hasAccess,
    isNewer: newest !== undefined && newest.number > published.number,
    wasRefunded: enrolment?.revokedAt ? true : false,
    text: describe(published),
    outline: outlineOf(visit),
    heading: spellNumberFirst(t, published.lessons.length),
    progress,
    lessonProgress,
    isPaid: price !== null,
    next: progress.next && {
      href: lessonPath(published, progress.next),
      number: published.lessons.indexOf(progress.next) + 1,
    },
    work: audienceOf(published),
    preview: published.lessons.find(lesson => lesson.preview),
    certificate: certificate
      ? `/certificates/${certificateIdentity(enrolment.person, published.course).id}`
      : null,
    learners: await learnersOf(published.course),
    related: related.flatMap(slug => others.find(course => course.slug === slug) ?? []),
    hasCaptions: published.lessons.some(lesson => lesson.captions !== null),
    downloads: published.lessons.flatMap(lesson => lesson.downloads),
    kindIcons,
    floor: (await coursePalettes()).get(published.slug),
  }
}

const descriptions = new WeakMap<Published, string>()

/** The description as HTML, rendered once per revision. */
function describe(published: Published): string {
  const known = descriptions.get(published)
  if (known !== undefined) return known
  const { description, assets, language } = published.content
  const html = renderMarkdown(description, assets, language)
  descriptions.set(published, html)
  return html
}

/** The cover as a picture for other sites (Open Graph), 1200 by 630. */
export const cover: RequestHandler = (_request, response) => sendPicture(response, 'card')

/** The cover as what a film shows before it plays, 1280 by 720. */
export const poster: RequestHandler = (_request, response) => sendPicture(response, 'poster')

async function sendPicture(response: Response, shape: 'card' | 'poster') {
  const { published } = courseContext(response)
  const floor = (await coursePalettes()).get(published.slug)
  response
    .type('png')
    .set('cache-control', 'public, max-age=86400')
    .set('etag', `"${published.revision}-${shape}-${floor}"`)
    .send(await coverPng(published, shape, floor))
}
