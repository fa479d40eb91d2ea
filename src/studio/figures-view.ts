import { questionsByLesson } from '../community/question'
import type { Course, Lesson } from '../courses/course'
import { revisionById, type Published } from '../courses/published'
import type { Question } from '../courses/question'
import { clock } from '../courses/transcript'
import { courseFigures, figuresOfLesson, type CourseFigures } from '../learning/lesson-figures'
import { openedBeforeDeals } from '../learning/opened-before-deals'
import { minAnswers, quizFigures, type QuestionFigures } from '../learning/question-figures'
import { charts } from '../web/charts/charts'
import type { TextLink, Texts } from '../web/texts'
import type { PublishedRevision } from './course-state'

/** One figure of a list; `note` says what to do about it. */
type Figure = { name: string; value: string; note?: string; link?: TextLink }

/** What is shown beside a lesson or a question: figures of the published version, and what they are based on. */
export type FiguresView = { title: string; basis: string; figures: Figure[]; empty: string | null }

/**
 * Returns what learners did in a lesson of the published version; null for a course without one.
 *
 * @param isOfAcademy whether the reader works for the academy: others get no figures of sales and read no questions.
 */
export async function lessonFiguresView(
  course: Course,
  lesson: Lesson,
  published: PublishedRevision | null,
  isOfAcademy: boolean,
  texts: Texts,
): Promise<FiguresView | null> {
  if (!published) return null
  const { t, number } = texts
  const title = t('studio:figures.lesson', { version: published.number })
  const revision = await revisionById(published._id)
  if (!revision?.lessons.some(({ slug }) => slug === lesson.slug)) {
    return { title, basis: '', figures: [], empty: t('studio:figures.newLesson') }
  }
  const [all, questions, deals] = await Promise.all([
    courseFigures(published._id),
    questionsByLesson(course._id),
    openedBeforeDeals(course._id),
  ])
  if (!all.learners) return { title, basis: '', figures: [], empty: t('studio:figures.noLearners') }
  const { opened, finished, stopped, seconds, stoppedAt } = figuresOfLesson(all, lesson.slug)
  const asked = questions.get(lesson.slug) ?? 0
  const figures: Figure[] = [
    { name: t('studio:figures.opened'), value: number(opened) },
    { name: t('studio:figures.finished'), value: number(finished) },
    {
      name: t('studio:figures.stopped'),
      value: number(stopped),
      note: stoppedAt === null ? undefined : t('studio:figures.stoppedAt', { time: clock(stoppedAt) }),
    },
    ...(seconds === null ? [] : [{ name: t('studio:figures.seconds'), value: clock(seconds) }]),
    {
      name: t('studio:figures.asked'),
      value: number(asked),
      ...(isOfAcademy &&
        asked && {
          link: { href: `/studio/questions?course=${course.slug}`, text: t('studio:figures.read') },
        }),
    },
    ...(isOfAcademy && deals.people
      ? [
          {
            name: t('studio:figures.beforeDeals'),
            value: t('studio:figures.ofBuyers', { count: deals.opened(lesson.slug), buyers: deals.people }),
          },
        ]
      : []),
  ]
  return { title, basis: basisOf(all, texts), figures, empty: null }
}

function basisOf({ learners, isSample }: CourseFigures, { t }: Texts): string {
  return t(isSample ? 'studio:figures.basisSample' : 'studio:figures.basis', { count: learners })
}

/** Returns how far the learners of the published version got, lesson by lesson; null before anyone has enrolled. */
export async function dropOffView(published: PublishedRevision | null, texts: Texts) {
  const { t, number, dir } = texts
  const revision = published && (await revisionById(published._id))
  const all = published && (await courseFigures(published._id))
  if (!revision || !all?.learners) return null
  const { learners } = all
  const rows = revision.lessons.map((lesson, n) => {
    const figures = figuresOfLesson(all, lesson.slug)
    return { ...figures, number: n + 1, title: lesson.title }
  })
  const most = rows.reduce((worst, row) => (row.stopped > worst.stopped ? row : worst))
  return {
    title: t('studio:figures.course', { version: revision.number }),
    sentence: most.stopped
      ? t('studio:figures.mostStop', { count: most.stopped, learners: number(learners), lesson: most.title })
      : t('studio:figures.nobodyStopped'),
    basis: basisOf(all, texts),
    chart: charts.dropOff({
      rows: rows.map(row => ({
        name: `${row.number}. ${row.title}`,
        counts: t('studio:figures.bar', { opened: number(row.opened), finished: number(row.finished) }),
        opened: row.opened / learners,
        finished: row.finished / learners,
      })),
      label: t('studio:figures.chart', { count: rows.length }),
      rtl: dir === 'rtl',
    }),
    rows: rows.map(row => ({
      title: row.title,
      opened: number(row.opened),
      finished: number(row.finished),
      stopped: number(row.stopped),
      seconds: row.seconds === null ? '' : clock(row.seconds),
    })),
  }
}

