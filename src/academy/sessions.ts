import type { Response } from 'express'
import { entryId } from '../courses/catalogue-lists'
import { coursesOf } from '../courses/shown-courses'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { bookingsOf } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { seatCountsOf, sessionsOf } from '../sessions/shown-sessions'
import type { Handler } from '../web/handler'
import { parametersOf } from '../web/parameters'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { anonymousPage } from './anonymous-page'
import { sessionsJsonLd } from './json-ld'
import { sessionRow } from './session-row'

/** How many sessions a page lists, and how many of those that are over the first page has below. */
const [pageSize, pastBelow] = [40, 6]

const filterNames = ['topic', 'language', 'kind', 'course', 'price'] as const
type FilterName = (typeof filterNames)[number]
type Filters = Partial<Record<FilterName, string>>

/**
 * `GET /sessions`: what comes, by day, with filters in the query string, and below it what is over; `?when=past` lists
 * all of that.
 */
export const index: Handler = async (request, response, person) => {
  const asked = parametersOf(request)
  const filters: Filters = Object.fromEntries(
    filterNames.flatMap(name => (asked[name] ? [[name, asked[name]]] : [])),
  )
  const isPast = asked.when === 'past'
  const page = /^[1-9]\d{0,2}$/.test(asked.page ?? '') ? Number(asked.page) : 1
  const zone = pageZone(request)
  const values = () => listPage(response, person, { filters, isPast, page, zone })
  const isPlain = !isPast && page === 1 && !Object.keys(filters).length
  if (isPlain) return anonymousPage(request, response, 'academy/sessions', values)
  response.render('academy/sessions', await values())
}

type Asked = { filters: Filters; isPast: boolean; page: number; zone: string }

async function listPage(response: Response, person: Person | null, { filters, isPast, page, zone }: Asked) {
  const texts = textsOf(response)
  const { t, zoneName } = texts
  const all = await sessionsOf(response.locals.brand, person)
  const moment = now()
  const ahead = all.filter(({ endsAt }) => endsAt > moment)
  const over = all.filter(({ endsAt, state }) => endsAt <= moment && state === 'published').reverse()
  const listed = isPast ? over : ahead
  const matching = listed.filter(matches(texts, filters))
  const pages = Math.max(1, Math.ceil(matching.length / pageSize))
  const at = Math.min(page, pages)
  const shown = matching.slice((at - 1) * pageSize, at * pageSize)
  const below = isPast || at > 1 || Object.keys(filters).length ? [] : over.slice(0, pastBelow)
  const [seats, bookings] = await Promise.all([
    isPast ? new Map<string, never>() : seatCountsOf(shown),
    person ? bookingsOf(person._id) : [],
  ])
  const byId = new Map(bookings.map(booking => [String(booking.session), booking]))
  const row = (session: LiveSession) => {
    const id = String(session._id)
    return sessionRow(texts, session, { zone, seats: seats.get(id), booking: byId.get(id) })
  }
  const hrefOf = (number: number) =>
    `/sessions?${new URLSearchParams({ ...query(filters, isPast), page: String(number) })}`
  const title = t(`academy:sessions.${isPast ? 'pastTitle' : 'title'}`)
  return {
    head: {
      title,
      description: t('academy:sessions.description'),
      canonical: isPast ? '/sessions?when=past' : '/sessions',
      noindex: Object.keys(filters).length > 0 || at > 1,
      jsonLd: isPast ? undefined : sessionsJsonLd(shown.filter(({ visibility }) => visibility === 'public')),
    },
    nav: 'sessions',
    scripts: ['/js/zone.js'],
    zone,
    title,
    isPast,
    isSignedIn: person !== null,
    zoneText: t('academy:sessions.zone', { zone: zoneName(zone) }),
    changeZone: `/time-zone?back=${encodeURIComponent(response.locals.url)}`,
    calendar: ahead.length ? '/sessions.ics' : null,
    filters: await filterFields(response, person, listed, filters),
    isFiltered: Object.keys(filters).length > 0,
    status: t('academy:sessions.found', { count: matching.length }),
    days: byDay(shown.map(row)),
    past: below.map(row),
    pager:
      pages > 1
        ? {
            text: t('academy:sessions.page', { page: at, pages }),
            before: at > 1 ? hrefOf(at - 1) : null,
            after: at < pages ? hrefOf(at + 1) : null,
          }
        : null,
    empty: emptyList(texts, { isPast, isFiltered: Object.keys(filters).length > 0, hasAny: all.length > 0 }),
  }
}

