import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Lesson } from '../courses/course'
import { kindOf } from '../courses/kinds/kinds'
import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import { coursesOf, shownCourse } from '../courses/shown-courses'
import {
  changePlaylist,
  createPlaylist,
  itemKey,
  ownPlaylist,
  playlistAudiences,
  Playlists,
  playlistsOf,
  playlistToken,
  sharedPlaylist,
  withItem,
  withMoved,
  withMovedBefore,
  type Playlist,
  type PlaylistItem,
} from '../learning/playlist'
import type { Person } from '../people/person'
import { areColleagues } from '../people/team-member'
import { notFound } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { courseCover } from '../web/course-cover'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { setFlash } from '../web/flash'
import { lineField, readForm, refuseForm, type Form } from '../web/form'
import type { Handler, MemberHandler } from '../web/handler'
import { signInPath } from '../web/local-path'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf, type Texts } from '../web/texts'
import { courseStrip } from './course-card'
import { courseLanguage } from './course-language'
import { shelfLink } from './group-context'
import { learnerCourses, type LearnerCourse } from './learner-courses'

const maxTitle = 80
const titleField = lineField('academy:errors.playlists.title', maxTitle)

const pathOf = ({ _id }: Pick<Playlist, '_id'>) => `/playlists/${_id}`

/** `GET /playlists`: the person's playlists, and a form for a new one. */
export const index: MemberHandler = async (_request, response, person) => {
  response.render('academy/playlists', await listPage(response, person))
}

async function listPage(response: Response, person: Person) {
  const texts = textsOf(response)
  const { t } = texts
  const [playlists, courses] = await Promise.all([
    playlistsOf(person._id),
    coursesOf(response.locals.brand, person),
  ])
  return {
    head: { title: t('academy:playlists.title'), noindex: true },
    rows: playlists.map(playlist => ({
      href: pathOf(playlist),
      title: playlist.title,
      meta: metaOf(texts, playlist, courses),
    })),
    titleField: newTitleField(texts),
  }
}

const newTitleField = ({ t }: Texts) => ({
  name: 'title',
  label: t('academy:playlists.name'),
  maxlength: maxTitle,
  required: true,
})

/** How many courses and lessons it has that can be opened, how long they take, and with whom it is shared. */
function metaOf({ t, minutes }: Texts, { items, audience }: Playlist, courses: Published[]): string {
  const found = items.flatMap(item => itemIn(courses, item) ?? [])
  return [
    t('academy:playlists.items', { count: found.length }),
    ...(found.length ? [minutes(found.reduce((sum, { length }) => sum + length, 0))] : []),
    ...(audience ? [t(`academy:playlists.shared.${audience}`)] : []),
  ].join(' · ')
}

type FoundItem = { course: Published; lesson: Lesson | null; length: number }

/** Returns what an item is now; undefined for a course that isn't shown, or a lesson that it no longer has. */
function itemIn(courses: readonly Published[], item: PlaylistItem): FoundItem | undefined {
  const course = courses.find(each => each.course.equals(item.course))
  if (!course) return undefined
  if (item.lesson === null) return { course, lesson: null, length: course.minutes }
  const lesson = course.lessons.find(({ slug }) => slug === item.lesson)
  return lesson && { course, lesson, length: lesson.minutes }
}

const newPlaylist = z.object({ title: titleField })

/** `POST /playlists`: a new, empty one. */
export const create: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(newPlaylist, request, response)
  if (!data) return refuseForm(response, 'academy/playlists', form, await listPage(response, person))
  const _id = recordIdOf(submissionOf(request, person))
  await createPlaylist({ _id, person: person._id, ...data })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:playlists.created', data) })
  response.redirect(303, pathOf({ _id }))
}

const asked = z.object({
  course: z.string().max(200),
  lesson: z
    .string()
    .max(200)
    .optional()
    .transform(slug => slug || null),
})

/** `GET /playlists/add?course=&lesson=`: chooses the playlist that a course, or one of its lessons, is added to. */
export const choose: MemberHandler = async (request, response, person) => {
  const { item, found } = await askedItem(request.query, response, person)
  response.render('academy/playlist-add', await choosePage(response, person, item, found))
}

