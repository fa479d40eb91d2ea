import { publishedCourses } from '../courses/published'
import { kindNames } from '../courses/kinds/kinds'
import { profileQuestions } from '../people/profile-question'
import type { TaughtCourse } from '../scoring/check-model'
import type { ModelContent } from '../scoring/model-content'
import { days, later, now } from '../platform/clock'
import { LiveSessions } from '../sessions/live-session'
import { NeedsAssessments } from '../signals/needs-content'
import type { Texts } from '../web/texts'

type Choice = { value: string; text: string }

/** What a rule can be about: courses, lessons and topics that are taught, and questions that are asked. */
export type ScoringWorld = {
  courses: TaughtCourse[]
  topics: Choice[]
  kinds: Choice[]
  /** The academy's questions about learners that sales sees the answers to. */
  questions: Choice[]
  /** `question/answer` of every brand's needs assessment. */
  needs: Choice[]
  /** Live sessions of as long as activity is kept, and those to come; the latest first. */
  sessions: Choice[]
}

const maxSessions = 200

export async function readScoringWorld(texts: Texts): Promise<ScoringWorld> {
  const { t, lists, listName, date } = texts
  const [published, questions, assessments, sessions] = await Promise.all([
    publishedCourses(),
    profileQuestions(),
    NeedsAssessments.published(),
    LiveSessions.find({ startsAt: { $gte: later(now(), -days(396)) } }, { title: 1, startsAt: 1 })
      .sort({ startsAt: -1, _id: -1 })
      .limit(maxSessions),
  ])
  const needs = new Map<string, string>()
  for (const { content } of assessments) {
    for (const question of content.questions) {
      for (const answer of question.answers) {
        needs.set(
          `${question.id}/${answer.id}`,
          t('admin:scoring.needAnswer', { question: question.text, answer: answer.text }),
        )
      }
    }
  }
  return {
    courses: published.map(({ course, content, lessons }) => ({
      id: String(course),
      title: content.title,
      topics: [...new Set(lessons.flatMap(({ topics }) => topics))],
      lessons: lessons.map(({ slug, title, kind, topics }) => ({ slug, title, kind, topics })),
    })),
    topics: lists.topics.map(({ id }) => ({ value: id, text: listName('topics', id) })),
    kinds: kindNames.map(value => ({ value, text: t(`academy:kinds.${value}`) })),
    questions: questions
      .filter(({ forSales }) => forSales)
      .map(({ _id, label }) => ({ value: String(_id), text: label })),
    needs: [...needs].map(([value, text]) => ({ value, text })),
    sessions: sessions.map(({ _id, title, startsAt }) => ({
      value: String(_id),
      text: t('admin:scoring.sessionOn', { title, when: date(startsAt) }),
    })),
  }
}

/** Returns the choices together with those that a model has and that are gone, so that saving doesn't lose them. */
export function withGone(choices: readonly Choice[], chosen: readonly string[] = []): Choice[] {
  const known = new Set(choices.map(({ value }) => value))
  return [...choices, ...chosen.filter(value => !known.has(value)).map(value => ({ value, text: value }))]
}

/** Every lesson by `course/slug`, named after both. */
export function lessonChoices({ courses }: Pick<ScoringWorld, 'courses'>): Choice[] {
  return courses.flatMap(({ id, title, lessons }) =>
    lessons.map(lesson => ({ value: `${id}/${lesson.slug}`, text: `${title}: ${lesson.title}` })),
  )
}

/** What the rules of a model name, for choices that must not be lost. */
export function namedIn(
  { rules }: ModelContent,
  item: string,
): NonNullable<ModelContent['rules'][number]['only']> {
  return rules.find(({ id }) => id === item)?.only ?? {}
}