/** What the list and the form of a quiz show of the published version's questions. */
export type QuestionFiguresView = {
  /** The share of right answers, by question id, such as "71% right". */
  right: Map<string, string>
  /** The share that chose each answer, by its text; empty for an answer that the published version doesn't have. */
  chosen: Map<string, string>
  beside: FiguresView | null
}

/** Returns how learners answered the questions of a lesson in the published version, and the open one in detail. */
export async function questionFiguresView(
  lesson: Lesson,
  question: Question | undefined,
  published: PublishedRevision | null,
  texts: Texts,
): Promise<QuestionFiguresView> {
  const nothing = { right: new Map(), chosen: new Map(), beside: null }
  const revision = published && (await revisionById(published._id))
  const quiz = revision && (await quizFigures({ published: revision, lesson: lesson.slug }))
  if (!quiz) return nothing
  const { t } = texts
  const right = new Map(
    [...quiz.questions].flatMap(([id, figures]) =>
      figures.answered ? [[id, t('studio:figures.rightShare', { share: shareOf(figures) })] as const] : [],
    ),
  )
  if (!question) return { ...nothing, right }
  const figures = quiz.questions.get(question.id)
  const chosen = new Map(
    [...(figures?.answered ? figures.chosen : [])].map(([text, count]) => [
      text,
      t('studio:figures.percent', { share: Math.round((100 * count) / figures!.answered) }),
    ]),
  )
  return { right, chosen, beside: besideQuestion(revision, figures, quiz, texts) }
}

const shareOf = ({ right, answered }: QuestionFigures) => Math.round((100 * right) / answered)

function besideQuestion(
  revision: Published,
  figures: QuestionFigures | undefined,
  quiz: { attempts: number; isSample: boolean; seconds: number | null },
  { t, number }: Texts,
): FiguresView {
  const title = t('studio:figures.question')
  if (!figures) {
    return {
      title,
      basis: '',
      figures: [],
      empty: t('studio:figures.newQuestion', { version: revision.number }),
    }
  }
  if (!figures.answered) {
    return {
      title,
      basis: '',
      figures: [],
      empty: t('studio:figures.noAnswers', { version: revision.number }),
    }
  }
  const { answered, mistakes } = figures
  return {
    title,
    basis: t(quiz.isSample ? 'studio:figures.attemptsSample' : 'studio:figures.attempts', {
      count: quiz.attempts,
      version: revision.number,
    }),
    figures: [
      { name: t('studio:figures.answered'), value: number(answered) },
      { name: t('studio:figures.right'), value: t('studio:figures.percent', { share: shareOf(figures) }) },
      ...(quiz.seconds === null
        ? []
        : [{ name: t('studio:figures.quizSeconds'), value: clock(quiz.seconds) }]),
      discriminationOf(figures, { t, number }),
      ...mistakes.map(({ text, count }) => ({
        name: t('studio:figures.mistake', { text }),
        value: number(count),
      })),
    ],
    empty: null,
  }
}

/** From these values on, a question separates strong from weak learners well, or at all (Ebel, 1965). */
const wellFrom = 0.4
const somewhatFrom = 0.2

function discriminationOf(
  { discrimination, answered, right }: QuestionFigures,
  { t, number }: Pick<Texts, 't' | 'number'>,
): Figure {
  const name = t('studio:figures.separates')
  if (answered < minAnswers) {
    const note = t('studio:figures.tooFew', { count: answered, minimum: minAnswers })
    return { name, value: '', note }
  }
  if (discrimination === null) {
    const note = t(right === answered ? 'studio:figures.allRight' : 'studio:figures.noSpread')
    return { name, value: '', note }
  }
  const word =
    discrimination >= wellFrom
      ? 'well'
      : discrimination >= somewhatFrom
        ? 'somewhat'
        : discrimination >= 0
          ? 'barely'
          : 'reversed'
  return {
    name,
    value: t(`studio:figures.separation.${word}`, { value: number(Math.round(100 * discrimination) / 100) }),
    note: t(`studio:figures.separationNote.${word}`, { count: answered }),
  }
}
