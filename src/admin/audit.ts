import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { audit, AuditEntries, type AuditEntry } from '../events/audit'
import { Courses } from '../courses/course'
import { People, roles, type Person } from '../people/person'
import { Endpoints } from '../webhooks/endpoint'
import { portionsOf, sendCsv } from '../web/csv'
import { betweenDays } from '../web/day-range'
import { pageLinks, readPage, type At } from '../web/keyset'
import { countNotes, listFilters } from '../web/list-filters'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const pageSize = 50
const staffRoles = roles.filter(role => role !== 'prospect')

/** What the address asks for; nothing where it is empty. */
type Query = { subject: string; actor: string; action: string; from: string; to: string }

const order = { at: -1, _id: -1 } as const

/** `GET /admin/audit`: what staff did, newest first, by who did it, what they did, to what, and on which days. */
export async function index(request: Request, response: Response): Promise<void> {
  const { after, before } = parametersOf(request)
  const query = queryIn(request)
  const filter = filterOf(query)
  const texts = textsOf(response)
  const [page, counted, actors] = await Promise.all([
    readPage<AuditEntry>(
      beyond => AuditEntries.find({ $and: [filter, beyond] }),
      order,
      { after, before },
      pageSize,
    ),
    countNotes(AuditEntries, filter, texts),
    People.find({ role: { $in: staffRoles } }, { name: 1 }),
  ])
  const names = await namesIn(page.rows)
  const { t } = texts
  const given = givenIn(query)
  const pageUrl = (at: At) => `/admin/audit?${new URLSearchParams({ ...given, ...at })}`
  const isFiltered = Object.keys(given).length > 0
  response.render('admin/audit', {
    layout: 'workspace',
    nav: 'audit',
    head: { title: t('admin:audit.title') },
    entries: page.rows.map(entry => entryView(entry, names, texts)),
    filters: filtersView(query, actors, texts),
    empty: isFiltered
      ? {
          title: t('admin:audit.noneMatch'),
          text: t('admin:audit.noneMatchText'),
          link: { href: '/admin/audit', text: t('web:filters.clear') },
        }
      : {
          title: t('admin:audit.none'),
          text: t('admin:audit.noneText'),
          link: { href: '/admin/people', text: t('admin:audit.noneLink') },
        },
    pages: {
      notes: [...counted, { text: t('admin:audit.timeZone') }],
      ...pageLinks(page, pageUrl),
    },
  })
}

/** `GET /admin/audit.csv`: the filtered entries. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const query = queryIn(request)
  const texts = textsOf(response)
  await audit({ actor: person._id, action: 'audit.exported', subject: 'academy', detail: givenIn(query) })
  const portions = async function* () {
    const found = portionsOf<AuditEntry>(
      beyond => AuditEntries.find({ $and: [filterOf(query), beyond] }),
      order,
    )
    for await (const entries of found) {
      const names = await namesIn(entries)
      yield entries.map(entry => {
        const { actor, action, subject, detail } = entryView(entry, names, texts)
        return { at: entry.at.toISOString(), by: actor, action, subject, detail }
      })
    }
  }
  await sendCsv(response, 'audit.csv', ['at', 'by', 'action', 'subject', 'detail'], portions())
}

function queryIn(request: Request): Query {
  const { subject = '', actor = '', action = '', from = '', to = '' } = parametersOf(request)
  return { subject, actor: Types.ObjectId.isValid(actor) ? actor : '', action, from, to }
}

const givenIn = (query: Query) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value)) as Partial<Query>

/** Days are those of UTC, as the page says. */
function filterOf({ subject, actor, action, from, to }: Query): QueryFilter<AuditEntry> {
  const at = betweenDays(from, to, 'UTC')
  return {
    ...(subject && { subject }),
    ...(actor && { actor: new Types.ObjectId(actor) }),
    ...(action && { action }),
    ...(at && { at }),
  }
}

