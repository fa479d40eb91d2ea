import type { Request, Response } from 'express'
import { paidSeat } from '../orders/access'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { bookSeat, cancelBooking, claimSeat } from '../sessions/book-seat'
import type { SessionBooking } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import { askForRecording } from '../sessions/materials'
import { isRefunded, paymentDue } from '../sessions/pay-seat'
import { seatCountsOf } from '../sessions/shown-sessions'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { emptyForm, refuseForm, type Form } from '../web/form'
import type { Handler, MemberHandler } from '../web/handler'
import { pageZone, readerZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { recordColleague } from './session-colleagues'
import { isActiveBooking, sessionContextOf } from './session-context'
import { isBookable, sessionLanguage, sessionPath, timesIn } from './session-row'

const maxAnswer = 500

/**
 * `GET /sessions/:slug/booking`: the session's questions, for who is about to book it. Anonymous visitors sign up
 * first, and come back here. A link books nothing, so a session without questions leads back to its page.
 */
export const show: Handler = (request, response, person) => {
  const { session, booking } = sessionContextOf(response)
  const path = sessionPath(session)
  if (!person) return response.redirect(303, `/sign-up?next=${encodeURIComponent(`${path}/booking`)}`)
  const hasForm = session.questions.length > 0 && isBookable(session, undefined)
  if (!hasForm || (booking && isActiveBooking(booking))) return response.redirect(303, path)
  response.render('academy/session-booking', {
    ...bookingPage(request, response),
    form: emptyForm(booking?.answers),
  })
}

/** `POST /sessions/:slug/booking`: takes a seat, or the last place in the wait-list. */
export const create: MemberHandler = async (request, response, person) => {
  const { session, booking: before } = sessionContextOf(response)
  // Who waits has answered the questions.
  const isWaiting = before?.state === 'waiting'
  const { answers, form } = isWaiting ? { answers: before.answers } : readAnswers(session, request, response)
  if (form) return refuseForm(response, 'academy/session-booking', form, bookingPage(request, response))
  const order = session.price && (await paidSeat(person._id, session._id))
  const booking = await bookSeat(session, person._id, {
    ...{ answers, timeZone: readerZone(request) },
    ...{ paying: order ? null : paymentDue(session), order: order?._id },
  })
  await recordColleague(request, response, session, person)
  tell(response, booking)
  leave(response, session, booking)
}

/** `POST /sessions/:slug/booking/cancellation`: gives up a seat or a place; undone while a free one is left. */
export const giveUpSeat: MemberHandler = async (_request, response, person) => {
  const { session, booking: before } = sessionContextOf(response)
  if (!before) throw notFound()
  const { t } = textsOf(response)
  await cancelBooking(session, person._id)
  const seats = (await seatCountsOf([session])).get(String(session._id))
  const isLeft = seats !== undefined && !seats.waitingCount && seats.taken < seats.capacity
  const path = sessionPath(session)
  const hadSeat = before.state === 'booked'
  const canUndo = hadSeat && !session.price && isBookable(session, seats) && isLeft
  const after = hadSeat ? afterwards(session, before, isBookable(session, seats) && !isLeft) : null
  setFlash(response, {
    kind: 'done',
    bold: t(before.state === 'waiting' ? 'academy:sessions.done.left' : 'academy:sessions.done.cancelled'),
    ...(after && { text: t(`academy:sessions.done.${after}`) }),
    ...(canUndo && {
      undo: { action: `${path}/booking/restoration`, text: t('academy:sessions.done.undo') },
    }),
  })
  response.redirect(303, path)
}

/** What becomes of a seat that was given up: its money, or that it is no longer to be had. */
function afterwards(session: LiveSession, { order }: SessionBooking, isTaken: boolean) {
  if (session.price && order) return isRefunded(session, now()) ? 'refunded' : 'notRefunded'
  return isTaken ? 'passedOn' : null
}

/** `POST /sessions/:slug/booking/restoration`: books again what was just cancelled, with the answers from before. */
export const bookAgain: MemberHandler = async (request, response, person) => {
  const { session, booking: before } = sessionContextOf(response)
  if (!before || session.price) throw notFound()
  const booking = await bookSeat(session, person._id, {
    answers: before.answers,
    timeZone: readerZone(request),
  })
  tell(response, booking)
  leave(response, session, booking)
}

/** `POST /sessions/:slug/recording`: notes that the recording is enough. */
export const requestRecording: MemberHandler = async (_request, response, person) => {
  const { session } = sessionContextOf(response)
  await askForRecording(session, person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:sessions.box.recordingComes') })
  response.redirect(303, sessionPath(session))
}

/** `POST /sessions/:slug/booking/claim`: takes the seat that came free, in time. */
export const claimOffered: MemberHandler = async (_request, response, person) => {
  const { session } = sessionContextOf(response)
  if (session.price) return response.redirect(303, `${sessionPath(session)}/checkout`)
  tell(response, await claimSeat(session, person._id))
  response.redirect(303, sessionPath(session))
}

function leave(response: Response, session: LiveSession, { state }: SessionBooking): void {
  response.redirect(303, `${sessionPath(session)}${state === 'paying' ? '/checkout' : ''}`)
}

/** Says what became of a booking. */
function tell(response: Response, { state }: SessionBooking): void {
  const { t } = textsOf(response)
  if (state === 'booked') {
    const [bold, text] = [t('academy:sessions.done.booked'), t('academy:sessions.done.bookedText')]
    setFlash(response, { kind: 'done', bold, text })
  } else if (state === 'waiting' || state === 'offered') {
    const [bold, text] = [t('academy:sessions.done.waiting'), t('academy:sessions.done.waitingText')]
    setFlash(response, { kind: 'done', bold, text })
  } else if (state === 'refused') {
    setFlash(response, { kind: 'warning', bold: t('academy:sessions.done.refused') })
  }
}

/** Returns the answers to the session's questions by their ids, or the form with what is wrong. */
function readAnswers(
  { questions }: LiveSession,
  { body }: Request,
  response: Response,
): { answers: Record<string, string>; form?: undefined } | { answers?: undefined; form: Form } {
  const { t } = textsOf(response)
  const values: Record<string, string> = {}
  const errors: Record<string, string> = {}
  for (const { id, kind, options, isRequired } of questions) {
    const typed: unknown = (body as Record<string, unknown>)[answerName(id)]
    const answer = typeof typed === 'string' ? normaliseLine(typed) : ''
    const name = answerName(id)
    values[name] = answer
    if (!answer && isRequired) errors[name] = t('academy:errors.sessions.answer')
    else if (answer.length > maxAnswer)
      errors[name] = t('web:errors.tooLong', { maximum: maxAnswer, length: answer.length })
    else if (answer && kind === 'choice' && !options.includes(answer))
      errors[name] = t('academy:errors.sessions.choice')
  }
  if (Object.keys(errors).length) return { form: { values, errors } }
  const given = questions.flatMap(({ id }) => (values[answerName(id)] ? [[id, values[answerName(id)]!]] : []))
  return { answers: Object.fromEntries(given) as Record<string, string> }
}

const answerName = (id: string) => `answer-${id}`

function bookingPage(request: Request, response: Response) {
  const { session } = sessionContextOf(response)
  const texts = textsOf(response)
  const { t, dayIn, zoneName } = texts
  const zone = pageZone(request)
  const fields: FormField[] = session.questions.map(({ id, label, kind, options, isRequired }) => ({
    name: answerName(id),
    label,
    optional: !isRequired,
    required: isRequired,
    ...(kind === 'choice'
      ? { kind: 'radios' as const, options: options.map(value => ({ value, text: value })) }
      : { maxlength: maxAnswer }),
  }))
  return {
    head: { title: t('academy:sessions.bookOf', { title: session.title }), noindex: true },
    nav: 'sessions',
    session: { href: sessionPath(session), title: session.title, language: sessionLanguage(session) },
    when: `${dayIn(session.startsAt, zone)}, ${timesIn(texts, session, zone)} · ${zoneName(zone, session.startsAt)}`,
    fields,
    action: `${sessionPath(session)}/booking`,
    button: t(`academy:sessions.box.${session.price ? 'buy' : 'book'}`),
    salesSee: t('academy:sessions.salesSee'),
  }
}
