import type { Response } from 'express'
import { z } from 'zod'
import type { Person } from '../people/person'
import type { LiveSession } from '../sessions/live-session'
import {
  askSessionQuestion,
  isAskingOpen,
  namesOfAskers,
  sessionQuestionCaps,
  sessionQuestionsOf,
  setQuestionVote,
  type SessionQuestion,
} from '../sessions/session-question'
import { setFlash } from '../web/flash'
import { checkbox, lineField, readForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { signInPath } from '../web/local-path'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf, type Texts } from '../web/texts'
import { pathsOf } from './room-context'
import { sessionContextOf } from './session-context'

/** Where the questions are shown: each page leads back to itself. */
type Place = 'page' | 'room'

const schema = z.object({
  text: lineField('academy:liveSession.ask.missing', sessionQuestionCaps.text),
  isNameHidden: checkbox,
})

/** `POST /sessions/:slug/questions`: asks the hosts, before the day or during it. */
export const create: MemberHandler = async (request, response, person) => {
  const { session } = sessionContextOf(response)
  const texts = textsOf(response)
  const { data, form } = readForm(schema, request, response)
  const place = placeIn(request.body)
  if (form) {
    return refuseForm(response, 'academy/session/ask', form, {
      head: { title: texts.t('academy:liveSession.ask.title'), noindex: true },
      nav: 'sessions',
      ask: askView(texts, session, place),
      back: { href: pathTo(session, place), text: session.title },
    })
  }
  const _id = recordIdOf(submissionOf(request, person))
  await askSessionQuestion(session, { _id, person: person._id, ...data })
  // The script of the room says it itself.
  if (request.accepts(['html', 'json']) === 'html') {
    setFlash(response, { kind: 'done', bold: texts.t('academy:liveSession.ask.asked') })
  }
  response.redirect(303, pathTo(session, place))
}

/** `POST /sessions/:slug/questions/:entry/vote`: wants a question answered. */
export const vote: MemberHandler = (request, response, person) => change(request, response, person, true)

/** `POST /sessions/:slug/questions/:entry/vote/removal`: takes that back. */
export const unvote: MemberHandler = (request, response, person) => change(request, response, person, false)

async function change(...[request, response, person, isWanted]: [...Parameters<MemberHandler>, boolean]) {
  const { session } = sessionContextOf(response)
  const { entry } = request.params
  await setQuestionVote(session, entry, person._id, isWanted)
  const path = pathsOf(session)[placeIn(request.body)]
  response.redirect(303, `${path}#question-${entry}`)
}

function placeIn(body: unknown): Place {
  return (body as { place?: unknown }).place === 'room' ? 'room' : 'page'
}

const pathTo = (session: LiveSession, place: Place) => `${pathsOf(session)[place]}#questions`

/**
 * Returns what `academy/session/questions` shows: the questions, with the most votes first, and the form to ask one.
 * They have names, so they are for people who are signed in; everyone else is offered to sign in, and the page is the
 * same for all of them. Null when there is nothing to show.
 */
export async function questionsView(
  response: Response,
  session: LiveSession,
  person: Person | null,
  place: Place,
) {
  const texts = textsOf(response)
  const { t } = texts
  const isOpen = isAskingOpen(session)
  const title = t('academy:liveSession.questions.title')
  if (!person) {
    return isOpen ? { title, signIn: signInPath(`${pathsOf(session)[place]}#questions`), ask: null } : null
  }
  const questions = await sessionQuestionsOf(session._id)
  if (!isOpen && !questions.length) return null
  const names = await namesOfAskers(questions)
  const views = questions.map(each => questionView(texts, session, each, person, names))
  return {
    title,
    signIn: null,
    count: t('academy:liveSession.questions.count', { count: questions.length }),
    ask: isOpen ? askView(texts, session, place) : null,
    place,
    /** The first ones are seen at once. */
    first: views.slice(0, shownAtOnce),
    rest: views.slice(shownAtOnce),
    showRest: t('academy:liveSession.questions.rest', { count: questions.length }),
    isOpen,
  }
}

const shownAtOnce = 10

function questionView(
  texts: Texts,
  session: LiveSession,
  { _id, person: asker, text, isNameHidden, votes, voters, state, answer }: SessionQuestion,
  person: Person,
  names: ReadonlyMap<string, string>,
) {
  const { t, number } = texts
  const isVoted = voters.some(each => each.equals(person._id))
  const path = `${pathsOf(session).page}/questions/${String(_id)}/vote`
  const isOwn = person._id.equals(asker)
  const name = isNameHidden ? t('academy:liveSession.questions.anonymous') : names.get(String(asker))
  return {
    id: `question-${String(_id)}`,
    text,
    who: isOwn ? t(`academy:liveSession.questions.${isNameHidden ? 'youHidden' : 'you'}`) : (name ?? ''),
    votes: number(votes),
    isVoted,
    action: isVoted ? `${path}/removal` : path,
    label: t('academy:liveSession.questions.vote', { count: votes, question: text }),
    canVote: state === 'open',
    state: state === 'open' ? null : t(`academy:liveSession.questions.states.${state}`),
    answer: answer && {
      text: answer.text,
      by: answeredBy(texts, answer),
    },
  }
}

function answeredBy({ t, date }: Texts, { name, at }: NonNullable<SessionQuestion['answer']>): string {
  const day = date(at)
  return t(`academy:liveSession.questions.${name ? 'answeredBy' : 'answered'}`, { name, day })
}

function askView({ t }: Texts, session: LiveSession, place: Place) {
  const { page } = pathsOf(session)
  return {
    title: t('academy:liveSession.ask.title'),
    action: `${page}/questions`,
    place,
    fields: [
      {
        name: 'text',
        id: 'question-text',
        label: t('academy:liveSession.ask.label'),
        hint: t('academy:liveSession.ask.hint'),
        maxlength: sessionQuestionCaps.text,
        autocomplete: 'off',
        required: true,
      },
      { name: 'isNameHidden', kind: 'checkbox', label: t('academy:liveSession.ask.hideName') },
    ],
    button: t('academy:liveSession.ask.button'),
    done: t('academy:liveSession.ask.asked'),
  }
}
