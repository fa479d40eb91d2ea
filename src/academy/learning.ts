import type { RequestHandler } from 'express'
import { publishedCourses, revisionById } from '../courses/published'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import { coursePalettes } from '../web/course-palette'
import type { Translate } from '../web/i18n'
import { pathSummaries } from './stats'
import { lessonPath, lessonProgressOf } from './outline'
import { spellNumber, spellNumberFirst } from './lesson-icons'

/** My learning: where to go on, and what is done. One read. */
export const index: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const person = request.user!
  const enrolments = await Enrolments.find({ person: person._id })
    .sort({ lastActivityAt: -1 })
    .limit(100)
    .lean<Enrolment[]>()
  const rows = await Promise.all(enrolments.map(enrolment => rowOf(t, enrolment)))
  const known = rows.filter(row => row !== null)
  const proposed = person.needsAssessment?.path
    ? (await pathSummaries(await publishedCourses())).find(each => each.slug === person.needsAssessment!.path)
    : undefined
  const open = known.filter(row => row.enrolment.completedAt === null && row.hasAccess)
  const finished = known.filter(row => row.enrolment.completedAt !== null || !row.hasAccess)
  response.render('academy/my-learning', {
    head: { title: t('academy:learning.title'), noindex: true },
    lede: t('academy:learning.lede', {
      open: t('academy:learning.inProgressCount', {
        count: open.length,
        words: spellNumberFirst(t, open.length),
      }),
      finished: t('academy:learning.completedCount', {
        count: finished.length,
        words: spellNumber(t, finished.length),
      }),
    }),
    open,
    finished,
    proposed: proposed ?? null,
    floors: await coursePalettes(),
  })
}

async function rowOf(t: Translate, enrolment: Enrolment) {
  const published = await revisionById(enrolment.revision)
  if (!published) return null
  const visit = { published, newest: undefined, enrolment, hasAccess: enrolment.revokedAt === null }
  const { progress, lessonProgress } = lessonProgressOf(t, visit)
  return {
    enrolment,
    published,
    hasAccess: visit.hasAccess,
    progress,
    lessonProgress,
    certificate: enrolment.completedAt !== null && published.content.certificate,
    number: progress.next ? published.lessons.indexOf(progress.next) + 1 : 1,
    next: progress.next ? lessonPath(published, progress.next) : `/courses/${published.slug}`,
    columns: progress.steps.map(step => ({ minutes: step.lesson.minutes, blue: step.done })),
  }
}
