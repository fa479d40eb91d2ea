import type { Response } from 'express'
import { escapeXML } from 'ejs'
import { embeddingSites } from '../brand/embedding-sites'
import type { ShownBrand } from '../brand/brand'
import { lessonPath } from '../courses/lesson-path'
import { shownCourse } from '../courses/shown-courses'
import { HttpError, notFound } from '../platform/errors'
import type { Handler } from '../web/handler'
import { keepForEveryoneInLanguage } from '../web/public-response'
import { allowLoadingElsewhere } from '../web/security'
import { textsOf } from '../web/texts'
import { xmlDocument, xmlElement } from '../web/xml'

/** A page of the academy that other sites can show, the address of its frame, and the size that suits it. */
type Target = { title: string; frame: string; width: number; height: number; cover: string | null }

/** Of the Open Graph image of a course, in pixels. */
const thumbnail = { width: 1200, height: 630 }

/**
 * `GET /oembed?url=`: how other sites show a page of the academy (https://oembed.com). A brand that no site may frame
 * answers with a link.
 *
 * @throws HttpError 400 without an address, 401 for a lesson that only learners open, 404 for anything else that not
 *   everyone sees, 501 for a format besides JSON and XML.
 */
export const show: Handler = async (request, response) => {
  const { url, format = 'json', maxwidth, maxheight } = request.query
  if (format !== 'json' && format !== 'xml') throw new HttpError(501, 'academy:errors.oembedFormat')
  if (typeof url !== 'string' || !URL.canParse(url)) throw new HttpError(400, 'academy:errors.oembedUrl')
  const target = await targetOf(new URL(url), response)
  const most = { width: limitIn(maxwidth), height: limitIn(maxheight) }
  const answer = await answerFor(target, most, response)
  allowLoadingElsewhere(response)
  keepForEveryoneInLanguage(response, 300)
  response.set('access-control-allow-origin', '*')
  if (format === 'json') return response.json(answer)
  const elements = Object.entries(answer).map(([name, value]) => xmlElement(name, value))
  response.type('text/xml; charset=utf-8').send(xmlDocument(`<oembed>${elements.join('')}</oembed>`))
}

function limitIn(typed: unknown): number {
  return typeof typed === 'string' && /^[1-9]\d{0,5}$/.test(typed) ? Number(typed) : Infinity
}

async function answerFor(target: Target, most: { width: number; height: number }, response: Response) {
  const { t } = textsOf(response)
  const { brand, baseUrl } = response.locals
  const { title, cover } = target
  const about = {
    version: '1.0',
    title,
    provider_name: t('brand:academyName'),
    provider_url: baseUrl,
    cache_age: 3600,
    // A thumbnail has to fit too.
    ...(cover !== null &&
      thumbnail.width <= most.width &&
      thumbnail.height <= most.height && {
        thumbnail_url: baseUrl + cover,
        thumbnail_width: thumbnail.width,
        thumbnail_height: thumbnail.height,
      }),
  }
  if (!(await embeddingSites(brand.id)).length) return { type: 'link', ...about }
  const [width, height] = [Math.min(target.width, most.width), Math.min(target.height, most.height)]
  const html =
    `<iframe src="${escapeXML(baseUrl + target.frame)}" title="${escapeXML(title)}"` +
    ` width="${width}" height="${height}" frameborder="0" loading="lazy"` +
    ' sandbox="allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"></iframe>'
  return { type: 'rich', ...about, html, width, height }
}

/** Returns what an address of the brand leads to. */
async function targetOf(url: URL, response: Response): Promise<Target> {
  const { brand } = response.locals
  if (!isAt(url, brand)) throw notFound()
  const path = url.pathname.replace(/(?<=.)\/$/, '')
  if (path === '/courses') {
    const title = textsOf(response).t('academy:catalogue.title')
    return { title, frame: '/embed', width: 960, height: 800, cover: null }
  }
  const [, slug, lessonSlug] = /^\/courses\/([a-z0-9-]+)(?:\/lessons\/([a-z0-9-]+))?$/.exec(path) ?? []
  const course = slug ? await shownCourse(brand, slug, null) : undefined
  if (!course) throw notFound()
  const coursePath = `/courses/${course.slug}`
  const cover = `${coursePath}/cover.png`
  if (!lessonSlug) {
    return { title: course.content.title, frame: `/embed${coursePath}`, width: 640, height: 320, cover }
  }
  const lesson = course.lessons.find(each => each.slug === lessonSlug)
  if (!lesson) throw notFound()
  if (!lesson.preview) throw new HttpError(401, 'academy:errors.oembedPrivate')
  return { title: lesson.title, frame: `/embed${lessonPath(course, lesson)}`, width: 640, height: 600, cover }
}

/** Whether an address is at the brand, also by another protocol than that of its primary address. */
function isAt(url: URL, { baseUrl }: Pick<ShownBrand, 'baseUrl'>): boolean {
  return /^https?:$/.test(url.protocol) && url.host === new URL(baseUrl).host
}
