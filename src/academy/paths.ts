import type { Published } from '../courses/published'
import { notFound } from '../platform/errors'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import type { Handler } from '../web/handler'
import { lessonProgress } from '../web/charts/lesson-progress'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { courseCard } from './course-card'
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
  const enrolments = person ? await Enrolments.find({ person: person._id }) : []
  response.render(
    'academy/path',
    pathView(textsOf(response), path, enrolments, await courseLooks(response.locals.brand)),
  )
}

type Step = { course: Published; isStarted: boolean; isCompleted: boolean }

function pathView(texts: Texts, path: PathSummary, enrolments: Enrolment[], looks: CourseLooks) {
  const { t, minutes, within, dir } = texts
  const steps = path.courses.map((course): Step => {
    const enrolment = enrolments.find(each => each.course.equals(course.course))
    return { course, isStarted: enrolment !== undefined, isCompleted: enrolment?.completedAt instanceof Date }
  })
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
      lessons: steps.flatMap(({ course, isCompleted }) =>
        course.lessons.map(() => ({ state: isCompleted ? 'done' : 'todo' })),
      ),
      begun: steps.some(step => step.isStarted),
      label: t('academy:paths.lessons', { count: path.lessons }),
      rtl: dir === 'rtl',
    }),
    next: nextAction(texts, steps),
    courses: steps.map(({ course, isStarted, isCompleted }, n) => ({
      ...courseCard(texts, course, looks(course.slug), () => isCompleted),
      title: `${n + 1}. ${course.content.title}`,
      tag: tagOf(texts, isStarted, isCompleted),
    })),
  }
}

/** The button to the first course that is not completed; null when all are. */
function nextAction({ t }: Texts, steps: Step[]): { href: string; text: string } | null {
  const index = steps.findIndex(step => !step.isCompleted)
  const next = steps[index]
  if (!next) return null
  return {
    href: `/courses/${next.course.slug}`,
    text:
      index === 0 && !next.isStarted
        ? t('academy:path.startFirst')
        : t('academy:path.continue', { title: next.course.content.title }),
  }
}

function tagOf({ t }: Texts, isStarted: boolean, isCompleted: boolean) {
  if (isCompleted) return { class: 'tag-pine', text: t('academy:course.tagDone') }
  return isStarted ? { class: 'tag-blue', text: t('academy:path.inProgress') } : null
}
