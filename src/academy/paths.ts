import type { Response } from 'express'
import type { Author } from '../courses/course'
import type { Published } from '../courses/published'
import { goalOf, pathDateOf } from '../learning/goal'
import { progressOf } from '../learning/progress'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import type { Handler } from '../web/handler'
import { lessonProgress } from '../web/charts/lesson-progress'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { anonymousPage } from './anonymous-page'
import { courseStrip } from './course-card'
import { courseLanguage } from './course-language'
import { instructorView, lessonRow, posterOf, previewLink, previewVideo, previewVideoView } from './courses'
import { finishDateLink } from './finish-dates'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { hasBegun, learningRow } from './learning-row'
import { outlineOf } from './outline'
import { pathCard, pathCovers, priceText } from './path-card'
import { pathSummaries, type PathSummary } from './stats'
import { textsOf, type Texts } from '../web/texts'

/** All learning paths. */
export const index: Handler = async (request, response) => {
  await anonymousPage(request, response, 'academy/paths', () => pathsPage(response))
}

async function pathsPage(response: Response) {
  const texts = textsOf(response)
  const { t } = texts
  const { brand, person } = response.locals
  const [paths, looks] = await Promise.all([pathSummaries(brand, person), courseLooks(brand)])
  return {
    head: {
      title: t('academy:paths.title'),
      description: t('academy:paths.lede'),
      canonical: '/paths',
    },
    nav: 'paths',
    paths: paths.map(path => ({ ...pathCard(texts, path), covers: pathCovers(texts, path, looks) })),
    empty: {
      title: t('academy:paths.none'),
      text: t('academy:paths.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
  }
}

/** A learning path with its courses in order; for learners, which of them they started and completed. */
export const show: Handler = async (request, response, person) => {
  const paths = await pathSummaries(response.locals.brand, person)
  const path = paths.find(each => each.slug === request.params.slug)
  if (!path) throw notFound()
  await anonymousPage(request, response, 'academy/path', () => pathPage(response, path, person))
}

async function pathPage(response: Response, path: PathSummary, person: Person | null) {
  const { brand } = response.locals
  const learned = person ? await learnerCourses(brand, person) : []
  const [looks, goal] = await Promise.all([
    courseLooks(brand),
    person && brand.content.motivation ? goalOf(person._id) : null,
  ])
  const view = pathView(textsOf(response), path, learned, looks, person !== null)
  const mayHaveDate = person && brand.content.motivation && view.next
  const start = await previewOf(textsOf(response), path, learned)
  return {
    ...view,
    ...start,
    head: { ...view.head, picture: posterOf(start.video?.part) },
    finishDate: mayHaveDate
      ? finishDateLink(textsOf(response), `/paths/${path.slug}`, pathDateOf(goal, path.slug))
      : null,
  }
}

function pathView(
  texts: Texts,
  path: PathSummary,
  learned: LearnerCourse[],
  looks: CourseLooks,
  isSignedIn: boolean,
) {
  const { t, minutes, within, dir } = texts
  const steps = path.courses.map(course => ({
    course,
    learned: learned.find(({ published }) => published.course.equals(course.course)),
  }))
  const isCompleted = (step: (typeof steps)[number]) => step.learned?.state === 'completed'
  const done = steps.filter(isCompleted).length
  const authors = authorsOf(path.courses)
  const certificates = path.courses.filter(({ content }) => content.certificate).length
  return {
    head: {
      title: path.title,
      description: path.summary,
      canonical: `/paths/${path.slug}`,
    },
    nav: 'paths',
    title: path.title,
    summary: path.summary,
    audience: path.audience && t('academy:course.for', { audience: within(path.audience) }),
    count: t('academy:path.courses', { count: path.courses.length }),
    length: minutes(path.minutes),
    price: priceText(texts, path.prices),
    progress: lessonProgress({
      lessons: steps.flatMap(step =>
        step.learned && step.learned.state !== 'closed'
          ? step.learned.progress.steps.map(each => ({ state: each.done ? 'done' : 'todo' }) as const)
          : step.course.lessons.map(() => ({ state: 'todo' }) as const),
      ),
      begun: steps.some(step => step.learned),
      label: t('academy:paths.lessons', { count: path.lessons }),
      rtl: dir === 'rtl',
    }),
    done: steps.some(step => step.learned)
      ? t('academy:path.done', { done, count: path.courses.length })
      : null,
    next: nextAction(texts, steps),
    courses: steps.map(({ course, learned }, n) => {
      const row = learningRow(texts, course, learned, looks(course.slug))
      const plain = { published: course, progress: { ...progressOf(course.lessons, null), next: undefined } }
      return {
        ...row,
        // Also what nobody has begun has a column for each lesson, by module.
        strip: row.strip ?? courseStrip(texts, plain),
        number: n + 1,
        summary: course.content.summary,
        outlineMeta: [
          t('academy:facts.lessons', { count: course.lessons.length }),
          minutes(course.minutes),
        ].join(', '),
        lessons: outlineRows(texts, { course, learned }, isSignedIn),
      }
    }),
    outcomes: outcomesOf(path.courses),
    instructors: authors.map(author => instructorView(texts, author, path.courses)),
    included: [
      { icon: 'clock', text: t('academy:path.includesTime', { time: minutes(path.minutes) }) },
      { icon: 'list-checks', text: t('academy:paths.lessons', { count: path.lessons }) },
      ...(certificates
        ? [{ icon: 'seal-check', text: t('academy:path.includesCertificates', { count: certificates }) }]
        : []),
    ],
    onThisPage: [
      ...(path.courses.some(({ content }) => content.outcomes.length)
        ? [{ id: 'outcomes', text: t('academy:path.outcomes') }]
        : []),
      { id: 'path-courses', text: t('academy:path.order') },
      ...(authors.length
        ? [{ id: 'instructors', text: t('academy:course.instructorsLink', { count: authors.length }) }]
        : []),
    ],
  }
}

type Step = { course: Published; learned: LearnerCourse | undefined }

/** The lessons of a course, with links to those that the reader may open. */
function outlineRows(texts: Texts, { course, learned }: Step, isSignedIn: boolean) {
  const hasAccess = learned !== undefined && learned.state !== 'closed'
  const published = learned?.published ?? course
  // The page of a lesson for buyers says how to open it; nobody's payments are read for a list.
  const visitor = { isSignedIn, hasAccess, hasPaid: hasAccess }
  const outline = outlineOf({ published, enrolment: learned?.enrolment ?? null, ...visitor })
  return outline.flatMap(({ rows }) => rows.map(row => lessonRow(texts, row, hasAccess)))
}

/** What strangers and beginners can try at once: the first free lesson, and the first video of one. */
async function previewOf(texts: Texts, path: PathSummary, learned: readonly LearnerCourse[]) {
  const isBegun = path.courses.some(({ course }) =>
    learned.some(each => each.published.course.equals(course)),
  )
  const scripts = ['/js/course.js']
  if (isBegun) return { preview: null, video: null, scripts }
  const course = path.courses.find(({ lessons }) => lessons.some(({ preview }) => preview))
  const lesson = course?.lessons.find(({ preview }) => preview)
  const preview = course && lesson ? previewLink(texts.t, course, lesson) : null
  for (const each of path.courses) {
    const video = await previewVideo(each)
    if (video)
      return { preview, video: previewVideoView(texts, each, video), scripts: [...scripts, '/js/media.js'] }
  }
  return { preview, video: null, scripts }
}

/** The most that a path says its learners can do after it. */
const maxOutcomes = 10

/** What learners can do after a path: of each course its first outcomes, in turn, so that every course has its say. */
function outcomesOf(courses: readonly Published[]) {
  const longest = Math.max(0, ...courses.map(({ content }) => content.outcomes.length))
  const inTurn = Array.from({ length: longest }, (_, n) =>
    courses.flatMap(course => {
      const text = course.content.outcomes[n]
      return text ? [{ text, language: courseLanguage(course) }] : []
    }),
  ).flat()
  return inTurn.slice(0, maxOutcomes)
}

/** The authors of the courses, each once, in their order. */
function authorsOf(courses: readonly Published[]) {
  const byName = new Map<string, Author>()
  for (const { content } of courses) {
    for (const author of content.authors) if (!byName.has(author.name)) byName.set(author.name, author)
  }
  return [...byName.values()]
}

/** The button to a course that was begun, or else to the first one that isn't completed; null when all are. */
function nextAction({ t }: Texts, steps: readonly Step[]): { href: string; text: string } | null {
  const left = steps.filter(({ learned }) => learned?.state !== 'completed')
  const begun = left.find(({ learned }) => learned?.state === 'open' && hasBegun(learned.enrolment))
  const next = begun ?? left[0]
  if (!next) return null
  const isNew = !begun && left.length === steps.length
  return {
    href: `/courses/${next.course.slug}`,
    text: isNew
      ? t('academy:path.startFirst')
      : t('academy:path.continue', { title: next.course.content.title }),
  }
}
