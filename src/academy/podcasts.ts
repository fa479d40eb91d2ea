import type { Request, Response } from 'express'
import { z } from 'zod'
import { findAsset } from '../courses/asset'
import { lessonPath } from '../courses/lesson-path'
import { shownCourse } from '../courses/shown-courses'
import {
  createPodcastFeed,
  endPodcastFeed,
  podcastFeedOf,
  podcastOfToken,
  podcastToken,
  type PodcastFeed,
} from '../learning/podcast-feed'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { courseLooks } from '../web/course-palette'
import { setFlash } from '../web/flash'
import type { Handler, MemberHandler } from '../web/handler'
import { keepForEveryoneInLanguage } from '../web/public-response'
import { textsOf } from '../web/texts'
import { renderView } from '../web/views'
import { sendFile } from './assets'
import { contextOf, courseContext, type CourseContext } from './course-context'
import { coverImageFile } from './cover'
import { episodesOf, feedView, openUrl, type Episode } from './podcast-episodes'

/** Returns the episodes of a course that everyone may hear. */
async function openEpisodes(response: Response, slug: string) {
  const published = await shownCourse(response.locals.brand, slug, null)
  if (!published) return null
  const nobody = { enrolment: null, hasAccess: false, isSignedIn: false, hasPaid: false, isArchived: false }
  return { published, episodes: episodesOf({ ...nobody, published, newest: published }) }
}

/** `GET /courses/:slug/podcast`: the address for a podcast app: the open one, or the learner's own. */
export const show: Handler = async (_request, response, person) => {
  const context = courseContext(response)
  const { published } = context
  const own = episodesOf(context)
  if (!own.length) throw notFound()
  const { baseUrl } = response.locals
  const isOpen = own.length === ((await openEpisodes(response, published.slug))?.episodes.length ?? 0)
  const feed = person && !isOpen ? await podcastFeedOf(person._id, published.course) : null
  const { t, minutes } = textsOf(response)
  const path = `/courses/${published.slug}`
  const url = () => {
    if (isOpen) return `${baseUrl}${path}/podcast.xml`
    return feed && secretUrl(baseUrl, secretRoutes.podcast, podcastToken(feed))
  }
  response.render('academy/podcast', {
    head: { title: t('academy:podcast.title'), noindex: true },
    nav: 'courses',
    scripts: ['/js/copy.js'],
    course: { href: path, text: published.content.title },
    path: `${path}/podcast`,
    lede: t('academy:podcast.lede', { count: own.length }),
    number: feed?.number ?? null,
    url: url(),
    /** Opens Apple's app where there is one. */
    appUrl: url()?.replace(/^https?:/, 'podcast:') ?? null,
    episodes: own.map(({ lesson }) => ({
      href: lessonPath(published, lesson),
      text: lesson.title,
      minutes: minutes(lesson.minutes),
    })),
  })
}

/** `POST /courses/:slug/podcast`: gives the learner an address of their own. */
export const create: MemberHandler = async (_request, response, person) => {
  const context = courseContext(response)
  if (!episodesOf(context).length) throw notFound()
  await createPodcastFeed(person._id, context.published)
  done(response, 'created')
}

const numberForm = z.object({ number: z.coerce.number().int().min(1).max(1e9) })

/** `POST /courses/:slug/podcast/rotation`: another address. The one before it answers nothing. */
export const replaceFeed: MemberHandler = (request, response, person) =>
  end(request, response, person, { isRemoved: false })

/** `POST /courses/:slug/podcast/removal`: no address. */
export const removeFeed: MemberHandler = (request, response, person) =>
  end(request, response, person, { isRemoved: true })

async function end(
  request: Request,
  response: Response,
  person: Person,
  { isRemoved }: { isRemoved: boolean },
): Promise<void> {
  const { data } = numberForm.safeParse(request.body)
  if (!data) throw notFound()
  const { course } = courseContext(response).published
  await endPodcastFeed(person._id, course, { ...data, isRemoved })
  done(response, isRemoved ? 'removed' : 'rotated')
}

function done(response: Response, what: string): void {
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`academy:podcast.done.${what}`) })
  response.redirect(303, `/courses/${courseContext(response).published.slug}/podcast`)
}

/** `GET /courses/:slug/podcast.xml`: the audio lessons of a course that are free previews, for everyone. */
export const showOpen: Handler = async (request, response) => {
  const open = await openEpisodes(response, request.params.slug)
  if (!open?.episodes.length) throw notFound()
  const { baseUrl } = response.locals
  const path = `${baseUrl}/courses/${open.published.slug}`
  keepForEveryoneInLanguage(response, 300)
  sendFeed(
    response,
    await feedView(textsOf(response), {
      ...open,
      ...{ baseUrl, self: `${path}/podcast.xml`, image: `${path}/podcast.png`, isPrivate: false },
      urlOf: openUrl(baseUrl),
    }),
  )
}

function sendFeed(response: Response, view: object): void {
  response.type('application/rss+xml')
  response.send(renderView('academy/podcast-feed', { feed: view }))
}

/**
 * Loads the course that a learner's own address is for, as this learner may see it now.
 *
 * @throws 404 for an address that was replaced or removed, whose owner may not sign in, or that isn't ours; what `load`
 * throws for a course that its owner may no longer see.
 */
export const loadOwn: Handler = async (request, response) => {
  const found = await podcastOfToken(request.params.token)
  if (!found) throw notFound()
  response.locals.courseContext = await contextOf(response.locals.brand, found.feed.slug, found.owner)
  response.locals.podcastFeed = found.feed
}

const ownUrl = (response: Response) =>
  secretUrl(
    response.locals.baseUrl,
    secretRoutes.podcast,
    podcastToken(response.locals.podcastFeed as PodcastFeed),
  )

/** `GET /podcasts/:token`: the audio lessons that the owner may open. */
export const showOwn: Handler = async (_request, response) => {
  const context: CourseContext = courseContext(response)
  const episodes = episodesOf(context)
  const self = ownUrl(response)
  sendFeed(
    response,
    await feedView(textsOf(response), {
      ...{ published: context.published, episodes, baseUrl: response.locals.baseUrl },
      ...{ self, image: `${self}/cover.png`, isPrivate: true },
      urlOf: ({ hash }, name) => `${self}/files/${hash}/${encodeURIComponent(name.split('/').pop()!)}`,
    }),
  )
}

/** `GET /podcasts/:token/files/:hash/:name`: a recording or a transcript of these lessons, in byte ranges too. */
export const showOwnFile: Handler = async (request, response) => {
  const { hash } = request.params
  const isOf = ({ audio, transcript }: Episode) => audio.hash === hash || transcript?.hash === hash
  const file = episodesOf(courseContext(response)).some(isOf) ? await findAsset(hash) : null
  if (!file) throw notFound()
  await sendFile(request, response, file, 'private')
}

/** `GET /podcasts/:token/cover.png`: the cover of the feed. */
export const showOwnCover: Handler = async (_request, response) => {
  const { brand } = response.locals
  const { published } = courseContext(response)
  const look = (await courseLooks(brand))(published.slug)
  const { accent } = brand.content
  const { bytes, type } = await coverImageFile({ published, shape: 'square', look, accent })
  response.type(type).send(bytes)
}
