import { compareLessons } from '../courses/compare'
import { Revisions } from '../courses/revision'
import { moveLearner, moveMap } from '../learning/move-learners'
import { conflict, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'
import { courseContext, type CourseContext } from './course-context'

/** Whether a learner can move to a newer version of the course. */
export function canMove({ published, newest, hasAccess }: CourseContext): boolean {
  return hasAccess && newest !== undefined && newest.number > published.number
}

/** `GET /courses/:slug/version`: what a newer version changes, and what a move means for the learner's progress. */
export const show: Handler = async (_request, response) => {
  const texts = textsOf(response)
  const { t, minutes, date } = texts
  const context = courseContext(response)
  if (!canMove(context)) throw notFound()
  const { published, enrolment } = context
  const newest = context.newest!
  const { added, kept, left } = moveMap(enrolment!, published.lessons, newest.lessons)
  const between = await Revisions.find(
    { course: published.course, number: { $gt: published.number, $lte: newest.number } },
    { number: 1, note: 1, publishedAt: 1 },
  ).sort({ number: -1 })
  response.render('academy/version', {
    head: { title: t('academy:version.title'), noindex: true },
    nav: 'courses',
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    action: `/courses/${published.slug}/version`,
    newest: String(newest.revision),
    sentence: t('academy:version.sentence', { from: published.number, to: newest.number }),
    notes: between.flatMap(({ note, publishedAt }) =>
      note ? [{ text: note, date: date(publishedAt) }] : [],
    ),
    changes: compareLessons(published.content, newest.content).map(({ title, change }) => ({
      tag: t(`academy:version.changes.${change}`),
      title,
    })),
    effects: [
      t('academy:version.kept', { count: kept.length }),
      added.length
        ? t('academy:version.added', {
            count: added.length,
            time: minutes(added.reduce((sum, lesson) => sum + lesson.minutes, 0)),
          })
        : t('academy:version.nothingAdded'),
      t('academy:version.left', { before: left.before, after: left.after }),
      ...(enrolment!.completedAt ? [t('academy:version.completed')] : []),
    ],
  })
}

/** `POST /courses/:slug/version`: moves the learner to the version that they saw. */
export const create: Handler = async (request, response) => {
  const { t } = textsOf(response)
  const context = courseContext(response)
  const { newest, enrolment, published } = context
  const course = `/courses/${published.slug}`
  const { revision } = request.body as { revision?: string }
  if (enrolment && revision === String(enrolment.revision)) return response.redirect(303, course)
  if (!canMove(context)) throw notFound()
  if (revision !== String(newest!.revision)) throw conflict('academy:errors.versionChanged')
  await moveLearner(enrolment!, newest!)
  setFlash(response, {
    kind: 'done',
    bold: t('academy:version.done', { number: newest!.number }),
    text: t('academy:version.doneText'),
  })
  response.redirect(303, course)
}
