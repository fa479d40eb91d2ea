import type { Published } from '../courses/published'
import { goalOf, pathDateOf } from '../learning/goal'
import { progressOf } from '../learning/progress'
import { notFound } from '../platform/errors'
import type { Handler } from '../web/handler'
import { lessonProgress } from '../web/charts/lesson-progress'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { courseStrip } from './course-card'
import { courseLanguage } from './course-language'
import { instructorView } from './courses'
import { finishDateLink } from './finish-dates'
import { learnerCourses, type LearnerCourse } from './learner-courses'
import { hasBegun, learningRow } from './learning-row'
import { pathCard, priceText } from './path-card'
import { pathSummaries, type PathSummary } from './stats'
import { textsOf, type Texts } from '../web/texts'

/** All learning paths. */
export const index: Handler = async (_request, response, person) => {
  const texts = textsOf(response)
  const { t } = texts
  const paths = await pathSummaries(response.locals.brand, person)
  response.render('academy/paths', {
    head: {
      title: t('academy:paths.title'),
      description: t('academy:paths.lede'),
      canonical: '/paths',
    },
    nav: 'paths',
    paths: paths.map(path => pathCard(texts, path)),
    empty: {
      title: t('academy:paths.none'),
      text: t('academy:paths.noneText'),
      link: { href: '/courses', text: t('academy:search.noneLink') },
    },
  })
}

/** A learning path with its courses in order; for learners, which of them they started and completed. */
export const show: Handler = async (request, response, person) => {
  const paths = await pathSummaries(response.locals.brand, person)
  const path = paths.find(each => each.slug === request.params.slug)
  if (!path) throw notFound()
  const { brand } = response.locals
  const learned = person ? await learnerCourses(brand, person) : []
  const [looks, goal] = await Promise.all([
    courseLooks(brand),
    person && brand.content.motivation ? goalOf(person._id) : null,
  ])
  const view = pathView(textsOf(response), path, learned, looks)
  const mayHaveDate = person && brand.content.motivation && view.next
  response.render('academy/path', {
    ...view,
    finishDate: mayHaveDate
      ? finishDateLink(textsOf(response), `/paths/${path.slug}`, pathDateOf(goal, path.slug))
      : null,
  })
}

function pathView(texts: Texts, path: PathSummary, learned: LearnerCourse[], looks: CourseLooks) {
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
      }
    }),
    outcomes: outcomesOf(path.courses),
    instructors: authors.map(({ name, role }) => instructorView(texts, name, role, path.courses)),
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
    scripts: ['/js/course.js'],
  }
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
  const byName = new Map<string, { name: string; role: string }>()
  for (const { content } of courses) {
    for (const author of content.authors) if (!byName.has(author.name)) byName.set(author.name, author)
  }
  return [...byName.values()]
}

/** The button to the first course that is not completed; null when all are. */
function nextAction(
  { t }: Texts,
  steps: { course: Published; learned: LearnerCourse | undefined }[],
): { href: string; text: string } | null {
  const index = steps.findIndex(({ learned }) => learned?.state !== 'completed')
  const next = steps[index]
  if (!next) return null
  return {
    href: `/courses/${next.course.slug}`,
    text:
      index === 0 && !(next.learned && hasBegun(next.learned.enrolment))
        ? t('academy:path.startFirst')
        : t('academy:path.continue', { title: next.course.content.title }),
  }
}
