import { randomUUID } from 'node:crypto'
import { Types } from 'mongoose'
import { z } from 'zod'
import { entryOf, type CatalogueLists } from '../courses/catalogue-lists'
import { withPlainLineEnds } from '../courses/content'
import type { Published } from '../courses/published'
import type { Person } from '../people/person'
import { config, isTimeZone } from '../platform/config'
import { minorAmount, priceProblem } from '../platform/currency'
import { isLanguageTag } from '../platform/language-tag'
import { later, minutes } from '../platform/clock'
import { normaliseLine } from '../platform/text'
import { momentIn, momentsShowing } from '../platform/zoned-time'
import type { SessionContent } from '../sessions/change-session'
import { sessionCaps, sessionVisibilities, type LiveSession } from '../sessions/live-session'
import { checkbox, lineField } from '../web/form'
import {
  dayField,
  httpsField,
  lineOf,
  localStart,
  numberOr,
  numberOrNone,
  reporter,
  rows,
  timeField,
  wholeNumber,
} from './session-typed'
import { domainLines } from './settings-schema'

/** What the form of a session chooses from. */
export type SessionChoices = {
  lists: CatalogueLists
  courses: readonly Published[]
  /** Who can host it. */
  teammates: readonly Pick<Person, '_id' | 'name'>[]
}

/** The longest and shortest session, in minutes. */
export const sessionLengths = { minimum: 5, maximum: 720 }

const hostRow = z
  .object({ person: z.string().max(24), name: lineOf(100), role: lineOf(100), part: z.enum(['', 'panel']) })
  .refine(({ person, name }) => person || name, { error: 'studio:sessions.errors.hostName', path: ['name'] })

const agendaRow = z.object({
  minute: wholeNumber(0, sessionLengths.maximum),
  text: lineField('studio:sessions.errors.agendaText', 300),
})

const questionRow = z
  .object({
    id: z.string().max(40),
    label: lineField('studio:sessions.errors.questionLabel', 200),
    kind: z.enum(['', 'choice']),
    options: z.string().max(2000, { error: 'web:errors.tooLong' }),
    needed: z.enum(['', 'yes']),
  })
  .transform(({ id, label, kind, options, needed }) => ({
    // Answers are kept by it.
    id: /^[a-z\d-]+$/.test(id) ? id : randomUUID().slice(0, 8),
    label,
    kind: kind || ('text' as const),
    options: kind ? [...new Set(options.split(/[;\n]/).flatMap(each => normaliseLine(each) || []))] : [],
    isRequired: needed === 'yes',
  }))
  .refine(({ kind, options }) => kind === 'text' || options.length > 1, {
    error: 'studio:sessions.errors.questionOptions',
    path: ['options'],
  })
  .refine(({ options }) => options.length <= sessionCaps.options, {
    error: 'studio:sessions.errors.tooMany',
    params: { maximum: sessionCaps.options },
    path: ['options'],
  })

/**
 * Returns the schema of a session's form, whose rows are lists already. Its data is what a session stores, with `seats`
 * and `base`, the number of changes that the form was made from.
 *
 * @param before the session as it is; null for a new one.
 */
