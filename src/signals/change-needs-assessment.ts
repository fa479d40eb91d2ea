import type { Types } from 'mongoose'
import { audit } from '../events/audit'
import { HttpError } from '../platform/errors'
import { NeedsAssessments, needsAssessmentId, type NeedsContent } from './needs-content'

type By = Types.ObjectId | null
const subject = 'needs-assessment'

/** The most questions, and answers of a question: more aren't read on one page. */
export const needsCaps = { questions: 12, answers: 12 }

/** Saves the draft over the one with `draftNumber`. Throws 409 when someone else has saved since. */
export async function saveNeedsAssessment(draft: NeedsContent, draftNumber: number, by: By): Promise<number> {
  const number = await NeedsAssessments.save(needsAssessmentId, draft, draftNumber)
  if (by) await audit({ actor: by, action: 'needs_assessment.changed', subject, detail: { draft: number } })
  return number
}

/**
 * Publishes the draft.
 *
 * @returns the number of the version.
 * @throws 409 when someone else has saved since, 422 without a question or with one that has fewer than two answers.
 */
export async function publishNeedsAssessment(draftNumber: number, by: By): Promise<number> {
  const draft = (await NeedsAssessments.read(needsAssessmentId))?.draft
  const unready = draft?.questions.find(question => question.answers.length < 2)
  if (!draft?.questions.length) throw new HttpError(422, 'admin:errors.needs.noQuestions')
  if (unready) throw new HttpError(422, 'admin:errors.needs.fewAnswers', { question: unready.text })
  const { version, isNew } = await NeedsAssessments.publish(needsAssessmentId, draftNumber, by)
  if (by && isNew) {
    await audit({
      actor: by,
      action: 'needs_assessment.published',
      subject,
      detail: { number: version.number },
    })
  }
  return version.number
}

/** Switches it off: its page is gone, and so are the links to it. */
export async function withdrawNeedsAssessment(by: Types.ObjectId): Promise<void> {
  if (await NeedsAssessments.withdraw(needsAssessmentId)) {
    await audit({ actor: by, action: 'needs_assessment.withdrawn', subject })
  }
}
