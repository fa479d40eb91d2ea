import type { Request, Response } from 'express'
import { z } from 'zod'
import { namesOf } from '../people/names'
import type { Person } from '../people/person'
import { later, minutes, now } from '../platform/clock'
import { roomPhaseOf } from '../sessions/attendance'
import { SessionBookings, type SessionBooking } from '../sessions/booking'
import type { LiveSession } from '../sessions/live-session'
import {
  countVotes,
  pollCaps,
  pollsOf,
  preparePoll,
  removePoll,
  setPollState,
  type SessionPoll,
} from '../sessions/poll'
import {
  answerInWriting,
  namesOfAskers,
  sessionQuestionCaps,
  sessionQuestionsOf,
  setQuestionState,
  type SessionQuestion,
} from '../sessions/session-question'
import { setFlash } from '../web/flash'
import { emptyForm, field, lineField, readForm, type Form } from '../web/form'
import type { MemberHandler, RouteRequest } from '../web/handler'
import { partOf, sendState } from '../web/live-state'
import { recordIdOf, submissionOf } from '../web/occasion'
import { pollView } from '../web/poll-view'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

const consolePath = (session: LiveSession) => `${sessionUrl(session)}/live`

/** `GET /studio/sessions/:id/live`: the host's console during a session. */
export const show: MemberHandler = (request, response, person) => showConsole(request, response, person)

async function showConsole(request: Request, response: Response, person: Person, form: Form = emptyForm()) {
  const session = await sessionOf(request)
  const { t, zoneName } = textsOf(response)
  const isOnline = session.kind === 'online'
  const path = consolePath(session)
  response.render('studio/session/live', {
    ...(await sessionPage(session, person, response, 'live')),
    scripts: ['/js/room.js', '/js/zone.js'],
    form,
    path,
    zone: pageZone(request),
    zoneText: t('studio:liveSession.zone', { zone: zoneName(pageZone(request)) }),
    checkIn: isOnline ? null : `${sessionUrl(session)}/check-in`,
    meeting: isOnline && meetingOf(session) ? `${path}/meeting` : null,
    poll: pollForm(textsOf(response)),
    hasPollErrors: Boolean(form.errors.question ?? form.errors.options),
    pollAction: `${sessionUrl(session)}/polls`,
    ...(await parts(request, response, session)),
  })
}

const meetingOf = ({ meeting, joinUrl }: LiveSession) => meeting?.hostUrl || joinUrl

/** `GET /studio/sessions/:id/live/state`: what changes in the console, or 204. */
export const sendConsoleState: MemberHandler = async (request, response) => {
  const values = await parts(request, response, await sessionOf(request))
  const html = (view: string) => partOf(response, `studio/session/${view}`, values)
  sendState(request, response, {
    parts: {
      people: html('live-people'),
      polls: html('live-polls'),
      'question-list': html('live-questions'),
    },
    announce: values.announce,
  })
}

/** `GET /studio/sessions/:id/live/meeting`: leads a host to the meeting. */
export const openMeeting: MemberHandler = async (request, response) => {
  const session = await sessionOf(request)
  const address = meetingOf(session)
  if (address) response.set('referrer-policy', 'no-referrer')
  response.redirect(303, address || consolePath(session))
}

const questionStates = z.object({
  state: z.enum(['open', 'live', 'hidden'], { error: 'web:errors.chooseOne' }),
})

/** `POST …/questions/:entry/state`: a question is answered in the session, hidden, or open again. */
export const changeQuestion: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(questionStates, request, response)
  if (form) return showConsole(request, response.status(422), person, form)
  const session = await sessionOf(request)
  await setQuestionState(session._id, request.params.entry, data.state)
  response.redirect(303, `${consolePath(session)}#question-${request.params.entry}`)
}

const answers = z.object({ answer: field('studio:liveSession.errors.answer', sessionQuestionCaps.answer) })

