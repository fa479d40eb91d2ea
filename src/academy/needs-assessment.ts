import type { RequestHandler, Response } from 'express'
import { publishedCourses } from '../courses/published'
import { completeNeedsAssessment } from '../signals/complete-needs-assessment'
import type { Form } from '../web/form'
import type { Translate } from '../web/i18n'
import { pathSummaries } from './stats'
import { proposePath, questions, type NeedsAnswers } from './needs-questions'

/**
 * Six questions and the path that they lead to. A GET form, so that a stranger needs no session and can keep or send on the
 * address of the answer; nothing of theirs is stored.
 */
export const show: RequestHandler = async (request, response) => {
  if (request.query.work === undefined && request.query.goal === undefined) return showForm(response)
  const { needs, form } = read(request.query, response)
  if (!needs) return showForm(response, form)
  await showAnswer(response, needs, request.user !== undefined)
}

/** The same for somebody who is signed in: the answers are kept, and what follows from them. */
export const create: RequestHandler = async (request, response) => {
  const { needs, form } = read(request.body as Record<string, unknown>, response)
  if (!needs) return showForm(response, form)
  const path = proposePath(await pathSummaries(await publishedCourses()), needs)
  await completeNeedsAssessment(request.user!._id, needs, path?.slug ?? null)
  response.redirect(303, `/needs-assessment?${new URLSearchParams(needs)}`)
}

function read(typed: Record<string, unknown>, response: Response): { needs?: NeedsAnswers; form?: Form } {
  const t = response.locals.t as Translate
  const errors: Record<string, string> = {}
  const needs: Record<string, string> = {}
  for (const { id, answers } of questions) {
    const answer = typed[id]
    if (answers.some(each => each === answer)) needs[id] = answer as string
    else
      errors[id] = t('academy:needsAssessment.missing', {
        question: t(`academy:needsAssessment.${id}.question`),
      })
  }
  return Object.keys(errors).length ? { form: { values: needs, errors } } : { needs: needs as NeedsAnswers }
}

function showForm(response: Response, form?: Form): void {
  const t = response.locals.t as Translate
  response.status(form ? 422 : 200).render('academy/needs-assessment', {
    head: {
      title: t('academy:needsAssessment.title'),
      description: t('academy:needsAssessment.lede'),
      noindex: form !== undefined,
    },
    nav: 'paths',
    questions,
    ...(form && { form }),
  })
}

async function showAnswer(response: Response, needs: NeedsAnswers, isKept: boolean): Promise<void> {
  const t = response.locals.t as Translate
  const path = proposePath(await pathSummaries(await publishedCourses()), needs)
  response.render('academy/needs-assessment-result', {
    head: { title: t('academy:needsAssessment.answerTitle'), noindex: true },
    nav: 'paths',
    proposed: path ?? null,
    needs,
    isKept,
  })
}
