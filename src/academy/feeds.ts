import { createHash } from 'node:crypto'
import type { Response } from 'express'
import { escapeXML } from 'ejs'
import type { Published } from '../courses/published'
import { Revisions } from '../courses/revision'
import { coursesOf } from '../courses/shown-courses'
import { cached } from '../platform/cached'
import type { Handler } from '../web/handler'
import { keepForEveryoneInLanguage } from '../web/public-response'
import { allowLoadingElsewhere } from '../web/security'
import { textsOf } from '../web/texts'
import { xmlDocument, xmlElement } from '../web/xml'

/** The most courses in a feed. */
const maxItems = 50

/**
 * A course that everyone may see, as its feed has it. A new version is a new entry, with what its author says about it.
 */
type Entry = { id: string; url: string; title: string; text: string; course: Published }

/** `GET /feed.xml`: new and changed courses of the brand, as RSS 2.0 (https://www.rssboard.org/rss-specification). */
export const rss: Handler = async (_request, response) => {
  const { title, description, home, language, entries } = await feedOf(response)
  const self = `${home}/feed.xml`
  const items = entries.map(({ id, url, title, text, course: { publishedAt, content } }) =>
    [
      '<item>',
      xmlElement('title', title),
      xmlElement('link', url),
      `<guid isPermaLink="false">${escapeXML(id)}</guid>`,
      xmlElement('pubDate', publishedAt.toUTCString()),
      xmlElement('description', text),
      xmlElement('dc:language', content.language),
      ...content.authors.map(({ name }) => xmlElement('dc:creator', name)),
      '</item>',
    ].join(''),
  )
  const body = xmlDocument(
    [
      '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">',
      '<channel>',
      xmlElement('title', title),
      xmlElement('link', `${home}/courses`),
      xmlElement('description', description),
      xmlElement('language', language),
      `<atom:link href="${escapeXML(self)}" rel="self" type="application/rss+xml"/>`,
      ...(entries[0] ? [xmlElement('lastBuildDate', entries[0].course.publishedAt.toUTCString())] : []),
      ...items,
      '</channel>',
      '</rss>',
    ].join('\n'),
  )
  sendFeed(response, 'application/rss+xml', body)
}

/** `GET /feed.json`: the same as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/). */
export const json: Handler = async (_request, response) => {
  const { title, description, home, language, entries } = await feedOf(response)
  const feed = {
    version: 'https://jsonfeed.org/version/1.1',
    title,
    home_page_url: `${home}/courses`,
    feed_url: `${home}/feed.json`,
    description,
    language,
    items: entries.map(({ id, url, title, text, course: { publishedAt, content } }) => ({
      id,
      url,
      title,
      content_text: text,
      image: `${url}/cover.png`,
      date_published: publishedAt.toISOString(),
      language: content.language,
      ...(content.authors.length > 0 && { authors: content.authors.map(({ name }) => ({ name })) }),
    })),
  }
  sendFeed(response, 'application/feed+json', JSON.stringify(feed))
}

async function feedOf(response: Response) {
  const { t, lang } = textsOf(response)
  const { brand, baseUrl: home } = response.locals
  const courses = (await coursesOf(brand, null))
    .toSorted((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())
    .slice(0, maxItems)
  const notes = await notesOf(courses)
  const entries = courses.map((course): Entry => {
    const { slug, number, content } = course
    const url = `${home}/courses/${slug}`
    const note = notes.get(String(course.revision))
    return {
      id: `${url}#version-${number}`,
      url,
      title: content.title,
      text: [content.summary, ...(note ? [t('academy:feed.changed', { number, note })] : [])].join('\n\n'),
      course,
    }
  })
  return {
    title: t('academy:feed.title', { academy: t('brand:academyName') }),
    description: t('academy:feed.description'),
    home,
    language: lang,
    entries,
  }
}

/** Returns what authors say about the versions of these courses, by revision. Revisions never change. */
const notesOf = cached<Published[], Map<string, string>>(
  Infinity,
  async courses => {
    const ids = courses.map(({ revision }) => revision)
    const revisions = await Revisions.find({ _id: { $in: ids } }, { note: 1 })
    return new Map(revisions.flatMap(({ _id, note }) => (note ? [[String(_id), note] as const] : [])))
  },
  { max: 20, nameOf: courses => courses.map(({ revision }) => revision).join() },
)

/** Sends a feed with an ETag of its bytes: readers that ask again get 304 until something has changed. */
function sendFeed(response: Response, type: string, body: string): void {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  allowLoadingElsewhere(response)
  keepForEveryoneInLanguage(response, 300)
  response.set({ etag, 'access-control-allow-origin': '*' })
  response.type(`${type}; charset=utf-8`).send(body)
}
