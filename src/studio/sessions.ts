import type { QueryFilter } from 'mongoose'
import { Courses } from '../courses/course'
import { timeZoneOf } from '../people/person'
import { days, later, now } from '../platform/clock'
import { normaliseLine } from '../platform/text'
import { LiveSessions, type LiveSession } from '../sessions/live-session'
import { openProposals } from '../sessions/proposal'
import { SessionSeats } from '../sessions/seats'
import { isSessionFull } from '../sessions/shown-sessions'
import { permissionsOf } from '../web/guard'
import type { MemberHandler } from '../web/handler'
import { pageLinks, readPage, type At, type SortOrder } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { sessionUrl, stateTag } from './session-page'

const pageSize = 40
const home = '/studio/sessions'

const tabs = ['upcoming', 'drafts', 'past', 'cancelled'] as const
type Tab = (typeof tabs)[number]

/** No session is longer, so that one that has not ended yet began since. */
const longest = days(1)

/** `GET /studio/sessions`: the sessions of a tab that a teammate may see, filtered by a search and a course. */
export const index: MemberHandler = async (request, response, person) => {
  const texts = textsOf(response)
  const { t } = texts
  const { q = '', course: slug, after, before, ...query } = parametersOf(request)
  const tab = tabs.find(each => each === query.tab) ?? 'upcoming'
  const { allCourses, writeCourses } = permissionsOf(person)
  const course = slug ? await Courses.findOne({ slug }, { 'draft.title': 1 }) : null
  const own: QueryFilter<LiveSession> = allCourses ? {} : { 'hosts.person': person._id }
  const filter = { $and: [own, course ? { course: course._id } : {}, inTab(tab), matching(q)] }
  const order: SortOrder =
    tab === 'upcoming' || tab === 'drafts' ? { startsAt: 1, _id: 1 } : { startsAt: -1, _id: -1 }
  const page = await readPage<LiveSession>(
    beyond => LiveSessions.find({ $and: [filter, beyond] }),
    order,
    { after, before },
    pageSize,
  )
  const proposals = allCourses ? await openProposals() : []
  const seats = await SessionSeats.find(
    { _id: { $in: page.rows.map(({ _id }) => _id) } },
    { capacity: 1, taken: 1, waitingCount: 1 },
  )
  const seatsById = new Map(seats.map(each => [String(each._id), each]))
  const urlWith = (values: Record<string, string>) =>
    `${home}?${new URLSearchParams({ tab, ...(q && { q }), ...(course && slug && { course: slug }), ...values })}`
  const timeZone = timeZoneOf(person)
  response.render('studio/sessions', {
    layout: 'studio',
    nav: 'sessions',
    head: { title: t('studio:sessions.title'), noindex: true },
    canWrite: writeCourses,
    proposals: proposals.length ? t('studio:sessions.proposals.link', { count: proposals.length }) : null,
    course: course && {
      title: course.draft.title,
      newUrl: `${home}/new?${new URLSearchParams({ course: slug! })}`,
    },
    newUrl: course ? `${home}/new?${new URLSearchParams({ course: slug! })}` : `${home}/new`,
    tabs: tabs.map(each => ({
      href: `${home}?${new URLSearchParams({ tab: each, ...(course && slug && { course: slug }) })}`,
      text: t(`studio:sessions.tabs.${each}`),
      isCurrent: each === tab,
    })),
    tab,
    search: { q, course: course ? slug : '' },
    rows: page.rows.map(session => rowOf(session, seatsById.get(String(session._id)), timeZone, texts)),
    empty: emptyState({ tab, q, isWriter: writeCourses }, texts),
    pages: {
      ...pageLinks(page, (at: At) => urlWith(at as Record<string, string>)),
      notes: [{ text: t('studio:sessions.zone', { zone: texts.zoneName(timeZone) }) }],
    },
  })
}

function inTab(tab: Tab): QueryFilter<LiveSession> {
  const moment = now()
  switch (tab) {
    case 'upcoming':
      return { state: 'published', startsAt: { $gt: later(moment, -longest) }, endsAt: { $gt: moment } }
    case 'drafts':
      return { state: 'draft' }
    case 'past':
      return { state: 'published', endsAt: { $lte: moment } }
    case 'cancelled':
      return { state: 'cancelled' }
  }
}

/** Finds sessions with these words in their title or the name of a host. */
function matching(typed: string): QueryFilter<LiveSession> {
  const words = normaliseLine(typed.slice(0, 100)).split(' ').filter(Boolean).slice(0, 8)
  const found = words.map(word => new RegExp(word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'i'))
  return found.length ? { $and: found.map(word => ({ $or: [{ title: word }, { 'hosts.name': word }] })) } : {}
}

type ListedSeats = Pick<SessionSeats, '_id' | 'capacity' | 'taken' | 'waitingCount'>

function rowOf(session: LiveSession, seats: ListedSeats | undefined, timeZone: string, texts: Texts) {
  const { t, dayIn, timeIn } = texts
  const { startsAt, endsAt, hosts, part, state } = session
  return {
    href: sessionUrl(session),
    title: session.title,
    second: [
      ...(part === null ? [] : [t('studio:sessions.part', { number: part })]),
      hosts.map(({ name }) => name).join(', '),
    ]
      .filter(Boolean)
      .join(' · '),
    day: dayIn(startsAt, timeZone),
    time: t('studio:sessions.fromTo', { from: timeIn(startsAt, timeZone), to: timeIn(endsAt, timeZone) }),
    place: t(`studio:sessions.form.kinds.${session.kind}`),
    seats: seats ? t('studio:sessions.seatsOf', { taken: seats.taken, capacity: seats.capacity }) : '',
    waiting: seats?.waitingCount ? t('studio:sessions.waiting', { count: seats.waitingCount }) : '',
    isFull: seats !== undefined && state === 'published' && isSessionFull(seats, session),
    tag: stateTag(session, texts),
  }
}

function emptyState({ tab, q, isWriter }: { tab: Tab; q: string; isWriter: boolean }, { t }: Texts) {
  if (q) return { title: t('studio:sessions.noMatch'), text: t('studio:sessions.noMatchText'), link: null }
  const isFirst = tab === 'upcoming' && isWriter
  return {
    title: t(`studio:sessions.none.${tab}`),
    text: t(`studio:sessions.noneText.${tab}`),
    link: isFirst ? { href: `${home}/new`, text: t('studio:sessions.new') } : null,
  }
}
