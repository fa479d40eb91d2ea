import type { Request, Response } from 'express'
import { AuditEntries, type AuditEntry } from '../events/audit'
import { Courses } from '../courses/course'
import { People } from '../people/person'
import { Endpoints } from '../webhooks/endpoint'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const pageSize = 50

/** `GET /admin/audit`: what staff did, newest first; about one subject if the query names it. */
export async function index(request: Request, response: Response): Promise<void> {
  const { after, before, subject } = parametersOf(request)
  const page = await readPage<AuditEntry>(
    beyond => AuditEntries.find({ ...(subject && { subject }), ...beyond }),
    { at: -1, _id: -1 },
    { after, before },
    pageSize,
  )
  const names = await namesIn(page.rows)
  const texts = textsOf(response)
  const { t } = texts
  const pageUrl = (at: At) => `/admin/audit?${new URLSearchParams({ ...(subject && { subject }), ...at })}`
  response.render('admin/audit', {
    layout: 'workspace',
    nav: 'audit',
    head: { title: t('admin:audit.title') },
    entries: page.rows.map(entry => entryView(entry, names, texts)),
    empty: {
      title: t('admin:audit.none'),
      text: t('admin:audit.noneText'),
      link: { href: '/admin/people', text: t('admin:audit.noneLink') },
    },
    pages: {
      notes: [{ text: t('admin:audit.timeZone') }],
      ...pageLinks(page, pageUrl),
    },
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
    actor: names.get(String(actor)) ?? t('admin:audit.formerTeammate'),
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
