import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { record } from '../events/record'

/** Records a learner's question about a lesson. The same text about the same lesson counts as one question. */
export async function askQuestion(question: {
  person: Types.ObjectId
  course: Types.ObjectId
  lesson: { slug: string; title: string }
  text: string
}): Promise<void> {
  const { person, course, lesson, text } = question
  const textHash = createHash('sha256').update(text).digest('hex').slice(0, 16)
  await record({
    name: 'question.asked',
    person,
    course,
    idempotencyKey: [course, lesson.slug, textHash],
    data: { text, lesson: lesson.slug, title: lesson.title },
  })
}
