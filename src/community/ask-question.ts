import { createHash } from 'node:crypto'
import type { Types } from 'mongoose'
import { record } from '../events/record'

/** Somebody asks about a course or one of its lessons. The same words about the same lesson are one question. */
export async function askQuestion(question: {
  person: Types.ObjectId
  course: Types.ObjectId
  lesson: { slug: string; title: string }
  text: string
}): Promise<void> {
  const { person, course, lesson, text } = question
  const words = createHash('sha256').update(text).digest('hex').slice(0, 16)
  await record({
    name: 'question.asked',
    person,
    course,
    idempotencyKey: [course, lesson.slug, words],
    data: { text, lesson: lesson.slug, title: lesson.title },
  })
}
