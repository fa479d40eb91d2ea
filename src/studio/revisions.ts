import type { Request, Response } from 'express'
import { compareLessons, isRestChanged, type Difference } from '../courses/compare'
import { lessonsOf } from '../courses/content'
import type { Course, CourseContent } from '../courses/course'
import { ReplacedDrafts } from '../courses/replace-draft'
import { Revisions, type Revision } from '../courses/revision'
import { notFound } from '../platform/errors'
import { countLearners } from '../learning/count-learners'
import { People, type Person } from '../people/person'
import { courseOf, coursePage } from './course-page'
import { textsOf, type Texts } from '../web/texts'
import { restoreContent } from './restore-content'
import { urlOf } from './urls'

/**
 * `GET /studio/courses/:slug/revisions`: every version, with its publisher and its number of learners, and the drafts
 * that were replaced.
 */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const { t, number, date } = textsOf(response)
  const course = courseOf(response)
  const revisions = await Revisions.find({ course: course._id }, { content: 0 }).sort({ number: -1 })
  const names = await publisherNames(revisions)
  const listed = { draftNumber: 1, replacedAt: 1, 'content.title': 1 } as const
  const replaced = await ReplacedDrafts.find({ course: course._id }, listed).sort({ draftNumber: -1 })
  const { byRevision, all } = await countLearners([course._id])
  response.render('studio/revisions', {
    ...(await coursePage(person, response, 'revisions')),
    sentence: t('studio:revisions.sentence', { count: all }),
    rows: revisions.map(revision => ({
      href: `${urlOf(course)}/revisions/${revision.number}`,
      title: t('studio:revisions.number', { version: revision.number }),
      isForNewLearners: course.published?.equals(revision._id) ?? false,
      publishedAt: date(revision.publishedAt, 'full'),
      publisher: names.get(String(revision.publishedBy)) ?? t('studio:revisions.system'),
      learners: number(byRevision.get(String(revision._id)) ?? 0),
    })),
    replacedDrafts: replaced.map(({ draftNumber, replacedAt, content }) => ({
      href: `${urlOf(course)}/replaced-drafts/${draftNumber}`,
      title: content.title,
      replacedAt: date(replacedAt, 'full'),
    })),
  })
}

/** `GET …/revisions/:number`: what the version changed, and what has changed in the draft since. */
export async function show(
  request: Request<{ number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const texts = textsOf(response)
  const { t, date } = texts
  const course = courseOf(response)
  const revision = await revisionOf(request, response)
  const { number, content } = revision
  const previous = await Revisions.findOne({ course: course._id, number: number - 1 })
  const page = await coursePage(person, response, 'revisions')
  const sinceThen = differencesView(content, course.draft, texts, changed =>
    historyUrl(course, changed.slug, number),
  )
  response.render('studio/revision', {
    ...page,
    heading: t('studio:revisions.number', { version: number }),
    sentence: t('studio:revision.sentence', {
      date: date(revision.publishedAt, 'full'),
      count: lessonsOf(content).length,
    }),
    inVersion: previous ? differencesView(previous.content, content, texts) : [],
    inVersionNone: t(previous ? 'studio:revision.nothing' : 'studio:revision.first'),
    sinceThen,
    restoration:
      sinceThen.length && page.canWrite
        ? {
            url: `${urlOf(course)}/revisions/${number}/restoration`,
            text: t('studio:revision.restore', { version: number }),
          }
        : null,
  })
}

/**
 * `POST …/revisions/:number/restoration`: replaces the draft with the version, without publishing it. A draft that was
 * not published is kept.
 */
export async function restore(
  request: Request<{ number: string }>,
  response: Response,
  person: Person,
): Promise<void> {
  const { content, number } = await revisionOf(request, response)
  const message = textsOf(response).t('studio:flash.restored', { number })
  await restoreContent(response, person, { content, detail: { number }, message })
}

async function revisionOf(request: Request<{ number: string }>, response: Response): Promise<Revision> {
  const number = Number(request.params.number)
  const revision = await Revisions.findOne({ course: courseOf(response)._id, number })
  if (!revision) throw notFound()
  return revision
}

async function publisherNames(revisions: Pick<Revision, 'publishedBy'>[]): Promise<Map<string, string>> {
  const publishers = revisions.flatMap(({ publishedBy }) => publishedBy ?? [])
  const people = await People.find({ _id: { $in: publishers } }, { name: 1 })
  return new Map(people.map(person => [String(person._id), person.name]))
}

const tagColours: Record<Difference['change'], string> = {
  added: 'tag-pine',
  changed: 'tag-blue',
  removed: 'tag-brick',
}

type DifferenceItem = { tag: { colour: string; text: string } | null; text: string; href: string | null }

/** Returns the lessons that differ, then a sentence if anything else does. `hrefOf` links the changed lessons. */
export function differencesView(
  before: CourseContent,
  after: CourseContent,
  { t }: Texts,
  hrefOf?: (changed: Difference) => string,
): DifferenceItem[] {
  const lessons = compareLessons(before, after).map(difference => ({
    tag: { colour: tagColours[difference.change], text: t(`studio:changes.${difference.change}`) },
    text: difference.title,
    href: (difference.change === 'changed' && hrefOf?.(difference)) || null,
  }))
  if (!isRestChanged(before, after)) return lessons
  return [...lessons, { tag: null, text: t('studio:revision.settingsChanged'), href: null }]
}

function historyUrl(course: Course, lesson: string, number: number): string {
  return `${urlOf(course, lesson)}/history?version=${number}`
}