/** Returns the course or lesson that a request names. Throws 404 for one that the brand doesn't show. */
async function askedItem(
  values: unknown,
  response: Response,
  person: Person,
): Promise<{ item: PlaylistItem; found: FoundItem }> {
  const { data } = asked.safeParse(values)
  const course = data && (await shownCourse(response.locals.brand, data.course, person))
  if (!course) throw notFound()
  const item = { course: course.course, lesson: data.lesson }
  const found = itemIn([course], item)
  if (!found) throw notFound()
  return { item, found }
}

async function choosePage(
  response: Response,
  person: Person,
  item: PlaylistItem,
  { course, lesson }: FoundItem,
) {
  const texts = textsOf(response)
  const { t } = texts
  const playlists = await playlistsOf(person._id)
  const title = lesson?.title ?? course.content.title
  return {
    head: { title: t('academy:playlists.addTitle', { title }), noindex: true },
    heading: t('academy:playlists.addTitle', { title }),
    addToShelf: await shelfLink(response.locals.brand, person, {
      course: course.slug,
      ...(lesson && { lesson: lesson.slug }),
    }),
    hidden: { course: course.slug, lesson: lesson?.slug ?? '' },
    back: lesson ? lessonPath(course, lesson) : `/courses/${course.slug}`,
    choices: playlists.length
      ? {
          name: 'playlist',
          kind: 'radios',
          label: t('academy:playlists.which'),
          options: [
            ...playlists.map(playlist => ({
              value: String(playlist._id),
              text: playlist.items.some(each => itemKey(each) === itemKey(item))
                ? t('academy:playlists.hasIt', { title: playlist.title })
                : playlist.title,
            })),
            { value: 'new', text: t('academy:playlists.new') },
          ],
          value: String(playlists[0]!._id),
        }
      : null,
    titleField: {
      ...newTitleField(texts),
      required: !playlists.length,
      hint: playlists.length ? t('academy:playlists.newHint') : '',
    },
  }
}

const addition = z
  .object({
    playlist: z.string().max(100).default('new'),
    title: z.string().optional(),
  })
  .pipe(
    z.union([
      z.object({ playlist: z.literal('new'), title: titleField }),
      z.object({ playlist: z.string().regex(/^[\da-f]{24}$/) }),
    ]),
  )

/** `POST /playlists/items`: adds a course or a lesson to a playlist, or to a new one. */
export const addToPlaylist: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { item, found } = await askedItem(request.body, response, person)
  const { data } = addition.safeParse(request.body)
  if (!data) {
    const values = request.body as Record<string, unknown>
    const form: Form = { values, errors: { title: t('academy:errors.playlists.title') } }
    return refuseForm(response, 'academy/playlist-add', form, await choosePage(response, person, item, found))
  }
  const playlist = await addTo(data, request, person, item)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:playlists.added', { title: playlist.title }),
    link: { href: pathOf(playlist), text: t('academy:playlists.open') },
  })
  const { course, lesson } = found
  response.redirect(303, lesson ? lessonPath(course, lesson) : `/courses/${course.slug}`)
}

async function addTo(
  data: z.output<typeof addition>,
  request: Request,
  person: Person,
  item: PlaylistItem,
): Promise<Pick<Playlist, '_id' | 'title'>> {
  if (!('title' in data)) {
    return changePlaylist(person._id, data.playlist, ({ items }) => ({ items: withItem(items, item) }))
  }
  const { title } = data
  const _id = recordIdOf(submissionOf(request, person))
  await createPlaylist({ _id, person: person._id, title, items: [item] })
  return { _id, title }
}

/** `GET /playlists/:id`: one of the person's playlists, with their own progress and whom it is shared with. */
export const show: MemberHandler = async (request, response, person) => {
  const playlist = await ownPlaylist(person._id, request.params.id)
  response.render('academy/playlist', await ownPage(response, person, playlist))
}

