import type { Response } from 'express'
import { z } from 'zod'
import { goalOf, pathDateOf, setPathDate, type LearningGoal } from '../learning/goal'
import { setFinishDate } from '../learning/set-finish-date'
import { days, now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { localTimeOf } from '../platform/zoned-time'
import { setFlash } from '../web/flash'
import { readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { courseContext } from './course-context'
import type { LearnerCourse } from './learner-courses'
import { pathSummaries, type PathSummary } from './stats'
import { learnerZone } from './weekly-goal'

const day = days(1)
/** No date is further away than two years. */
const maxDays = 731
/** Dates that are listed, and how long one that has passed still is. */
const maxListed = 6
const listedAfter = 30

/** A date of a learner's own: how many days are left until it, negative after it. */
export type FinishDate = { href: string; title: string; day: string; daysLeft: number }

/** Returns what a learner wants to finish and hasn't yet, the next date first. */
export function finishDatesIn(
  learned: readonly LearnerCourse[],
  paths: readonly PathSummary[],
  goal: LearningGoal | null,
  timeZone: string,
): FinishDate[] {
  const today = todayIn(timeZone)
  const dated = (title: string, href: string, date: string) => ({
    ...{ title, href, day: date },
    daysLeft: Math.round((Date.parse(date) - Date.parse(today)) / day),
  })
  const completed = new Set(
    learned.flatMap(({ state, published }) => (state === 'completed' ? [published.slug] : [])),
  )
  return [
    ...learned.flatMap(({ enrolment, published, state }) =>
      state === 'open' && enrolment.finishBy
        ? [dated(published.content.title, `/courses/${published.slug}`, enrolment.finishBy)]
        : [],
    ),
    ...paths.flatMap(({ slug, title, courses }) => {
      const date = pathDateOf(goal, slug)
      const isFinished = courses.every(each => completed.has(each.slug))
      return date && !isFinished ? [dated(title, `/paths/${slug}`, date)] : []
    }),
  ]
    .filter(({ daysLeft }) => daysLeft >= -listedAfter)
    .sort((a, b) => a.daysLeft - b.daysLeft)
    .slice(0, maxListed)
}

/** "Coming up" on My learning. */
export function comingUpView({ t, lang }: Texts, dates: readonly FinishDate[]) {
  const month = new Intl.DateTimeFormat(lang, { month: 'short', timeZone: 'UTC' })
  return dates.map(({ title, href, day: date, daysLeft }) => ({
    title,
    href,
    change: `${href}/finish-date`,
    changeLabel: t('academy:finishDate.changeOf', { title }),
    number: Number(date.slice(8)),
    month: month.format(new Date(date)),
    isClose: daysLeft <= 7,
    when: daysLeftText(t, daysLeft),
  }))
}

/** The link to a learner's date, which says when it is. */
export function finishDateLink(
  { t, date }: Texts,
  path: string,
  finishBy: string | null | undefined,
): TextLink {
  return {
    href: `${path}/finish-date`,
    text: finishBy
      ? t('academy:finishDate.by', { day: date(new Date(finishBy), 'short') })
      : t('academy:finishDate.set'),
  }
}

/** `in 13 days`, `today`, `2 days ago`. */
function daysLeftText(t: Texts['t'], daysLeft: number): string {
  if (daysLeft === 0) return t('academy:finishDate.today')
  return daysLeft > 0
    ? t('academy:finishDate.in', { count: daysLeft })
    : t('academy:finishDate.ago', { count: -daysLeft })
}

/** Today on the calendar of a time zone, `YYYY-MM-DD`. */
function todayIn(timeZone: string): string {
  return new Date(localTimeOf(now().getTime(), timeZone)).toISOString().slice(0, 10)
}

type Subject = { title: string; href: string; day: string | null; timeZone: string }

/** `GET /courses/:slug/finish-date`: the day that a learner wants to finish a course by. */
export const showForCourse: MemberHandler = async (request, response, person) => {
  const goal = await goalOf(person._id)
  showForm(response, courseSubject(response, learnerZone(request, goal).timeZone))
}

/** `POST /courses/:slug/finish-date`: sets it, or takes it away. */
export const saveForCourse: MemberHandler = async (request, response, person) => {
  const goal = await goalOf(person._id)
  const subject = courseSubject(response, learnerZone(request, goal).timeZone)
  const { course } = courseContext(response).published
  await save(request, response, subject, date => setFinishDate(person._id, course, date))
}

/** Throws 404 for a course that the reader hasn't begun, or has finished. */
function courseSubject(response: Response, timeZone: string): Subject {
  const { published, enrolment, hasAccess } = courseContext(response)
  if (!hasAccess || !enrolment || enrolment.completedAt) throw notFound()
  const { slug, content } = published
  return { title: content.title, href: `/courses/${slug}`, day: enrolment.finishBy ?? null, timeZone }
}

/** `GET /paths/:slug/finish-date`: the day that a learner wants to finish a learning path by. */
export const showForPath: MemberHandler = async (request, response, person) => {
  const goal = await goalOf(person._id)
  showForm(
    response,
    await pathSubject(response, request.params.slug, goal, learnerZone(request, goal).timeZone),
  )
}

/** `POST /paths/:slug/finish-date`: sets it, or takes it away. */
export const saveForPath: MemberHandler = async (request, response, person) => {
  const { slug } = request.params
  const goal = await goalOf(person._id)
  const subject = await pathSubject(response, slug, goal, learnerZone(request, goal).timeZone)
  await save(request, response, subject, date => setPathDate(person._id, slug, date))
}

async function pathSubject(
  response: Response,
  slug: string,
  goal: LearningGoal | null,
  timeZone: string,
): Promise<Subject> {
  const { brand, person } = response.locals
  const path = (await pathSummaries(brand, person)).find(each => each.slug === slug)
  if (!path) throw notFound()
  return { title: path.title, href: `/paths/${slug}`, day: pathDateOf(goal, slug), timeZone }
}

function showForm(response: Response, subject: Subject): void {
  response.render('academy/finish-date', {
    ...formPage(response, subject),
    form: { values: { day: subject.day ?? '' }, errors: {} },
  })
}

const dateForm = z.object({
  day: z
    .string({ error: 'academy:errors.finishDate' })
    .trim()
    .max(40, { error: 'academy:errors.finishDate' }),
  change: z.enum(['set', 'remove']).default('set'),
})

async function save(
  request: Parameters<MemberHandler>[0],
  response: Response,
  subject: Subject,
  store: (date: string | null) => Promise<void>,
): Promise<void> {
  const { t } = textsOf(response)
  const { data, form } = readForm(dateForm, request, response)
  const isRemoved = data?.change === 'remove'
  if (!data || (!isRemoved && !isAhead(data.day, subject.timeZone))) {
    const refused = form ?? { values: { ...data }, errors: { day: t('academy:errors.finishDate') } }
    return refuseForm(response, 'academy/finish-date', refused, formPage(response, subject))
  }
  await store(isRemoved ? null : data.day)
  setFlash(response, { kind: 'done', bold: t(`academy:finishDate.${isRemoved ? 'removed' : 'saved'}`) })
  response.redirect(303, '/learning')
}

/** Whether a text is a day from today to two years from now. */
function isAhead(text: string, timeZone: string): boolean {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text) : Number.NaN
  // A day that no month has, such as 31 April, is read as one of the next.
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) return false
  const ahead = (at - Date.parse(todayIn(timeZone))) / day
  return ahead >= 0 && ahead <= maxDays
}

function formPage(response: Response, { title, href, day: date, timeZone }: Subject) {
  const { t } = textsOf(response)
  const heading = t('academy:finishDate.title', { title })
  const today = todayIn(timeZone)
  return {
    head: { title: heading, noindex: true },
    title: heading,
    back: { href, text: title },
    action: `${href}/finish-date`,
    isSet: date !== null,
    zone: timeZone,
    scripts: ['zone.js'],
    field: {
      name: 'day',
      type: 'date',
      label: t('academy:finishDate.day'),
      hint: t('academy:finishDate.hint'),
      min: today,
      required: true,
    },
  }
}
