import type { Request, Response } from 'express'
import { Types, type QueryFilter } from 'mongoose'
import { Courses } from '../courses/course'
import { teamRoles } from '../courses/viewer'
import { audit } from '../events/audit'
import { Events, type Event } from '../events/event'
import { registrableDomain } from '../people/company'
import { shownDomain } from '../people/email-address'
import { People, type Person } from '../people/person'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { portionsOf, sendCsv } from '../web/csv'
import { betweenDays } from '../web/day-range'
import type { FormField } from '../web/field'
import { pageLinks, readPage, type At } from '../web/keyset'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'

const pageSize = 50
/** The most people of one company who are looked for. */
const maxPeople = 1000

type Opened = Event<'lesson.opened'>
type Query = {
  /** The domain of the company. */
  company: string
  /** The slug of the course. */
  course: string
  from: string
  to: string
}

/** What isn't a filter is left out: a date, a company or a course that nothing is known by finds nothing. */
function readQuery(request: Request): Query {
  const { company = '', course = '', from = '', to = '' } = parametersOf(request)
  const day = (text: string) => (/^\d{4}-\d\d-\d\d$/.test(text) && !isNaN(Date.parse(text)) ? text : '')
  const typed = company.trim().slice(0, 253)
  return {
    company: registrableDomain(typed) ?? typed,
    course: course.slice(0, 200),
    from: day(from),
    to: day(to),
  }
}

/**
 * Returns the filter of the record: lessons that people outside the team have opened, newest first. The record says
 * which lesson of which course; what anonymous visitors see isn't in it.
 */
async function filterOf({ company, course, from, to }: Query): Promise<QueryFilter<Opened>> {
  const [staff, outsiders, known] = await Promise.all([
    company ? [] : People.find({ role: { $in: teamRoles } }, { _id: 1 }),
    company ? People.find({ 'company.domain': company }, { _id: 1, role: 1 }).limit(maxPeople) : null,
    course ? Courses.findOne({ slug: course }, { _id: 1 }) : null,
  ])
  const theirs = outsiders?.filter(({ role }) => !teamRoles.includes(role))
  const at = betweenDays(from, to, 'UTC')
  return {
    name: 'lesson.opened',
    person: theirs ? { $in: theirs.map(({ _id }) => _id) } : { $nin: staff.map(({ _id }) => _id) },
    ...(course && { course: known?._id ?? new Types.ObjectId() }),
    ...(at && { at }),
  } as QueryFilter<Opened>
}

const order = { at: -1, _id: -1 } as const

/** `GET /admin/outside-views`: what people of other companies have opened, and when, by company and course. */
export async function index(request: Request, response: Response): Promise<void> {
  const query = readQuery(request)
  const { after, before } = parametersOf(request)
  const filter = await filterOf(query)
  const page = await readPage<Opened>(beyond => find(filter, beyond), order, { after, before }, pageSize)
  const texts = textsOf(response)
  const { t } = texts
  const rows = await rowsOf(page.rows)
  const isFiltered = Object.values(query).some(Boolean)
  response.render('admin/outside-views', {
    layout: 'workspace',
    nav: 'outsideViews',
    head: { title: t('admin:outsideViews.title') },
    filters: await filterFields(query, texts),
    clearHref: isFiltered ? '/admin/outside-views' : null,
    csvHref: `/admin/outside-views.csv?${parametersFor(query)}`,
    rows: rows.map(row => rowView(row, query, texts)),
    empty: {
      title: t(`admin:outsideViews.${isFiltered ? 'noneMatching' : 'none'}`),
      text: t(`admin:outsideViews.${isFiltered ? 'noneMatchingText' : 'noneText'}`),
      link: isFiltered
        ? { href: '/admin/outside-views', text: t('academy:facets.clear') }
        : { href: '/courses', text: t('academy:search.noneLink') },
    },
    pages: {
      notes: [{ text: t('admin:audit.timeZone') }],
      ...pageLinks(page, (at: At) => `/admin/outside-views?${parametersFor(query, at)}`),
    },
  })
}