async function ownPage(response: Response, person: Person, playlist: Playlist) {
  const texts = textsOf(response)
  const { t } = texts
  const { brand, baseUrl } = response.locals
  const [courses, learned, looks] = await Promise.all([
    coursesOf(brand, person),
    learnerCourses(brand, person),
    courseLooks(brand),
  ])
  const { title, audience, items } = playlist
  return {
    head: { title, noindex: true },
    title,
    id: String(playlist._id),
    path: pathOf(playlist),
    scripts: ['/js/playlist.js'],
    meta: metaOf(texts, playlist, courses),
    titleField: { ...newTitleField(texts), value: title },
    rows: items.map((item, n) => ({
      key: itemKey(item),
      canMoveUp: n > 0,
      canMoveDown: n < items.length - 1,
      ...itemRow(texts, itemIn(courses, item), learned, looks),
    })),
    empty: {
      title: t('academy:playlists.empty'),
      text: t('academy:playlists.emptyText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
    shared: audience && {
      text: t(`academy:playlists.sharedText.${audience}`, { company: person.company?.name }),
      url: secretUrl(baseUrl, secretRoutes.sharedPlaylist, playlistToken(playlist)),
    },
    audiences: playlistAudiences
      .filter(each => each === 'link' || areColleagues(person, person))
      .map(value => ({
        value,
        text: t(`academy:playlists.audience.${value}`, { company: person.company?.name }),
      })),
  }
}

/** A course or a lesson in a playlist, with the reader's own progress. */
function itemRow(texts: Texts, found: FoundItem | undefined, learned: LearnerCourse[], looks: CourseLooks) {
  const { t, minutes } = texts
  if (!found) {
    return { href: null, title: t('academy:playlists.gone'), meta: '', cover: '', strip: null, icon: null }
  }
  const { course, lesson, length } = found
  const own = learned.find(
    ({ published, state }) => published.course.equals(course.course) && state !== 'closed',
  )
  const isDone = own?.progress.steps.some(step => step.done && step.lesson.slug === lesson?.slug) ?? false
  const number = lesson ? course.lessons.indexOf(lesson) + 1 : 0
  const place = lesson
    ? t('academy:search.lesson', { number, course: course.content.title })
    : t('academy:search.course', { count: course.lessons.length })
  return {
    href: lesson ? lessonPath(course, lesson) : `/courses/${course.slug}`,
    title: lesson?.title ?? course.content.title,
    language: courseLanguage(course),
    meta: [place, minutes(length), ...(isDone ? [t('academy:learning.completed')] : [])].join(' · '),
    cover: courseCover(texts, course, looks(course.slug)),
    strip: own && !lesson ? courseStrip(texts, own) : null,
    icon: lesson && kindOf(lesson).icon,
  }
}

/** `POST /playlists/:id`: another name. */
export const rename: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(newPlaylist, request, response)
  if (!data) {
    const playlist = await ownPlaylist(person._id, request.params.id)
    return refuseForm(response, 'academy/playlist', form, await ownPage(response, person, playlist))
  }
  await changePlaylist(person._id, request.params.id, () => data)
  done(response, request.params.id, 'renamed')
}

function done(response: Response, id: string, what: string): void {
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`academy:playlists.done.${what}`) })
  response.redirect(303, `/playlists/${id}`)
}

const itemForm = z.object({ item: z.string().max(300) })
const moveForm = itemForm.extend({ direction: z.enum(['up', 'down']) })

/** `POST /playlists/:id/order`: moves an item one place up or down. */
export const move: MemberHandler = async (request, response, person) => {
  const { data } = moveForm.safeParse(request.body)
  if (!data) throw notFound()
  const { item, direction } = data
  await changePlaylist(person._id, request.params.id, ({ items }) => ({
    items: withMoved(items, item, direction),
  }))
  response.redirect(303, `/playlists/${request.params.id}`)
}

const positionForm = z.object({ before: z.string().max(300) })

/** `POST /playlists/:id/items/:entry/position`: moves an item before another, where the page's script dropped it. */
export const moveBefore: MemberHandler = async (request, response, person) => {
  const { data } = positionForm.safeParse(request.body)
  if (!data) throw notFound()
  const { id, entry } = request.params
  await changePlaylist(person._id, id, ({ items }) => ({ items: withMovedBefore(items, entry, data.before) }))
  response.redirect(303, `/playlists/${id}`)
}