const query = (filters: Filters, isPast: boolean) => ({ ...filters, ...(isPast && { when: 'past' }) })

function matches({ lists }: Texts, { topic, language, kind, course, price }: Filters) {
  return (session: LiveSession): boolean =>
    (!topic || entryId(lists.topics, session.topic) === topic) &&
    (!language || session.language === language) &&
    (!kind || session.kind === kind) &&
    (!course || String(session.course) === course) &&
    (!price || (session.price === null) === (price === 'free'))
}

/** The filters that narrow this list: each with what its sessions have, unless that is the same for all. */
async function filterFields(
  response: Response,
  person: Person | null,
  listed: LiveSession[],
  chosen: Filters,
) {
  const texts = textsOf(response)
  const { t, lists, listName, languageName } = texts
  const titles = new Map(
    (await coursesOf(response.locals.brand, person)).map(({ course, content }) => [
      String(course),
      content.title,
    ]),
  )
  const valueOf: Record<FilterName, (session: LiveSession) => string> = {
    topic: ({ topic }) => entryId(lists.topics, topic),
    language: ({ language }) => language,
    kind: ({ kind }) => kind,
    course: ({ course }) => (course && titles.has(String(course)) ? String(course) : ''),
    price: ({ price }) => (price ? 'paid' : 'free'),
  }
  const nameOf: Record<FilterName, (value: string) => string> = {
    topic: value => listName('topics', value),
    language: languageName,
    kind: value => t(`academy:sessions.kind.${value}`),
    course: value => titles.get(value) ?? '',
    price: value => t(`academy:sessions.price.${value}`),
  }
  return filterNames.flatMap(name => {
    const values = [...new Set(listed.map(valueOf[name]))].filter(Boolean)
    if (values.length < 2 && !(chosen[name] && values.includes(chosen[name]))) return []
    const options = values
      .map(value => ({ value, text: nameOf[name](value), selected: value === chosen[name] }))
      .sort((a, b) => a.text.localeCompare(b.text))
    return {
      name,
      kind: 'select' as const,
      label: t(`academy:sessions.filter.${name}`),
      value: chosen[name] ?? '',
      options: [{ value: '', text: t('academy:sessions.any') }, ...options],
    }
  })
}

type Row = ReturnType<typeof sessionRow>

/** Rows under the days of the reader's calendar that they begin on. */
function byDay(rows: Row[]) {
  const days: { leaf: Row['leaf']; iso: string; rows: Row[] }[] = []
  for (const row of rows) {
    const { weekday, day, month } = row.leaf
    const last = days.at(-1)
    if (last && last.leaf.day === day && last.leaf.month === month && last.leaf.weekday === weekday) {
      last.rows.push(row)
    } else days.push({ leaf: row.leaf, iso: row.iso, rows: [row] })
  }
  return days
}

function emptyList(
  { t }: Texts,
  { isPast, isFiltered, hasAny }: Record<'isPast' | 'isFiltered' | 'hasAny', boolean>,
) {
  if (isFiltered) {
    return {
      title: t('academy:sessions.noMatch'),
      text: t('academy:sessions.noMatchText'),
      link: { href: '/sessions', text: t('academy:facets.clear') },
    }
  }
  if (isPast) return { title: t('academy:sessions.nonePast'), text: '', link: null }
  return {
    title: t('academy:sessions.none'),
    text: t('academy:sessions.noneText'),
    link: hasAny
      ? { href: '/sessions?when=past', text: t('academy:sessions.allPast') }
      : { href: '/sessions.ics', text: t('academy:sessions.subscribe') },
  }
}