/** `POST …/questions/:entry/answer`: answers a question in writing, by name. */
export const answerInRoom: MemberHandler = async (request, response, person) => {
  const { entry } = request.params
  const { data, form } = readForm(answers, request, response)
  if (form) {
    const [values, errors] = [
      { [`answer-${entry}`]: form.values.answer },
      { [`answer-${entry}`]: form.errors.answer! },
    ]
    return showConsole(request, response.status(422), person, { values, errors })
  }
  const session = await sessionOf(request)
  await answerInWriting(session._id, entry, { text: data.answer, name: person.name, by: person._id })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('studio:liveSession.answered') })
  response.redirect(303, `${consolePath(session)}#question-${entry}`)
}

const { min, max } = pollCaps.options
const polls = z.object({
  question: lineField('studio:liveSession.errors.pollQuestion', pollCaps.question),
  options: z
    .string({ error: 'studio:liveSession.errors.pollOptions' })
    .max(max * (pollCaps.option + 2) + 100, { error: 'web:errors.tooLong' })
    .transform(typed => [
      ...new Set(
        typed
          .split('\n')
          .map(line => line.trim())
          .filter(Boolean),
      ),
    ])
    .refine(options => options.length >= min && options.length <= max, {
      error: 'studio:liveSession.errors.pollOptions',
    })
    .refine(options => options.every(({ length }) => length <= pollCaps.option), {
      error: 'studio:liveSession.errors.pollOption',
    }),
})

/** `POST …/polls`: prepares a poll. */
export const createPoll: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const { data, form } = readForm(polls, request, response)
  if (form) return showConsole(request, response.status(422), person, form)
  const _id = recordIdOf(submissionOf(request, person))
  await preparePoll({ _id, session: session._id, ...data })
  response.redirect(303, `${consolePath(session)}#poll-${String(_id)}`)
}

const pollStates = z.object({ state: z.enum(['open', 'closed', 'shown'], { error: 'web:errors.chooseOne' }) })

/** `POST …/polls/:entry/state`: opens or closes a poll, or shows its result. */
export const changePoll: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(pollStates, request, response)
  if (form) return showConsole(request, response.status(422), person, form)
  const session = await sessionOf(request)
  await setPollState(session._id, request.params.entry, data.state)
  response.redirect(303, `${consolePath(session)}#poll-${request.params.entry}`)
}

/** `POST …/polls/:entry/removal`: removes a poll with its votes. */
export const destroyPoll: MemberHandler = async (request, response) => {
  const session = await sessionOf(request)
  await removePoll(session._id, request.params.entry)
  response.redirect(303, `${consolePath(session)}#polls`)
}

async function parts(request: Pick<RouteRequest, 'headers'>, response: Response, session: LiveSession) {
  const texts = textsOf(response)
  const [bookings, questions, prepared] = await Promise.all([
    SessionBookings.find(
      { session: session._id, state: 'booked' },
      { person: 1, presence: 1, handRaisedAt: 1 },
    ),
    sessionQuestionsOf(session._id, true),
    pollsOf(session._id),
  ])
  const counts = await Promise.all(prepared.map(countVotes))
  const names = await namesOfAskers(questions)
  return {
    announce: texts.t('academy:liveSession.questions.count', { count: questions.length }),
    people: await peopleView(texts, session, bookings, pageZone(request)),
    questions: questions.map(each => questionView(texts, session, each, names)),
    polls: prepared.map((poll, n) => consolePollView(texts, session, poll, counts[n]!)).reverse(),
  }
}

type Present = Pick<SessionBooking, '_id' | 'person' | 'presence' | 'handRaisedAt'>

/** Someone was on the page of the room when it reported in the last minutes. */
const recently = minutes(5)
const maxPeople = 100

