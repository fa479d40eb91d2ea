import type { Request, Response } from 'express'
import { countQuestions, listQuestions, type LearnerQuestion } from '../community/question'
import { Courses, type Course } from '../courses/course'
import { People, type Person } from '../people/person'
import { parametersOf } from '../web/parameters'
import { addressOf } from './course-page'

const pageSize = 30

/** Of a course no more than what its questions name. */
const named = { slug: 1, 'draft.title': 1, 'draft.modules.lessons.slug': 1, 'draft.modules.lessons.title': 1 }

/** `GET /studio/questions`: what learners asked, newest first, of one course (`?course=slug`) or of all. */
export async function index(request: Request, response: Response): Promise<void> {
  const { course: slug, before } = parametersOf(request)
  const courses = await Courses.find({}, named).lean<Course[]>()
  const chosen = courses.find(course => course.slug === slug)
  const [{ questions, older }, count] = await Promise.all([
    listQuestions({ course: chosen?._id, before, size: pageSize }),
    countQuestions(chosen?._id),
  ])
  const askers = await askersOf(questions)
  const link = (more: Record<string, string>) =>
    `/studio/questions?${new URLSearchParams({ ...(chosen && { course: chosen.slug }), ...more })}`
  response.render('studio/questions', {
    layout: 'studio',
    nav: 'questions',
    head: { title: response.locals.t('studio:questions.title'), noindex: true },
    courses: courses.toSorted((a, b) => a.draft.title.localeCompare(b.draft.title, 'en')),
    chosen,
    count,
    rows: questions.flatMap(question => rowOf(question, courses, askers.get(String(question.person)))),
    letterTo: mailtoLink,
    pages: { newer: before ? link({}) : null, older: older ? link({ before: older }) : null },
  })
}

/** What a row shows; none of whoever had themselves erased a moment ago. A lesson that left the draft has no address. */
function rowOf({ data, at, ...question }: LearnerQuestion, courses: Course[], asker: Person | undefined) {
  const course = courses.find(({ _id }) => _id.equals(question.course!))
  if (!course || !asker) return []
  const lesson = course.draft.modules.flatMap(part => part.lessons).find(({ slug }) => slug === data.lesson)
  return {
    ...{ text: data.text, at, asker, course: course.draft.title },
    lesson: lesson?.title ?? data.title,
    address: lesson ? addressOf(course, lesson) : addressOf(course),
  }
}

async function askersOf(questions: LearnerQuestion[]): Promise<Map<string, Person>> {
  const ids = questions.map(({ person }) => person)
  const people = await People.find({ _id: { $in: ids }, erasedAt: null }, { name: 1, email: 1 }).lean<
    Person[]
  >()
  return new Map(people.map(person => [String(person._id), person]))
}

const longestSubject = 120

/** Opens a letter to whoever asked, in the reader's own mail program, with the question quoted as its subject. */
function mailtoLink(email: string, subject: (question: string) => string, text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const quoted = line.length > longestSubject ? `${line.slice(0, longestSubject - 1).trimEnd()}…` : line
  return `mailto:${encodeURIComponent(email).replace('%40', '@')}?subject=${encodeURIComponent(subject(quoted))}`
}