/** `GET /admin/outside-views.csv`: the same list, as a file. */
export async function download(request: Request, response: Response, person: Person): Promise<void> {
  const query = readQuery(request)
  const filter = await filterOf(query)
  const detail = { company: query.company || null, course: query.course || null }
  await audit({ actor: person._id, action: 'outside_views.exported', subject: 'academy', detail })
  const { t } = textsOf(response)
  const portions = async function* () {
    const found = portionsOf<Opened>(beyond => find(filter, beyond), order)
    for await (const events of found) {
      yield (await rowsOf(events)).map(({ event, person: who, course }) => ({
        when: event.at.toISOString(),
        company: who?.company?.domain,
        person: nameOf(who),
        course: course?.draft.title,
        lesson: event.data.title,
      }))
    }
  }
  const columns = csvColumns.map(key => ({ key, header: t(`admin:outsideViews.${key}`) }))
  await sendCsv(response, 'outside-views.csv', columns, portions())
}

const csvColumns = ['when', 'company', 'person', 'course', 'lesson']

function find(filter: QueryFilter<Opened>, beyond: QueryFilter<Opened>) {
  return Events.find({ $and: [filter, beyond] } as QueryFilter<Event>) as never
}

async function rowsOf(events: Opened[]) {
  const ids = {
    people: events.map(({ person }) => person),
    courses: events.flatMap(({ course }) => course ?? []),
  }
  const [people, courses] = await Promise.all([
    People.find({ _id: { $in: ids.people } }),
    Courses.find({ _id: { $in: ids.courses } }, { slug: 1, 'draft.title': 1 }),
  ])
  const personOf = new Map(people.map(each => [String(each._id), each]))
  const courseOf = new Map(courses.map(each => [String(each._id), each]))
  return events.map(event => ({
    event,
    person: personOf.get(String(event.person)),
    course: courseOf.get(String(event.course)),
  }))
}
type Row = Awaited<ReturnType<typeof rowsOf>>[number]

/** The name of someone who shares what they learn; nobody else's is shown. */
function nameOf(person: Person | undefined): string | null {
  return person && !person.erasedAt && canSeeLearning(person) ? person.name : null
}

function rowView({ event, person, course }: Row, query: Query, { t, date }: Texts) {
  const name = nameOf(person)
  const company = person?.company
  const link = (change: Partial<Query>) => `/admin/outside-views?${parametersFor({ ...query, ...change })}`
  return {
    at: date(event.at, 'full'),
    company: company
      ? { text: company.name, domain: shownDomain(company.domain), href: link({ company: company.domain }) }
      : null,
    person: name ?? t(`admin:outsideViews.${person?.erasedAt ? 'deleted' : 'notSharing'}`),
    personHref: name && person ? `/sales/leads/${person._id}` : null,
    course: course && { text: course.draft.title, href: link({ course: course.slug }) },
    lesson: event.data.title,
  }
}

async function filterFields(query: Query, { t }: Texts): Promise<FormField[]> {
  const courses = await Courses.find({ revisions: { $gt: 0 } }, { slug: 1, 'draft.title': 1 })
  const titles = courses.map(({ slug, draft }) => ({ value: slug, text: draft.title }))
  return [
    {
      name: 'company',
      label: t('admin:outsideViews.company'),
      hint: t('admin:outsideViews.companyHint'),
      value: query.company && shownDomain(query.company),
      maxlength: 253,
      spellcheck: 'false',
    },
    {
      kind: 'select',
      name: 'course',
      label: t('admin:outsideViews.course'),
      value: query.course,
      options: [
        { value: '', text: t('admin:outsideViews.allCourses') },
        ...titles.toSorted((a, b) => a.text.localeCompare(b.text)),
      ],
    },
    { name: 'from', type: 'date', label: t('admin:outsideViews.from'), value: query.from },
    { name: 'to', type: 'date', label: t('admin:outsideViews.to'), value: query.to },
  ]
}

function parametersFor(query: Query, at: At = {}): URLSearchParams {
  return new URLSearchParams(Object.entries({ ...query, ...at }).filter(([, value]) => value))
}
