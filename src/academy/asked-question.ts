import type { Enrolment } from '../learning/enrolment'
import type { Person } from '../people/person'
import { answersOf, nextQuestion, profileQuestions } from '../people/profile-question'
import { profileQuestionField } from '../web/profile-question-field'
import type { Texts } from '../web/texts'

/** Returns the question that a learner is asked when they come back; null before they have finished a lesson. */
export async function askedQuestion(
  person: Person,
  enrolments: Pick<Enrolment, 'lessons'>[],
  texts: Texts,
): Promise<object | null> {
  const hasFinished = enrolments.some(({ lessons }) => Object.values(lessons).some(each => each.completedAt))
  if (person.role !== 'prospect' || !hasFinished) return null
  const questions = await profileQuestions()
  const question = questions.length ? nextQuestion(questions, await answersOf(person)) : undefined
  if (!question) return null
  return {
    action: `/account/questions/${question._id}`,
    field: profileQuestionField(question, { name: 'answer', value: null }, texts),
    note: texts.t(`account:questions.${question.forSales ? 'forSales' : 'notForSales'}`),
  }
}
