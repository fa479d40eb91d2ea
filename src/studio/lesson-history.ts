import type { Request, Response } from 'express'
import { compareLines } from '../courses/compare'
import type { CourseContent, Lesson } from '../courses/course'
import { coursePermissions } from '../courses/course-role'
import { replacedFiles } from '../courses/lesson-files'
import { lessonNamed } from '../courses/outline'
import { restoreLesson, savedPoint, savedPointsOf } from '../courses/restore-lesson'
import { Revisions } from '../courses/revision'
import { isSameLesson } from '../courses/saved-point'
import { writeLesson } from '../courses/write-course'
import { audit } from '../events/audit'
import { People, type Person } from '../people/person'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { textsOf, type TextLink, type Texts } from '../web/texts'
import { courseOf, coursePage, draftLessonOf } from './course-page'
import { diffView } from '../web/diff-view'
import { urlOf } from './urls'

/** An earlier version of a lesson, as the list shows it. */
type Entry = { at: Date; href: string; text: string; note: string; isChosen: boolean }

/** What the lesson is compared with. */
type Chosen = {
  before: Lesson
  title: string
  replaced: string[]
  /** The page of the whole course as it was; null for a saved point. */
  revision: TextLink | null
  /** Where restoring it is posted; null for what can only be read. */
  restoreUrl: string | null
}

/**
 * `GET …/history`: the earlier versions of a lesson, and what has changed since one of them. `?version=` is a published
 * version, which is the newest by default, and `?saved=` the number of the draft of a saved point, or `last` for the
 * newest one that differs from the lesson.
 */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const lesson = draftLessonOf(response)
  const where = whereOf(response)
  const points = await savedPointsOf(where)
  const published = await publishedWith(response)
  const page = await coursePage(person, response, 'history')
  const wanted = String(request.query.saved ?? '')
  // A lesson without saved points is compared with what was published.
  const isNamed = wanted !== '' && wanted !== 'last'
  const isSaved = isNamed || (points.length > 0 && (wanted === 'last' || !published.length))
  const number = isNamed ? Number(wanted) : await lastDifferent(response, points)
  const version = Number(request.query.version)
  const revision = published.find(each => each.number === version) ?? published[0]
  const chosen = isSaved
    ? await savedComparison(response, number, page.canWrite)
    : revision
      ? versionComparison(response, revision)
      : null
  const pageUrl = `${urlOf(courseOf(response), lesson)}/history`
  const names = await namesOf(points.flatMap(({ changedBy }) => changedBy ?? []))
  const entries: Entry[] = [
    ...points.map(({ draftNumber, changedAt, changedBy }) => ({
      at: changedAt,
      href: `${pageUrl}?saved=${draftNumber}`,
      text: texts.t('studio:history.before', { date: texts.date(changedAt, 'full') }),
      note: changedNote(names.get(String(changedBy)), texts),
      isChosen: isSaved && draftNumber === number,
    })),
    ...published.map(({ number, publishedAt }) => ({
      at: publishedAt,
      href: `${pageUrl}?version=${number}`,
      text: texts.t('studio:revisions.number', { version: number }),
      note: texts.t('studio:history.published', { date: texts.date(publishedAt, 'full') }),
      isChosen: !isSaved && number === revision?.number,
    })),
  ].toSorted((a, b) => b.at.getTime() - a.at.getTime())
  response.render('studio/history', {
    ...page,
    heading: lesson.title,
    entries,
    comparison: chosen && {
      ...chosen,
      diff: diffView(compareLessonTexts(chosen.before, lesson)),
    },
  })
}

/** `POST …/history/:number/restoration`: makes the lesson what it was at a saved point; undone from the same page. */
export async function restoreSavedPoint(
  request: Request<{ number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const { t } = textsOf(response)
  const where = whereOf(response)
  const { course, undo } = await restoreLesson(where, draftNumberIn(request.params.number), {
    by: person._id,
    mayRestrict: coursePermissions(person, courseOf(response)).has('publish'),
  })
  const lessonUrl = urlOf(course, draftLessonOf(response))
  await audit({
    actor: person._id,
    action: 'lesson.restored',
    subject: course.slug,
    detail: { lesson: where.lesson },
  })
  setFlash(response, {
    kind: 'done',
    bold: t('studio:history.restored'),
    ...(undo !== null && {
      undo: { action: `${lessonUrl}/history/${undo}/restoration`, text: t('studio:quizEditor.undo') },
    }),
  })
  response.redirect(303, lessonUrl)
}

/** Compares two texts, and what the lessons say about themselves if that differs. */
function compareLessonTexts(before: Lesson, after: Lesson) {
  return isSameLesson({ ...before, body: after.body }, after)
    ? compareLines(before.body, after.body)
    : compareLines(writeLesson(before), writeLesson(after))
}

function draftNumberIn(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw notFound()
  return Number(text)
}

function whereOf(response: Response) {
  return { course: courseOf(response)._id, lesson: draftLessonOf(response).slug }
}

/** Returns the versions that have the lesson, the newest first. */
async function publishedWith(response: Response) {
  const { slug } = draftLessonOf(response)
  const revisions = await Revisions.find({ course: courseOf(response)._id }).sort({ number: -1 })
  return revisions.filter(({ content }) => lessonNamed(content, slug))
}

/** Returns the draft of the newest saved point that differs from the lesson, or else of the newest one. */
async function lastDifferent(response: Response, points: { draftNumber: number }[]): Promise<number> {
  for (const { draftNumber } of points) {
    const point = await savedPoint(whereOf(response), draftNumber)
    if (point && !isSameLesson(point.content, draftLessonOf(response))) return draftNumber
  }
  return points[0]?.draftNumber ?? 0
}

async function savedComparison(response: Response, draftNumber: number, canWrite: boolean): Promise<Chosen> {
  const { t, date } = textsOf(response)
  const point = Number.isSafeInteger(draftNumber) ? await savedPoint(whereOf(response), draftNumber) : null
  if (!point) throw notFound()
  const url = urlOf(courseOf(response), draftLessonOf(response))
  return {
    before: point.content,
    title: t('studio:history.sinceSaved', { date: date(point.changedAt, 'full') }),
    replaced: [],
    revision: null,
    restoreUrl: canWrite ? `${url}/history/${draftNumber}/restoration` : null,
  }
}

function versionComparison(
  response: Response,
  { number, content }: { number: number; content: CourseContent },
): Chosen {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const lesson = draftLessonOf(response)
  return {
    before: lessonNamed(content, lesson.slug)!,
    title: t('studio:history.sinceVersion', { version: number }),
    replaced: replacedFiles(content, course.draft, lesson).map(path =>
      t('studio:history.replaced', { path }),
    ),
    revision: {
      href: `${urlOf(course)}/revisions/${number}`,
      text: t('studio:history.viewVersion', { version: number }),
    },
    restoreUrl: null,
  }
}

async function namesOf(ids: Person['_id'][]): Promise<Map<string, string>> {
  const people = await People.find({ _id: { $in: ids } }, { name: 1 })
  return new Map(people.map(({ _id, name }) => [String(_id), name]))
}

const changedNote = (name: string | undefined, { t }: Texts) =>
  name ? t('studio:history.changedBy', { name }) : t('studio:history.changed')