function filtersView(query: Query, actors: Pick<Person, '_id' | 'name'>[], { t }: Texts) {
  // With `returnObjects`, i18next returns the whole section, which its type doesn't say.
  const titles = t('admin:audit.actions', { returnObjects: true }) as unknown as Record<string, string>
  const byText = (a: { text: string }, b: { text: string }) => a.text.localeCompare(b.text, 'en')
  return listFilters('/admin/audit', givenIn(query), t, {
    csv: '/admin/audit.csv',
    hidden: query.subject ? { subject: query.subject } : {},
    selects: [
      {
        name: 'actor',
        label: t('admin:audit.actor'),
        all: t('admin:audit.allActors'),
        options: actors.map(({ _id, name }) => ({ value: String(_id), text: name })).sort(byText),
      },
      {
        name: 'action',
        label: t('admin:audit.action'),
        all: t('admin:audit.allActions'),
        options: Object.entries(titles)
          .map(([key, text]) => ({ value: key.replace('_', '.'), text }))
          .sort(byText),
      },
    ],
  })
}

/** The names of people, endpoints and courses, by id or slug. */
type Names = ReadonlyMap<string, string>

const objectIds = /\b[0-9a-f]{24}\b/g

/** Reads the names of everything that these entries mention by its id, and of the courses that they mention by slug. */
async function namesIn(entries: AuditEntry[]): Promise<Names> {
  const mentioned = entries.flatMap(entry =>
    JSON.stringify([entry.actor, entry.subject, entry.detail]).match(objectIds),
  )
  const ids = [...new Set(mentioned)].filter(id => id !== null)
  const [people, endpoints, courses] = await Promise.all([
    People.find({ _id: { $in: ids } }, { name: 1 }),
    Endpoints.find({ _id: { $in: ids } }, { name: 1 }),
    Courses.find({ slug: { $in: entries.map(({ subject }) => subject) } }, { slug: 1, 'draft.title': 1 }),
  ])
  return new Map([
    ...[...people, ...endpoints].map(({ _id, name }) => [String(_id), name] as const),
    ...courses.map(({ slug, draft }) => [slug, draft.title] as const),
  ])
}

function entryView(
  { at, actor, action, subject, detail }: AuditEntry,
  names: Names,
  { t, date }: Pick<Texts, 't' | 'date'>,
) {
  const named = (text: string) => text.replace(objectIds, id => names.get(id) ?? id)
  // Only single words have translations; anything else is what someone typed.
  const translated = (text: string, keyOf: (text: string) => string) =>
    /^[\w-]+$/.test(text) ? t(keyOf(text), { defaultValue: text }) : text
  const subjectText = names.get(subject) ?? translated(named(subject), each => `admin:audit.subject.${each}`)
  const detailText = (name: string, value: unknown) => {
    const text = named(typeof value === 'string' ? value : JSON.stringify(value))
    const label = translated(name, each => `admin:audit.detail.${each}`)
    const keyOf = detailTexts[name]
    return `${label}: ${keyOf ? translated(text, keyOf) : text}`
  }
  return {
    at: date(at, 'full'),
    actor: actor ? (names.get(String(actor)) ?? t('admin:audit.formerTeammate')) : t('admin:audit.academy'),
    action,
    title: translated(action.replace('.', '_'), each => `admin:audit.actions.${each}`),
    subject: subjectText,
    href: `/admin/audit?subject=${encodeURIComponent(subject)}`,
    detail: Object.entries(detail)
      .filter(([, value]) => value !== null && value !== subjectText)
      .map(([name, value]) => detailText(name, value))
      .join(', '),
  }
}

/** The details whose values have translations, and where to find them. */
const detailTexts: Record<string, (value: string) => string> = {
  role: value => `admin:roles.${value}`,
  from: value => `admin:roles.${value}`,
  to: value => `admin:roles.${value}`,
  reason: value => `sales:rejectionReason.${value}`,
  queue: value => `admin:jobs.queue.${value}`,
}
