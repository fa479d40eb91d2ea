import { Types } from 'mongoose'
import type { Response } from 'express'
import type { Person } from '../people/person'
import {
  answersOf,
  storedAnswer,
  profileQuestions,
  saveAnswers,
  type ProfileQuestion,
} from '../people/profile-question'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, refuseForm } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { profileQuestionField } from '../web/profile-question-field'
import { textsOf } from '../web/texts'

const view = 'account/questions'

/** `GET /account/questions`: what the academy asks about the learner, and their answers, which they can change. */
export const show: MemberHandler = async (_request, response, person) => {
  response.render(view, { ...(await questionsPage(response, person)), form: emptyForm() })
}

/** `POST /account/questions`: saves all answers; an empty one is taken back. */
export const update: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const questions = await profileQuestions()
  const body = request.body as Record<string, unknown>
  const typed = questions.map(question => {
    const value = body[nameOf(question)]
    return { question, text: typeof value === 'string' ? value.trim() : '' }
  })
  const wrong = typed.filter(({ question, text }) => text && storedAnswer(question, text) === null)
  if (wrong.length) {
    const errors = Object.fromEntries(
      wrong.map(({ question }) => [nameOf(question), t(`account:questions.errors.${question.type}`)]),
    )
    return refuseForm(response, view, { values: body, errors }, await questionsPage(response, person))
  }
  const saved = typed.map(({ question, text }) => ({ question, value: storedAnswer(question, text) }))
  await saveAnswers(person, saved)
  setFlash(response, { kind: 'done', bold: t('account:questions.saved') })
  response.redirect(303, '/account/questions')
}

/** `POST /account/questions/:id`: answers or skips the one question that a page asks, and leads back to learning. */
export const answer: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const { id } = request.params
  const question = Types.ObjectId.isValid(id)
    ? (await profileQuestions()).find(({ _id }) => _id.equals(id))
    : undefined
  if (!question) throw notFound()
  const { skip, answer: typed } = request.body as Record<string, unknown>
  const value = typeof typed === 'string' ? storedAnswer(question, typed) : null
  if (skip === undefined && value === null) {
    const values = { [nameOf(question)]: typed }
    const errors = { [nameOf(question)]: t(`account:questions.errors.${question.type}`) }
    return refuseForm(response, view, { values, errors }, await questionsPage(response, person))
  }
  await saveAnswers(person, [{ question, value: skip === undefined ? value : null }])
  if (skip === undefined) {
    const link = { href: '/account/questions', text: t('account:questions.change') }
    setFlash(response, { kind: 'done', bold: t('account:questions.thanks'), link })
  }
  response.redirect(303, '/learning')
}

const nameOf = ({ _id }: Pick<ProfileQuestion, '_id'>) => `question-${_id}`

async function questionsPage(response: Response, person: Person) {
  const texts = textsOf(response)
  const { t } = texts
  const [questions, answers] = await Promise.all([profileQuestions(), answersOf(person)])
  return {
    head: { title: t('account:questions.title'), noindex: true },
    questions: questions.map(question => ({
      field: profileQuestionField(
        question,
        {
          name: nameOf(question),
          value: answers.find(each => each.question.equals(question._id))?.value ?? null,
        },
        texts,
      ),
      note: t(`account:questions.${question.forSales ? 'forSales' : 'notForSales'}`),
    })),
    empty: {
      title: t('account:questions.none'),
      text: t('account:questions.noneText'),
      link: { href: '/learning', text: t('academy:learning.title') },
    },
  }
}
