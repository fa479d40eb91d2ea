import type { Request, Response } from 'express'
import { timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { HttpError } from '../platform/errors'
import {
  changeSession,
  createSession,
  defaultSeats,
  duplicateSession,
  publishSession,
  withdrawSession,
} from '../sessions/change-session'
import { LiveSessions } from '../sessions/live-session'
import { changeFollowing, createSeries } from '../sessions/series'
import { readForm, type Form } from '../web/form'
import { rowValues, typedRows } from '../web/form-rows'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { parametersOf } from '../web/parameters'
import { readerZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { setDoneFlash } from './course-page'
import { sessionSections } from './session-fields'
import { sessionSchema, type SessionChoices } from './session-form'
import { sessionLists } from './session-lists'
import { sessionOf } from './session-guard'
import { sessionUrl } from './session-page'
import { repeatedStarts, repetitionSchema } from './session-repetition'
import { choicesFor, formScripts, renderSession } from './session-shown'

/** `GET /studio/sessions/new`: about a course with `?course=slug`. */
export const compose: MemberHandler = async (request, response, person) => {
  const choices = await choicesFor(person, response)
  const course = choices.courses.find(({ slug }) => slug === parametersOf(request).course)
  const values = {
    ...{ length: 45, seats: defaultSeats, kind: 'online', claimHours: 12, attendedFrom: 50, currency: 'EUR' },
    ...{ refundHours: 24 },
    ...{
      timeZone: readerZone(request) ?? timeZoneOf(person),
      language: course?.content.language ?? response.locals.lang,
    },
    ...{ course: course?.slug ?? '', topic: course?.content.topic ?? choices.lists.topics[0]?.id },
    ...rowValues('hosts', [{ person: String(person._id) }]),
  }
  renderNew(response, choices, { values, errors: {} })
}

/** `POST /studio/sessions`: creates a draft, or a series of them. */
export const create: MemberHandler = async (request, response, person) => {
  const choices = await choicesFor(person, response)
  const typed = typedForm(request, response, choices)
  if (typed.isRowChange) return renderNew(response, choices, { values: typed.values, errors: {} })
  const { data, form } = readForm(sessionSchema(null, choices), { body: typed.body }, response)
  const repeated = readForm(repetitionSchema, { body: typed.body }, response)
  if (!data || !repeated.data) {
    const errors = { ...form?.errors, ...repeated.form?.errors }
    return renderNew(response.status(422), choices, { values: typed.values, errors })
  }
  const _id = recordIdOf(submissionOf(request, person))
  const { content, seats } = data
  const { t } = textsOf(response)
  const starts = repeatedStarts(content, repeated.data)
  if (starts.length < 2) {
    const session = await createSession(_id, content, { seats, by: person._id })
    setDoneFlash(response, t('studio:sessions.flash.created'), t('studio:sessions.flash.createdText'))
    return response.redirect(303, sessionUrl(session))
  }
  const { seriesKind: kind, seriesCertificate: certificate, seriesRequired: required } = repeated.data
  const first = await createSeries(_id, content, starts, {
    ...{ seats, by: person._id, kind, certificate },
    required: required === null ? null : Math.min(required, starts.length),
  })
  const bold = t('studio:sessions.flash.seriesCreated', { count: starts.length })
  setDoneFlash(response, bold, t('studio:sessions.flash.seriesCreatedText'))
  response.redirect(303, sessionUrl({ _id: first }))
}

/** `GET /studio/sessions/:id` */
export const edit: MemberHandler = async (request, response, person) => {
  await renderSession(await sessionOf(request), response, person)
}

/** `POST /studio/sessions/:id`: saves the session, or it and those that follow in its series. */
export const update: MemberHandler = async (request, response, person) => {
  const saved = await saveTyped(request, response, person)
  if (!saved) return
  const { t } = textsOf(response)
  const { session, before, following } = saved
  const told = session.sequence > before.sequence && before.state === 'published'
  const bold = following
    ? t('studio:sessions.flash.savedFollowing', { count: following })
    : t('studio:sessions.flash.saved')
  setDoneFlash(response, bold, told ? t('studio:sessions.flash.told') : undefined)
  response.redirect(303, sessionUrl(session))
}

/** `POST /studio/sessions/:id/publication`: saves what was typed, and opens the session for bookings. */
export const publishTyped: MemberHandler = async (request, response, person) => {
  const saved = await saveTyped(request, response, person)
  if (!saved) return
  const { t } = textsOf(response)
  const { session } = saved
  try {
    await publishSession(session, person._id)
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const form = { values: {}, errors: { form: t(error.key, error.values) } }
    return renderSession(session, response.status(error.status), person, form)
  }
  setDoneFlash(response, t('studio:sessions.flash.published'), undefined, {
    href: `/sessions/${session.slug}`,
    text: t('studio:sessions.show'),
  })
  response.redirect(303, sessionUrl(session))
}

/** `POST /studio/sessions/:id/withdrawal`: takes back a session that nobody has booked. */
export const unpublish: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  await withdrawSession(session, person._id)
  setDoneFlash(response, textsOf(response).t('studio:sessions.flash.withdrawn'))
  response.redirect(303, sessionUrl(session))
}

/** `POST /studio/sessions/:id/copy`: makes a draft of the same session, a week later. */
export const copySession: MemberHandler = async (request, response, person) => {
  const _id = recordIdOf(submissionOf(request, person))
  const copy = await duplicateSession(await sessionOf(request), _id, person._id)
  setDoneFlash(response, textsOf(response).t('studio:sessions.flash.copied'))
  response.redirect(303, sessionUrl(copy))
}

/** Saves what was typed. Returns null after showing the form again: with a row more or less, or with 422 or 409. */
async function saveTyped(request: Request, response: Response, person: Person) {
  const before = await sessionOf(request)
  const choices = await choicesFor(person, response)
  const typed = typedForm(request, response, choices)
  const again = async (status: number, errors: Form['errors'], values = typed.values) => {
    await renderSession(before, response.status(status), person, { values, errors })
    return null
  }
  if (typed.isRowChange) return again(200, {})
  const { data, form } = readForm(sessionSchema(before, choices), { body: typed.body }, response)
  if (form) return again(422, form.errors)
  const { content, base, seats } = data
  const { t } = textsOf(response)
  const isMoved = content.startsAt.getTime() !== before.startsAt.getTime()
  if (before.state === 'published' && isMoved && content.startsAt <= now()) {
    return again(422, { day: t('studio:sessions.problems.past') })
  }
  // Its seats are closed, and who was there is in the ledger.
  if (before.finishedAt && isMoved) return again(422, { day: t('studio:sessions.errors.finished') })
  const isFollowing = typed.body.scope === 'following' && before.series !== null
  try {
    const change = { base, seats, by: person._id }
    const following = isFollowing ? await changeFollowing(before, content, change) : 0
    if (!isFollowing) await changeSession(before._id, content, change)
    return { session: (await LiveSessions.findById(before._id))!, before, following }
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    const message = t(error.key, error.values)
    if (error.status === 422) return again(422, { seats: message })
    if (error.status !== 409) throw error
    // Saving once more replaces what the other one has saved.
    const current = await LiveSessions.findById(before._id)
    return again(409, { form: message }, { ...typed.values, base: current?.changes ?? base })
  }
}

/** Returns a form with its rows as lists for the schema, and as fields to be shown again. */
function typedForm(request: Request, response: Response, choices: SessionChoices) {
  const body = (request.body ?? {}) as Record<string, unknown>
  const lists = Object.values(sessionLists(choices, textsOf(response)))
  const rows = Object.fromEntries(lists.map(list => [list.list, typedRows(body, list)]))
  const isRow = (name: string) => lists.some(({ list }) => name.startsWith(`${list}.`))
  const single = Object.fromEntries(Object.entries(body).filter(([name]) => !isRow(name)))
  return {
    isRowChange: typeof body.change === 'string',
    body: { ...single, ...rows } as Record<string, unknown>,
    values: Object.assign(
      { ...single },
      ...lists.map(({ list }) => rowValues(list, rows[list]!)),
    ) as Form['values'],
  }
}

function renderNew(response: Response, choices: SessionChoices, form: Form): void {
  const texts = textsOf(response)
  response.render('studio/new-session', {
    layout: 'studio',
    nav: 'sessions',
    scripts: formScripts,
    head: { title: texts.t('studio:sessions.newTitle'), noindex: true },
    form,
    canWrite: true,
    sections: sessionSections(form, { ...choices, session: null, following: 0, told: 0 }, texts),
  })
}