/** Returns who is there: first those who want to talk to someone, then by when they came. */
async function peopleView(
  { t, timeIn }: Texts,
  session: LiveSession,
  bookings: readonly Present[],
  timeZone: string,
) {
  const isRoom = session.kind === 'room'
  const cameAt = ({ presence }: Present) => (isRoom ? presence?.checkedInAt : presence?.joinedAt) ?? null
  const there = bookings.filter(each => cameAt(each) !== null || each.handRaisedAt)
  const came = bookings.filter(each => cameAt(each) !== null).length
  const since = later(now(), -recently)
  const isHere = ({ presence }: Present) => (presence?.lastHeartbeatAt ?? since) > since
  const here = bookings.filter(isHere).length
  const listed = there
    .sort(
      (a, b) =>
        Number(b.handRaisedAt !== null) - Number(a.handRaisedAt !== null) ||
        Number(cameAt(b)) - Number(cameAt(a)),
    )
    .slice(0, maxPeople)
  const names = await namesOf(listed.map(({ person }) => person))
  const phase = roomPhaseOf(session)
  return {
    sentence: t(`studio:liveSession.people.${isRoom ? 'checkedIn' : 'joined'}`, {
      count: bookings.length,
      came,
      here,
    }),
    phase: t(`studio:liveSession.phases.${phase}`),
    rows: listed.map(each => {
      const at = cameAt(each)
      return {
        name: names.get(String(each.person)) ?? '',
        hand:
          each.handRaisedAt &&
          t('studio:liveSession.people.hand', { time: timeIn(each.handRaisedAt, timeZone) }),
        came: at && t('studio:liveSession.people.since', { time: timeIn(at, timeZone) }),
        isHere: isHere(each),
      }
    }),
    more: t('studio:liveSession.people.more', { count: there.length - listed.length }),
    hasMore: there.length > listed.length,
  }
}

function questionView(
  { t, number }: Texts,
  session: LiveSession,
  { _id, person, text, isNameHidden, votes, state, answer }: SessionQuestion,
  names: ReadonlyMap<string, string>,
) {
  const path = `${sessionUrl(session)}/questions/${String(_id)}`
  const anonymous = t('academy:liveSession.questions.anonymous')
  const actions = {
    open: ['live', 'hidden'],
    live: ['open', 'hidden'],
    written: ['hidden'],
    hidden: ['open'],
  }
  return {
    id: `question-${String(_id)}`,
    text,
    who: isNameHidden ? anonymous : (names.get(String(person)) ?? ''),
    votes: number(votes),
    votesText: t('studio:liveSession.questions.votes', { count: votes }),
    state: state === 'open' ? null : t(`academy:liveSession.questions.states.${state}`),
    isHidden: state === 'hidden',
    action: `${path}/state`,
    buttons: actions[state].map(value => ({
      value,
      text: t(`studio:liveSession.questions.${state === 'hidden' ? 'show' : value}`),
      label: t(`studio:liveSession.questions.${state === 'hidden' ? 'show' : value}Label`, {
        question: text,
      }),
    })),
    answer: {
      action: `${path}/answer`,
      summary: t(`studio:liveSession.questions.${answer ? 'changeAnswer' : 'answer'}`),
      text: answer?.text ?? null,
      field: {
        name: 'answer',
        id: `answer-${String(_id)}`,
        kind: 'textarea',
        rows: 3,
        maxlength: sessionQuestionCaps.answer,
        label: t('studio:liveSession.questions.answerLabel'),
        hint: t('studio:liveSession.questions.answerHint'),
        value: answer?.text,
      },
    },
  }
}

function consolePollView(texts: Texts, session: LiveSession, poll: SessionPoll, counts: readonly number[]) {
  const { t } = texts
  const path = `${sessionUrl(session)}/polls/${String(poll._id)}`
  const next = {
    prepared: ['open'],
    open: ['closed', 'shown'],
    closed: ['shown', 'open'],
    shown: ['closed', 'open'],
  }
  const textOf = (value: string) => (poll.state === 'shown' && value === 'closed' ? 'hideResult' : value)
  return {
    ...pollView(texts, poll, counts),
    action: `${path}/state`,
    buttons: next[poll.state].map(value => ({ value, text: t(`studio:liveSession.polls.${textOf(value)}`) })),
    removal: {
      action: `${path}/removal`,
      label: t('studio:liveSession.polls.removeLabel', { question: poll.question }),
    },
  }
}

function pollForm({ t }: Texts) {
  return [
    {
      name: 'question',
      label: t('studio:liveSession.polls.question'),
      maxlength: pollCaps.question,
      autocomplete: 'off',
    },
    {
      name: 'options',
      kind: 'textarea',
      rows: 4,
      label: t('studio:liveSession.polls.options'),
      hint: t('studio:liveSession.polls.optionsHint', { count: max }),
    },
  ]
}
