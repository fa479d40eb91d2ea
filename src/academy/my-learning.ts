import { revisionById, type Published } from '../courses/published'
import { shownLessonsOf } from '../courses/shown-courses'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import type { Progress } from '../learning/progress'
import type { MemberHandler } from '../web/handler'
import { courseLooks, type CourseLook, type CourseLooks } from '../web/course-palette'
import { askedQuestion } from './asked-question'
import { courseCover } from './course-card'
import { pathFacts } from './path-card'
import { pathSummaries, type PathSummary } from './stats'
import { courseProgress, progressSummary } from './outline'
import { keepsCourse } from './keeps-course'
import { lessonPath } from '../courses/lesson-path'
import { isAskedAgain } from '../web/consent-texts'
import { textsOf, type Texts } from '../web/texts'

/** "My learning": courses to continue, completed courses, and the suggested path, as far as the brand has them. */
export const index: MemberHandler = async (request, response, person) => {
  const { _id, needsAssessment } = person
  const { brand } = response.locals
  const enrolments = await Enrolments.find({ person: _id }).sort({ lastActivityAt: -1 }).limit(100)
  const read = await Promise.all(
    enrolments.map(async enrolment => {
      const revision = await revisionById(enrolment.revision)
      const published = revision && (await shownLessonsOf(person, revision))
      return { enrolment, published, isKept: published && (await keepsCourse(brand, person, published)) }
    }),
  )
  const courses = read.filter(({ isKept }) => isKept)
  const suggested = needsAssessment?.path
    ? (await pathSummaries(brand, person)).find(path => path.slug === needsAssessment.path)
    : undefined
  const looks = await courseLooks(response.locals.brand)
  response.render('academy/my-learning', {
    ...learningView(textsOf(response), { courses, suggested, looks }),
    isAskedAgain: await isAskedAgain(response, person),
    question: await askedQuestion(person, enrolments, textsOf(response)),
  })
}

type LearningData = {
  courses: { enrolment: Enrolment; published: Published | undefined }[]
  /** The path that the learner's needs assessment led to. */
  suggested: PathSummary | undefined
  looks: CourseLooks
}

function learningView(texts: Texts, { courses, suggested, looks }: LearningData) {
  const { t } = texts
  const rows = courses.flatMap(({ enrolment, published }) =>
    published ? [learningRow(texts, enrolment, published, looks(published.slug))] : [],
  )
  const open = rows.filter(row => row.isOpen)
  const finished = rows.filter(row => !row.isOpen)
  const path = suggested && {
    href: `/paths/${suggested.slug}`,
    title: suggested.title,
    meta: pathFacts(texts, suggested),
  }
  return {
    head: { title: t('academy:learning.title'), noindex: true },
    lede: t('academy:learning.lede', {
      open: t('academy:learning.inProgressCount', { count: open.length }),
      finished: t('academy:learning.completedCount', { count: finished.length }),
    }),
    empty: rows.length
      ? null
      : {
          title: t('academy:learning.none'),
          text: t('academy:learning.noneText'),
          link: path
            ? { href: path.href, text: t('academy:learning.proposed', { path: path.title }) }
            : { href: '/courses', text: t('academy:search.noneLink') },
        },
    sections: [
      { id: 'continue', title: t('academy:learning.continueTitle'), rows: withMainButton(open) },
      { id: 'completed', title: t('academy:learning.completed'), rows: finished },
    ].filter(section => section.rows.length > 0),
    suggestedPath: rows.length && path ? path : null,
  }
}

function learningRow(texts: Texts, enrolment: Enrolment, published: Published, look: CourseLook) {
  const { t, date } = texts
  const hasAccess = enrolment.revokedAt === null
  const { progress, chart } = courseProgress(texts, { published, enrolment, hasAccess })
  const { title, certificate } = published.content
  const isOpen = enrolment.completedAt === null && hasAccess
  const isDone = (slug: string) => progress.steps.some(step => step.lesson.slug === slug && step.done)
  const meta = () => {
    if (!hasAccess) return t('academy:learning.closed')
    if (enrolment.completedAt) return t('academy:learning.completedOn', { day: date(enrolment.completedAt) })
    return openMeta(texts, progress)
  }
  const certificateLink =
    enrolment.completedAt && certificate
      ? { href: `/courses/${published.slug}/certificate`, text: t('academy:learning.certificate') }
      : null
  return {
    isOpen,
    href: `/courses/${published.slug}`,
    title,
    cover: courseCover(texts, published, look, lesson => isDone(lesson.slug)),
    progress: chart,
    meta: meta(),
    action: isOpen
      ? continueAction(texts, published, progress)
      : certificateLink && { ...certificateLink, label: null },
    isMain: false,
  }
}

function openMeta(texts: Texts, progress: Progress): string {
  const summary = progressSummary(texts, progress)
  return progress.next
    ? `${summary} · ${texts.t('academy:learning.next', { title: progress.next.title })}`
    : summary
}

/** `label` names the course for screen readers, since the visible text is the same for every course. */
function continueAction({ t }: Texts, published: Published, { next, done }: Progress) {
  const number = next ? published.lessons.indexOf(next) + 1 : 1
  const course = published.content.title
  return {
    href: next ? lessonPath(published, next) : `/courses/${published.slug}`,
    text: t(done ? 'academy:learning.continue' : 'academy:learning.start', { number }),
    label: t(done ? 'academy:learning.continueLabel' : 'academy:learning.startLabel', { number, course }),
  }
}

/** Only the first row, the course opened last, has a main button. */
function withMainButton<T extends { isMain: boolean }>(rows: T[]): T[] {
  return rows.map((row, n) => ({ ...row, isMain: n === 0 }))
}
