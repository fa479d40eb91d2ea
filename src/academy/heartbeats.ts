import { mapKey } from '../platform/record'
import { json } from 'express'
import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { watchLesson } from '../learning/watch-lesson'
import type { Handler } from '../web/handler'
import { lessonOf, courseContext } from './course-context'
import { playedText } from './lessons'
import { textsOf } from '../web/texts'

const maxRanges = 200
const number = z.coerce.number().finite()
/** Played ranges in seconds: `[[0, 9.5], [20, 22]]` as JSON, `0-9.5,20-22` in a form. */
const ranges = z.preprocess(
  value =>
    typeof value === 'string'
      ? value
          .split(',', maxRanges + 1)
          .filter(Boolean)
          .map(range => range.split('-'))
      : (value ?? []),
  z.array(z.tuple([number, number])).max(maxRanges),
)
const schema = z.object({
  ranges,
  position: number.min(0).nullish().default(null),
  rate: number.positive().max(16).default(1),
  seconds: number.min(0).max(3600).default(0),
})

/** Parses a heartbeat sent as JSON; forms are read anyway. */
export const readHeartbeat = json({ limit: '20kb' })

/**
 * Receives the heartbeat that a lesson's page sends every 10 seconds, on pause and when the learner leaves it.
 *
 * @returns as JSON, whether the lesson is done, and a sentence that says how much of its recording was played.
 */
export const create: Handler = async (request, response) => {
  const { enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const parsed = schema.safeParse(request.body)
  if (!parsed.success) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const { lessons } = await watchLesson(enrolment!, lesson, parsed.data)
  const progress = lessons[mapKey(lesson.slug)]!
  response.json({
    done: progress.completedAt !== undefined,
    played: playedText(textsOf(response), lesson, progress),
  })
}
