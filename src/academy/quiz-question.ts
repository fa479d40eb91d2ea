import type { Lesson } from '../courses/course'
import type { ShownQuestion } from '../courses/draw'
import { grade, type Answers } from '../courses/grade'
import { isGraded, type GradedLesson } from '../courses/kinds/kinds'
import { lessonPath } from '../courses/lesson-path'
import type { Published } from '../courses/published'
import type { Question } from '../courses/question'
import { questionField } from '../web/question-field'
import { questionImage } from '../web/question-image'
import type { TextLink, Texts } from '../web/texts'
import { questionResult } from './question-result'

type QuestionData = {
  /** The path of the lesson. */
  path: string
  lesson: GradedLesson
  published: Published
  /** How many questions the attempt has. */
  total: number
  answers: Answers
  /** The ids of the questions whose answers have been checked. */
  checked: ReadonlySet<string>
  /** Error messages by field name. */
  errors: Record<string, string>
}

/** Returns one question of a quiz: its controls, or the result once its answer has been checked. */
export function quizQuestion(texts: Texts, shown: ShownQuestion, at: number, data: QuestionData) {
  const { t } = texts
  const { question } = shown
  const { path, lesson, published, total, answers, checked, errors } = data
  const canCheck = lesson.showAnswers === 'each'
  const { points = 1 } = question
  return {
    ...questionField(t, shown, answers),
    id: question.id,
    legend: `${at + 1}. ${question.prompt}`,
    step: t('academy:quiz.step', { number: at + 1, total }),
    picture: questionImage(question, published.content.assets),
    points: points === 1 ? null : t('academy:quiz.points', { count: points }),
    error: errors[`q-${question.id}`] ?? null,
    check: canCheck && !checked.has(question.id) ? `${path}/check` : null,
    result: canCheck && checked.has(question.id) ? resultOf(texts, shown, data) : null,
  }
}

function resultOf({ t }: Texts, shown: ShownQuestion, { lesson, published, answers }: QuestionData) {
  const { question } = shown
  const graded = grade([question], answers, lesson.credit).results[0]!
  const { isCorrect } = graded
  return {
    ...questionResult(t, shown, graded, true),
    class: isCorrect ? 'is-pine' : 'is-brick',
    icon: isCorrect ? 'check-circle-fill' : 'x-circle-fill',
    text: t(isCorrect ? 'academy:practice.correct' : 'academy:practice.incorrect'),
    readAgain: isCorrect ? [] : lessonsAbout(published, lesson, question),
  }
}

/** The lessons of a module that a result points to, when nothing says which of them. */
const maxOfModule = 3

/**
 * Returns the lessons where a question can be read about again: the one that its author names, otherwise up to two
 * earlier lessons on its topics, otherwise those of the quiz's module, otherwise the lesson before the quiz.
 */
export function lessonsAbout(published: Published, quiz: Lesson, question: Question): TextLink[] {
  const { lessons } = published
  const named = lessons.find(({ slug }) => slug === question.lesson)
  const earlier = lessons
    .slice(
      0,
      lessons.findIndex(({ slug }) => slug === quiz.slug),
    )
    .filter(isReading)
  const topics = question.topics ?? quiz.topics
  const onTopic = earlier.filter(lesson => lesson.topics.some(topic => topics.includes(topic)))
  const module = published.content.modules.find(each => each.lessons.some(({ slug }) => slug === quiz.slug))
  const inModule = earlier.filter(({ slug }) => module?.lessons.some(lesson => lesson.slug === slug))
  const onSubject = onTopic.length ? onTopic.slice(-2) : inModule.slice(-maxOfModule)
  const found = named ? [named] : onSubject.length ? onSubject : earlier.slice(-1)
  return found.map(lesson => ({ href: lessonPath(published, lesson), text: lesson.title }))
}

const isReading = (lesson: Lesson) => !isGraded(lesson)