/** `POST /playlists/:id/items/removal`: takes an item out. */
export const removeItem: MemberHandler = async (request, response, person) => {
  const { data } = itemForm.safeParse(request.body)
  if (!data) throw notFound()
  await changePlaylist(person._id, request.params.id, ({ items }) => ({
    items: items.filter(each => itemKey(each) !== data.item),
  }))
  done(response, request.params.id, 'itemRemoved')
}

/** `POST /playlists/:id/removal`: deletes it. The link to it opens nothing any more. */
export const destroy: MemberHandler = async (request, response, person) => {
  const { _id, title } = await ownPlaylist(person._id, request.params.id)
  await Playlists.deleteOne({ _id, person: person._id })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:playlists.deleted', { title }) })
  response.redirect(303, '/playlists')
}

const shareForm = z.object({ audience: z.enum(playlistAudiences) })

/** `POST /playlists/:id/share`: gives it a link, for the person's company or for everyone who has it. */
export const share: MemberHandler = async (request, response, person) => {
  const { data } = shareForm.safeParse(request.body)
  if (!data || (data.audience === 'company' && !areColleagues(person, person))) throw notFound()
  await changePlaylist(person._id, request.params.id, () => data)
  done(response, request.params.id, 'shared')
}

/** `POST /playlists/:id/share/revocation`: the link opens nothing from now on, and a later one is another. */
export const stopSharing: MemberHandler = async (request, response, person) => {
  await changePlaylist(person._id, request.params.id, ({ revocations }) => ({
    audience: null,
    revocations: revocations + 1,
  }))
  done(response, request.params.id, 'stopped')
}

/**
 * `GET /shared-playlists/:token`: a playlist that someone shared, as far as the reader may see its courses, with the
 * reader's own progress and nothing of the owner's. Only the owner's company learns who the owner is.
 */
export const showShared: Handler = async (request, response, person) => {
  const shared = await openedPlaylist(request.params.token, person)
  if (!shared) return response.redirect(303, signInPath(request.originalUrl))
  const { playlist, owner } = shared
  const texts = textsOf(response)
  const { brand } = response.locals
  const [courses, learned, looks] = await Promise.all([
    coursesOf(brand, person),
    person ? learnerCourses(brand, person) : [],
    courseLooks(brand),
  ])
  const { title, items, audience } = playlist
  response.render('academy/playlist-shared', {
    head: { title, noindex: true },
    title,
    copy: person && { action: `${request.path}/copy`, isOwn: owner._id.equals(person._id) },
    by: audience === 'company' ? texts.t('academy:playlists.by', { name: owner.name }) : null,
    meta: metaOf(texts, { ...playlist, audience: null }, courses),
    rows: items
      .flatMap(item => itemIn(courses, item) ?? [])
      .map(found => itemRow(texts, found, learned, looks)),
    empty: {
      title: texts.t('academy:playlists.empty'),
      link: { href: '/courses', text: texts.t('academy:search.noneLink') },
    },
  })
}

/**
 * Returns the playlist that a link opens, with its owner; null for a visitor who has to sign in first.
 *
 * @throws 404 for a link that opens nothing, or not for this reader.
 */
async function openedPlaylist(token: string, person: Person | null) {
  const shared = await sharedPlaylist(token)
  if (!shared) throw notFound()
  if (shared.playlist.audience !== 'company') return shared
  if (person && !areColleagues(shared.owner, person)) throw notFound()
  return person ? shared : null
}

/**
 * `POST /shared-playlists/:token/copy`: makes a playlist of the reader's own from what they may see of a shared one.
 */
export const copyShared: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { playlist } = (await openedPlaylist(request.params.token, person))!
  const courses = await coursesOf(response.locals.brand, person)
  const items = playlist.items.filter(item => itemIn(courses, item))
  const _id = recordIdOf(submissionOf(request, person))
  await createPlaylist({ _id, person: person._id, title: playlist.title, items })
  setFlash(response, { kind: 'done', bold: t('academy:playlists.copied', { title: playlist.title }) })
  response.redirect(303, pathOf({ _id }))
}
