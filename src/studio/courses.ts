import type { Request, Response } from 'express'
import { z } from 'zod'
import { Courses, type Course } from '../courses/course'
import { newCourse } from '../courses/new-course'
import { countLearners } from '../learning/count-learners'
import { emptyForm, lineField, readForm, refuseForm } from '../web/form'
import { writers } from '../web/guard'
import { addressOf, coursePage } from './course-page'

/** What the list shows, without the texts of the lessons. */
const listed = {
  ...{ slug: 1, published: 1, revisions: 1, changedAt: 1 },
  ...{ 'draft.title': 1, 'draft.summary': 1, 'draft.modules.lessons.slug': 1 },
}

/** `GET /studio`: every course, the last changed first. */
export async function index(request: Request, response: Response): Promise<void> {
  const courses = await Courses.find({}, listed).sort({ changedAt: -1 }).lean<Course[]>()
  const learners = await countLearners(courses.map(course => course._id))
  const published = courses.filter(course => course.published).length
  response.render('studio/courses', {
    layout: 'studio',
    nav: 'studio',
    head: { title: response.locals.t('studio:courses.title'), noindex: true },
    courses,
    learners: (course: Course) => learners.byCourse.get(String(course._id)) ?? 0,
    counts: { all: courses.length, published, learners: learners.all },
    mayWrite: writers.who.split(', ').includes(request.user!.role),
  })
}

const newPage = (response: Response) => ({
  layout: 'studio',
  nav: 'studio',
  head: { title: response.locals.t('studio:newCourse.title') as string, noindex: true },
})

/** `GET /studio/courses/new` */
export function compose(_request: Request, response: Response): void {
  response.render('studio/new-course', { ...newPage(response), form: emptyForm() })
}

/** `POST /studio/courses` */
export async function create(request: Request, response: Response): Promise<void> {
  const { data, form } = readForm(
    z.object({ title: lineField('studio:errors.title', 120) }),
    request,
    response,
  )
  if (form) return refuseForm(response, 'studio/new-course', form, newPage(response))
  const course = await newCourse({ title: data.title, by: request.user!._id })
  response.redirect(303, addressOf(course))
}

/** `GET /studio/courses/:slug`: the outline. */
export async function show(request: Request, response: Response): Promise<void> {
  response.render('studio/course', await coursePage(request, response, 'course'))
}
