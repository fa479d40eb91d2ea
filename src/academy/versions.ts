import { isDeepStrictEqual } from 'node:util'
import { compareLessons, compareLines } from '../courses/compare'
import type { Lesson } from '../courses/course'
import { replacedFiles } from '../courses/lesson-files'
import { lessonPage } from '../courses/lesson-page'
import type { Published } from '../courses/published'
import { Revisions } from '../courses/revision'
import { textOf } from '../mail/text-part'
import { moveLearner, moveMap } from '../learning/move-learners'
import { conflict, notFound } from '../platform/errors'
import { diffView } from '../web/diff-view'
import { setFlash } from '../web/flash'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'
import { canOpen, courseContext, type CourseContext } from './course-context'
import { courseLanguage } from './course-language'

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
  const { added, kept, removed, left } = moveMap(enrolment!, published.lessons, newest.lessons)
  const has = (lessons: Lesson[], slug: string) => lessons.some(each => each.slug === slug)
  /** What the move means for the learner's progress in one lesson. */
  const effectOn = (slug: string) => {
    if (has(removed, slug)) return t('academy:version.effects.removed')
    if (has(kept, slug)) return t('academy:version.effects.kept')
    return t(`academy:version.effects.${has(added, slug) ? 'added' : 'left'}`)
  }
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
    changes: compareLessons(published.content, newest.content).map(({ slug, title, change }) => ({
      tag: t(`academy:version.changes.${change}`),
      title,
      href: `/courses/${published.slug}/version/lessons/${slug}`,
      effect: effectOn(slug),
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

/**
 * `GET /courses/:slug/version/lessons/:lesson`: what has changed in a lesson since the learner's version, word by word,
 * as learners read it: neither its Markdown nor its questions, which would tell the answers.
 *
 * @throws HttpError 404 without a newer version, and for a lesson that is the same, or that the learner may not open.
 */
export const showLessonChange: Handler = async (request, response) => {
  const texts = textsOf(response)
  const { t } = texts
  const context = courseContext(response)
  if (!canMove(context)) throw notFound()
  const { published } = context
  const newest = context.newest!
  const { lesson: slug } = request.params
  const change = compareLessons(published.content, newest.content).find(each => each.slug === slug)
  const [before, after] = [published, newest].map(version => partOf(version, slug, context))
  if (!change || (!before && !after)) throw notFound()
  const files = before && after ? replacedFiles(published.content, newest.content, after.lesson) : []
  response.render('academy/version-lesson', {
    head: { title: t('academy:version.lessonTitle', { title: change.title }), noindex: true },
    nav: 'courses',
    crumbs: [
      { text: published.content.title, href: `/courses/${published.slug}` },
      { text: t('academy:version.title'), href: `/courses/${published.slug}/version` },
    ],
    title: change.title,
    sentence: t(`academy:version.lessonSentence.${change.change}`, {
      from: published.number,
      to: newest.number,
    }),
    language: courseLanguage(newest),
    diff: diffView(compareLines(before?.text ?? '', after?.text ?? '')),
    questions: before && after && !isDeepStrictEqual(before.questions, after.questions),
    files: files.map(path => path.split('/').pop()!),
    back: `/courses/${published.slug}/version`,
  })
}

/** Returns a lesson of a version as learners read it; undefined for one that it doesn't have, or they may not open. */
function partOf(version: Published, slug: string, context: CourseContext) {
  const lesson = version.lessons.find(each => each.slug === slug)
  if (!lesson || !canOpen(context, lesson)) return undefined
  const { html, questions } = lessonPage(version, slug)
  return { lesson, questions, text: [lesson.title, textOf(html)].join('\n') }
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
