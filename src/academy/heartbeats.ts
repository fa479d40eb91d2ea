import { mapKey } from '../platform/record'
import { json } from 'express'
import { z } from 'zod'
import { HttpError } from '../platform/errors'
import { openLesson } from '../learning/open-lesson'
import { watchLesson } from '../learning/watch-lesson'
import type { Handler } from '../web/handler'
import { lessonOf, courseContext } from './course-context'
import { playedText, watchedText } from './played-text'
import { secondsSince } from './signed-timestamp'
import { tourProgress, tourPurpose } from './tour-page'
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
/** The steps of a tour and their seconds: `[["wake", 2.5]]` as JSON, `wake:2.5,trend:9` in a form. */
const steps = z.preprocess(
  value =>
    typeof value === 'string'
      ? value
          .split(',', maxRanges + 1)
          .filter(Boolean)
          .map(step => step.split(':'))
      : (value ?? []),
  z.array(z.tuple([z.string().max(100), number.min(0).max(3600)])).max(maxRanges),
)
const schema = z.object({
  ranges,
  steps,
  /** What the page of a tour was made with: the signed time, and the seconds counted until then. */
  shown: z.string().max(200).optional(),
  counted: number.optional(),
  position: number.min(0).nullish().default(null),
  /** The id of the heading that the text is at. */
  place: z.string().max(120).optional(),
  /** Sent once by a page that was loaded ahead, when it is opened. */
  opened: z.literal('1').optional(),
  rate: number.positive().max(16).default(1),
  seconds: number.min(0).max(3600).default(0),
})

/** Parses a heartbeat sent as JSON; forms are read anyway. */
export const readHeartbeat = json({ limit: '20kb' })

/**
 * Receives the heartbeat that a lesson's page sends every 10 seconds, on pause and when the learner leaves it.
 *
 * @returns as JSON, whether the lesson is done, a sentence that says how much of it was played or seen, the seconds
 * of a recording that count, and the steps of a tour that were seen.
 */
export const create: Handler = async (request, response) => {
  const { enrolment } = courseContext(response)
  const lesson = lessonOf(response)
  const parsed = schema.safeParse(request.body)
  if (!parsed.success) throw new HttpError(422, 'academy:errors.unreadableHeartbeat')
  const { shown, counted = 0, opened, ...heartbeat } = parsed.data
  const sinceShown = secondsSince(shown, tourPurpose(enrolment!, lesson.slug, counted))
  const learner = opened ? await openLesson(enrolment!, lesson) : enrolment!
  const page = sinceShown === null ? undefined : { sinceShown, counted }
  const { lessons } = await watchLesson(learner, lesson, { ...heartbeat, page })
  const progress = lessons[mapKey(lesson.slug)]!
  const texts = textsOf(response)
  response.json({
    done: progress.completedAt !== undefined,
    played: playedText(texts, lesson, progress),
    ...(lesson.mediaSeconds && { watched: watchedText(progress) }),
    ...(lesson.kind === 'tour' && { tour: tourProgress(texts, lesson, progress) }),
  })
}
