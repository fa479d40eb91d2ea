import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { BlockedAddress, pageUrl } from '../platform/guard-address'
import { defineQueue, wakeWorker } from '../platform/queue'
import {
  date,
  nullable,
  number,
  objectId,
  oneOf,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import { lessonsOf } from './content'
import type { CourseContent } from './course'
import { markdownFacts, webAddresses } from './markdown'
import { textsOfQuestion } from './question'
import { readQuestions } from './quiz'
import { resolveReference } from './reference'

/**
 * What trying a link led to: `answered`; `refused` by a site that doesn't let programs in (401, 403, 429…), which says
 * nothing about the page; `failed`, which is tried again; `dead` after failures on two days, or two 404 in a row.
 */
const outcomes = ['answered', 'refused', 'failed', 'dead'] as const

/** Why a link wasn't answered, besides its status: `studio:outsideLinks.reasons.<reason>`. */
export const linkReasons = [
  ...['timeout', 'unknownHost', 'noConnection', 'certificate', 'redirects', 'status', 'private', 'port'],
] as const

/** A web page outside the academy that courses link to, and its entry in the queue of those to try. */
export const OutsideLinks = defineQueue(
  'OutsideLink',
  'outside_links',
  {
    /** SHA-256 of the URL, hex. */
    _id: string(),
    /** Without its fragment. */
    url: string(),
    /** The course that linked to it first, and the day (UTC): what a course may ask for in a day is limited. */
    course: objectId(),
    askedOn: string(),
    /** When a course last linked to it. */
    wantedAt: date(),
    /** Null before the first try. */
    outcome: nullable(oneOf(outcomes)),
    /** The last HTTP status; null when there was no response. */
    status: nullable(number()),
    reason: nullable(string<(typeof linkReasons)[number]>()),
    /** Where the page has moved for good. */
    movedTo: nullable(string()),
    checkedAt: nullable(date()),
    /** The day (UTC) of the first of the failures in a row. */
    failedOn: nullable(string()),
    /** How many times in a row the page wasn't found (404 or 410). */
    notFound: withDefault(number(), 0),
  },
  {
    queue: 'outside-links',
    indexes: [
      // A link that no course has any more is forgotten.
      [{ wantedAt: 1 }, { expireAfterSeconds: 30 * 24 * 3600 }],
      [{ course: 1, askedOn: 1 }],
      [{ askedOn: 1 }],
      [{ checkedAt: 1 }],
    ],
  },
)
export type OutsideLink = RecordOf<typeof OutsideLinks>

/** Authors decide which addresses the academy opens, so it opens only so many new ones a day. */
export const linkCaps = { perCourseAndDay: 200, perDay: 2000, perCourse: 500, characters: 2000 }

/** A link that leads out of the academy, and where it is in the course. */
export type PlacedLink = { url: string; lesson: string | null; line: number | null }

/** Returns the links of a course that lead out of the academy, in its settings, lessons and questions, in order. */
export function outsideLinksOf(content: CourseContent): PlacedLink[] {
  const lessons = lessonsOf(content)
  const { summary, outcomes, forYou, notForYou, callToAction } = content
  const plain = [summary, ...outcomes, ...forYou, ...notForYou, callToAction?.text ?? '']
  const inText = (text: string, lesson: string | null): PlacedLink[] => {
    const { references, addresses } = markdownFacts(text)
    const typed = references.flatMap(({ kind, target, line }) => {
      if (kind === 'image') return []
      const resolved = resolveReference(target, { assets: content.assets, lessons, text })
      return resolved.kind === 'outside' ? [{ url: resolved.url, line }] : []
    })
    return [...typed, ...addresses]
      .sort((a, b) => a.line - b.line)
      .map(({ url, line }) => ({ url, lesson, line }))
  }
  const found = [
    ...plain.flatMap(webAddresses).map(url => ({ url, lesson: null, line: null })),
    ...inText(content.description, null),
    ...lessons.flatMap(({ slug, body }) => [
      ...inText(body, slug),
      ...readQuestions(body).questions.flatMap(question =>
        textsOfQuestion(question)
          .flatMap(webAddresses)
          .map(url => ({ url, lesson: slug, line: question.line })),
      ),
    ]),
  ]
  return found.flatMap(link => {
    const url = urlToTry(link.url)
    return url === null ? [] : [{ ...link, url }]
  })
}

/** Returns a URL without its fragment, which no server sees; null for one that is malformed or too long. */
function urlToTry(typed: string): string | null {
  if (!URL.canParse(typed) || typed.length > linkCaps.characters) return null
  const url = new URL(typed)
  url.hash = ''
  return url.href
}

/** Returns why a URL is never tried; null for one that is. */
export function untriedReason(url: string): BlockedAddress['reason'] | null {
  try {
    pageUrl(url)
    return null
  } catch (error) {
    if (error instanceof BlockedAddress) return error.reason
    throw error
  }
}

const idOf = (url: string) => createHash('sha256').update(url).digest('hex')
/** Returns the day (UTC) of a moment, `YYYY-MM-DD`. */
export const utcDay = (moment: Date) => moment.toISOString().slice(0, 10)

function urlsOf(content: CourseContent): string[] {
  const urls = new Set(outsideLinksOf(content).map(({ url }) => url))
  return [...urls].slice(0, linkCaps.perCourse)
}

/** Returns what is known about the outside links of a course, by URL. */
export async function triedLinks(content: CourseContent): Promise<ReadonlyMap<string, OutsideLink>> {
  const urls = urlsOf(content)
  const links = urls.length ? await OutsideLinks.find({ _id: { $in: urls.map(idOf) } }) : []
  return new Map(links.map(link => [link.url, link]))
}

/**
 * Queues the outside links of a course that are new, within `linkCaps`; the rest waits for the daily job.
 *
 * @param isWanted also notes that the course still has the links that are known.
 */
export async function queueOutsideLinks(
  course: Types.ObjectId,
  content: CourseContent,
  isWanted = false,
): Promise<void> {
  const urls = urlsOf(content).filter(url => untriedReason(url) === null)
  if (!urls.length) return
  const moment = now()
  const askedOn = utcDay(moment)
  const known = new Set(
    (await OutsideLinks.find({ _id: { $in: urls.map(idOf) } }, { url: 1 })).map(({ url }) => url),
  )
  if (isWanted && known.size) {
    await OutsideLinks.updateMany({ _id: { $in: [...known].map(idOf) } }, { $set: { wantedAt: moment } })
  }
  const unknown = urls.filter(url => !known.has(url))
  if (!unknown.length) return
  const room = Math.min(
    linkCaps.perCourseAndDay - (await OutsideLinks.count({ course, askedOn })),
    linkCaps.perDay - (await OutsideLinks.count({ askedOn })),
  )
  for (const url of unknown.slice(0, Math.max(0, room))) {
    await OutsideLinks.insertOnce({ _id: idOf(url), url, course, askedOn, wantedAt: moment, dueAt: moment })
  }
  wakeWorker.emit('due')
}
