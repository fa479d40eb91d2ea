import { enrol } from '../../src/learning/enrol'
import { completeLesson } from '../../src/learning/complete-lesson'
import { enrolmentId, readEnrolment, type Enrolment } from '../../src/learning/enrolment'
import { openLesson } from '../../src/learning/open-lesson'
import { submitAttempt } from '../../src/learning/submit-attempt'
import { watchLesson } from '../../src/learning/watch-lesson'
import type { Lesson } from '../../src/courses/course'
import { isGraded, type GradedLesson } from '../../src/courses/kinds/kinds'
import { publishedCourse, type Published } from '../../src/courses/published'
import { stepsOf } from '../../src/courses/steps'
import { lessonPage } from '../../src/courses/lesson-page'
import { rightAnswer, type Answer } from '../../src/courses/grade'
import { hasChoices, type Question } from '../../src/courses/question'
import type { Person } from '../../src/people/person'
import { hours, later, minutes, seconds } from '../../src/platform/clock'
import { mapKey } from '../../src/platform/record'
import { reviewCourse } from './reviews-past'
import type { Random } from './random'
import { wait, type Schedule } from './schedule'

/** How one learner takes one course. */
export type CoursePlan = {
  slug: string
  /** How many lessons the course has. */
  lessonCount: number
  from: Date
  /** The share of the lessons that the learner takes, from 0 to 1. */
  share: number
  /** The probability of a correct quiz answer on the first attempt, from 0 to 1. */
  accuracy: number
  /** Returns the learner, who signs up only while the schedule runs. */
  learner: () => Person
  random: Random
}

/**
 * Schedules an enrolment and the lessons after it, several on some days.
 *
 * @returns when the last lesson ends
 */
export function takeCourse(schedule: Schedule, plan: CoursePlan): Date {
  const { slug, lessonCount, from, share, accuracy, learner, random } = plan
  const lessons = Math.round(lessonCount * share)
  schedule.add(from, async () =>
    enrol({ person: learner()._id, published: await requireCourse(slug), paid: false }),
  )
  let moment = later(from, minutes(2))
  for (let n = 0; n < lessons; n++) {
    schedule.add(moment, () => takeLesson(learner(), slug, n, accuracy, random))
    moment = later(moment, random() < 0.65 ? minutes(8 + 25 * random()) : hours(14 + 30 * random()))
  }
  if (share === 1) schedule.add(later(moment, hours(2)), () => reviewCourse(learner(), slug))
  return moment
}

/** Opens lesson `n`, reads or plays it and finishes it. Quiz answers are correct with probability `accuracy`. */
export async function takeLesson(
  person: Person,
  slug: string,
  n: number,
  accuracy: number,
  random: Random,
): Promise<void> {
  const published = await requireCourse(slug)
  const lesson = published.lessons[n]
  if (!lesson) return
  const read = async () => (await readEnrolment(enrolmentId(person._id, published.course)))!
  const enrolment = await openLesson(await read(), lesson)
  if (isGraded(lesson)) await takeQuiz(published, lesson, read, accuracy, random)
  else await completeLesson(await spendTime(enrolment, lesson, random), lesson)
}

/** Submits attempts, each a little better than the one before, until one passes or none is left. */
async function takeQuiz(
  published: Published,
  lesson: GradedLesson,
  read: () => Promise<Readonly<Enrolment>>,
  accuracy: number,
  random: Random,
): Promise<void> {
  const { questions } = lessonPage(published, lesson.slug)
  for (let number = 1; number <= (lesson.attempts ?? 3); number++) {
    wait(minutes(6))
    const probability = Math.min(1, accuracy + 0.2 * (number - 1))
    const answers = Object.fromEntries(
      questions.map(question => [
        question.id,
        random() < probability ? rightAnswer(question) : wrongAnswer(question),
      ]),
    )
    const enrolment = await read()
    const attempt = await submitAttempt({
      enrolment,
      lesson,
      questions,
      number,
      answers,
      durationSeconds: 300,
    })
    if (attempt.passed) return
  }
}

/** Returns a wrong answer: one wrong choice, other words, or the right parts in the opposite order. */
function wrongAnswer(question: Question): Answer {
  if (hasChoices(question)) return [question.choices.findIndex(choice => !choice.isCorrect)]
  const right = rightAnswer(question)
  if (question.kind === 'match' || question.kind === 'order') return right.toReversed()
  return right.map(() => '0')
}

/**
 * Sends the heartbeats that the lesson page would send. A recording is played from beginning to end; most texts are
 * read long enough to count in full (scoring/README.md). Reading longer would change nothing.
 */
async function spendTime(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  random: Random,
): Promise<Readonly<Enrolment>> {
  let current = enrolment
  if (lesson.mediaSeconds) {
    for (let at = 0; at < lesson.mediaSeconds; at += 30) {
      wait(seconds(30))
      const to = Math.min(at + 30, lesson.mediaSeconds)
      current = await watchLesson(current, lesson, { ranges: [[at, to]], position: to, rate: 1, seconds: 0 })
    }
    return current
  }
  if (lesson.kind === 'tour') return clickThrough(enrolment, lesson, random)
  const heartbeats = Math.max(1, Math.round(lesson.minutes * (0.3 + 0.7 * random())))
  for (let n = 0; n < Math.min(heartbeats, Math.ceil(0.55 * lesson.minutes)); n++) {
    wait(seconds(60))
    current = await watchLesson(current, lesson, { ranges: [], position: null, rate: 1, seconds: 55 })
  }
  return current
}

/** Looks at each step of a tour for half a minute to a minute and a half. */
async function clickThrough(
  enrolment: Readonly<Enrolment>,
  lesson: Lesson,
  random: Random,
): Promise<Readonly<Enrolment>> {
  let current = enrolment
  for (const { id } of stepsOf(lesson.body)) {
    const looked = 30 + Math.round(60 * random())
    wait(seconds(looked))
    const page = { sinceShown: looked, counted: current.lessons[mapKey(lesson.slug)]?.seconds ?? 0 }
    const heartbeat = {
      ranges: [],
      position: null,
      rate: 1,
      seconds: 0,
      steps: [[id, looked]] as const,
      page,
    }
    current = await watchLesson(current, lesson, heartbeat)
  }
  return current
}

/**
 * Returns the published course.
 *
 * @throws Error when the demo has no such course
 */
export async function requireCourse(slug: string): Promise<Published> {
  const published = await publishedCourse(slug)
  if (!published) throw new Error(`The demo needs the course ${slug}`)
  return published
}