export function sessionSchema(before: LiveSession | null, { lists, courses, teammates }: SessionChoices) {
  const isCourse = (slug: string) => courses.some(course => course.slug === slug)
  const ownCourse = courses.find(({ course }) => before?.course?.equals(course))
  return z
    .object({
      base: numberOr(0, 0, 1e9),
      title: lineField('studio:sessions.errors.title', 120),
      summary: lineOf(400),
      description: z
        .string()
        .default('')
        .transform(withPlainLineEnds)
        .pipe(z.string().max(20_000, { error: 'web:errors.tooLong' })),
      course: z
        .string()
        .default(ownCourse?.slug ?? '')
        .refine(slug => !slug || isCourse(slug), { error: 'web:errors.chooseOne' }),
      topic: z
        .string({ error: 'web:errors.chooseOne' })
        .refine(value => value === before?.topic || entryOf(lists.topics, value), {
          error: 'web:errors.chooseOne',
        }),
      language: z.string().trim().refine(isLanguageTag, { error: 'web:errors.chooseOne' }),
      day: dayField,
      time: timeField,
      length: wholeNumber(sessionLengths.minimum, sessionLengths.maximum),
      timeZone: z.string().max(60).refine(isTimeZone, { error: 'web:errors.chooseOne' }),
      kind: z.enum(['online', 'room'], { error: 'web:errors.chooseOne' }),
      joinUrl: httpsField,
      meetingService: z.enum(['', 'zoom', 'teams']).default(''),
      placeName: lineOf(120),
      placeAddress: lineOf(300),
      placeMap: httpsField,
      seats: wholeNumber(1, sessionCaps.seats),
      hosts: rows(hostRow, sessionCaps.hosts),
      agenda: rows(agendaRow, sessionCaps.agenda),
      questions: rows(questionRow, sessionCaps.questions),
      amount: z
        .string()
        .default('')
        .transform(text => text.trim().replace(',', '.'))
        .pipe(z.string().regex(/^(?:\d{1,8}(?:\.\d{1,2})?)?$/, { error: 'studio:errors.price' })),
      currency: z
        .string()
        .regex(/^[A-Z]{3}$/, { error: 'web:errors.chooseOne' })
        .default('EUR'),
      refundHours: numberOrNone(0, 720),
      minimumSeats: numberOrNone(1, sessionCaps.seats),
      minimumHours: numberOr(24, 1, 720),
      claimHours: numberOr(12, 1, 168),
      isRecorded: checkbox,
      hasCaptions: checkbox,
      certificate: checkbox,
      attendedFrom: numberOr(50, 1, 100),
      visibility: z.enum(sessionVisibilities, { error: 'web:errors.chooseOne' }).default('public'),
      companies: domainLines(before?.companies),
      excludedCompanies: domainLines(before?.excludedCompanies),
    })
    .check(({ value, issues }) => {
      const wrong = reporter(issues)
      const start = localStart(value.day, value.time)
      // What can't be read has its own message.
      const isRead = Number.isFinite(start) && isTimeZone(value.timeZone)
      if (isRead && !momentsShowing(start, value.timeZone).length) {
        wrong('time', 'studio:sessions.errors.skipped', { time: value.time })
      }
      const { meetingService } = value
      if (meetingService && !config[meetingService] && meetingService !== before?.meetingService) {
        wrong('meetingService', 'web:errors.chooseOne')
      }
      if (value.visibility === 'listed-companies' && !value.companies.length) {
        wrong('companies', 'studio:errors.noCompanies')
      }
      value.hosts.forEach(({ person }, n) => {
        if (person && !teammates.some(({ _id }) => String(_id) === person)) {
          wrong(`hosts.${n}.person`, 'web:errors.chooseOne')
        }
      })
      if (value.agenda.some(({ minute }) => minute >= value.length)) {
        wrong('agenda', 'studio:sessions.errors.agendaMinute', { length: value.length })
      }
      if (value.minimumSeats !== null && value.minimumSeats > value.seats) {
        wrong('minimumSeats', 'studio:sessions.errors.minimumSeats', { seats: value.seats })
      }
      const { amount, currency } = value
      const refused = Number(amount) ? priceProblem(minorAmount(amount, currency), currency) : null
      if (refused) {
        const { problem, ...params } = refused
        const field = problem === 'currency' ? problem : 'amount'
        wrong(field, `studio:errors.prices.${problem}`, params)
      }
    })
    .transform(typed => {
      const course = courses.find(({ slug }) => slug === typed.course)
      return { base: typed.base, seats: typed.seats, content: contentFrom(typed, course, teammates) }
    })
}

type Typed = {
  day: string
  time: string
  length: number
  meetingService: '' | 'zoom' | 'teams'
  placeName: string
  placeAddress: string
  placeMap: string
  hosts: { person: string; name: string; role: string; part: string }[]
  agenda: { minute: number; text: string }[]
  amount: string
  currency: string
  minimumSeats: number | null
  minimumHours: number
  attendedFrom: number
} & Omit<
  SessionContent,
  'course' | 'hosts' | 'agenda' | 'place' | 'price' | 'minimum' | 'meetingService' | 'startsAt' | 'endsAt'
>

function contentFrom(
  typed: Typed,
  course: Published | undefined,
  teammates: SessionChoices['teammates'],
): SessionContent {
  const { title, summary, description, language, timeZone, kind, questions, claimHours } = typed
  const { refundHours } = typed
  const { visibility, companies, excludedCompanies, isRecorded, hasCaptions, certificate } = typed
  const startsAt = momentIn(localStart(typed.day, typed.time), timeZone)
  const isOnline = kind === 'online'
  return {
    ...{ title, summary, description, language, timeZone, kind, questions, claimHours, refundHours },
    ...{ visibility, companies, excludedCompanies, isRecorded, hasCaptions, certificate },
    course: course?.course ?? null,
    topic: course?.content.topic ?? typed.topic,
    startsAt,
    endsAt: later(startsAt, minutes(typed.length)),
    joinUrl: isOnline ? typed.joinUrl : '',
    meetingService: (isOnline && typed.meetingService) || null,
    place: isOnline ? null : { name: typed.placeName, address: typed.placeAddress, mapUrl: typed.placeMap },
    hosts: typed.hosts.map(({ person, name, role, part }) => ({
      person: person ? new Types.ObjectId(person) : null,
      name: name || teammateName(person, teammates),
      role,
      isPanel: part === 'panel',
    })),
    agenda: typed.agenda.toSorted((a, b) => a.minute - b.minute),
    price: Number(typed.amount)
      ? { amount: minorAmount(typed.amount, typed.currency) ?? 0, currency: typed.currency }
      : null,
    minimum: typed.minimumSeats === null ? null : { seats: typed.minimumSeats, hours: typed.minimumHours },
    attendedFrom: typed.attendedFrom / 100,
  }
}

/** Returns the name of a teammate by their id; empty for a guest. */
export const teammateName = (id: unknown, teammates: SessionChoices['teammates']) =>
  teammates.find(({ _id }) => String(_id) === String(id))?.name ?? ''
