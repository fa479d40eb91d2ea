import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { z } from 'zod'
import { lessonsOf } from '../courses/content'
import { Courses, type Course } from '../courses/course'
import { newCourse } from '../courses/new-course'
import { draftStatus } from '../courses/review'
import { Revisions } from '../courses/revision'
import { now } from '../platform/clock'
import { countLearners } from '../learning/count-learners'
import { emptyForm, lineField, readForm, refuseForm } from '../web/form'
import { recordIdOf, submissionOf } from '../web/occasion'
import { renderCourse } from './course-view'
import type { FormField } from '../web/field'
import { permissionsOf } from '../web/guard'
import { textsOf, type Texts } from '../web/texts'
import { urlOf } from './urls'
import { statusColours } from './workflow-view'

/** The fields that the list shows, without the lessons' texts. */
const listedFields = {
  slug: 1,
  published: 1,
  archived: 1,
  revisions: 1,
  draftNumber: 1,
  review: 1,
  reviewOn: 1,
  changedAt: 1,
  'draft.title': 1,
  'draft.summary': 1,
  'draft.modules.lessons.slug': 1,
} as const

/** `GET /studio`: every course that the person may read, most recently changed first. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const { t, number } = texts
  const { allCourses, writeCourses: isWriter } = permissionsOf(person)
  const courses = await Courses.find(allCourses ? {} : { 'team.person': person._id }, listedFields).sort({
    changedAt: -1,
  })
  const published = await Revisions.find(
    { _id: { $in: courses.flatMap(course => course.published ?? []) } },
    { draftNumber: 1 },
  )
  const drafts = new Map(published.map(({ _id, draftNumber }) => [String(_id), draftNumber]))
  const learners = await countLearners(courses.map(course => course._id))
  response.render('studio/courses', {
    layout: 'studio',
    nav: 'studio',
    head: { title: t('studio:courses.title'), noindex: true },
    canWrite: isWriter,
    sentence: t('studio:courses.sentence', {
      count: courses.length,
      published: courses.filter(course => course.published).length,
      learners: number(learners.all),
    }),
    rows: [...courses.filter(isOpen), ...courses.filter(course => !isOpen(course))].map(course =>
      courseRow(
        course,
        {
          learners: learners.byCourse.get(String(course._id)) ?? 0,
          publishedDraft: drafts.get(String(course.published)),
        },
        texts,
      ),
    ),
    noCourses: {
      title: t('studio:courses.none'),
      text: t(`studio:courses.${isWriter ? 'noneText' : allCourses ? 'noneReviewer' : 'noneContributor'}`),
      link: isWriter ? { href: '/studio/courses/new', text: t('studio:courses.noneLink') } : null,
    },
  })
}

/** Archived courses are last. */
const isOpen = ({ archived }: Pick<Course, 'archived'>) => !archived

type ListedCourse = Pick<
  Course,
  | '_id'
  | 'slug'
  | 'published'
  | 'archived'
  | 'revisions'
  | 'changedAt'
  | 'draft'
  | 'draftNumber'
  | 'review'
  | 'reviewOn'
>

function courseRow(
  course: ListedCourse,
  { learners, publishedDraft }: { learners: number; publishedDraft: number | undefined },
  texts: Texts,
) {
  const { t, number, date } = texts
  const status = draftStatus(course, publishedDraft)
  return {
    href: urlOf(course),
    title: course.draft.title,
    summary: course.draft.summary,
    tags: [
      ...(course.published || status === 'draft' ? [publicationTag(course, texts)] : []),
      ...(status === 'draft' || status === 'published'
        ? []
        : [{ colour: statusColours[status], text: t(`studio:statuses.${status}`) }]),
    ],
    review: course.reviewOn ? reviewText(course.reviewOn, texts) : '',
    lessons: number(lessonsOf(course.draft).length),
    learners: number(learners),
    changedAt: t('studio:courses.changedAt', {
      day: date(course.changedAt, 'short'),
      time: date(course.changedAt, 'time'),
    }),
  }
}

function publicationTag({ published, archived, revisions }: ListedCourse, { t }: Texts) {
  if (archived) return { colour: '', text: t('studio:courses.archived') }
  if (published) return { colour: 'tag-pine', text: t('studio:courses.published', { version: revisions }) }
  return { colour: '', text: t(revisions ? 'studio:courses.withdrawn' : 'studio:courses.draft') }
}

function reviewText(reviewOn: string, { t, date }: Texts): string {
  const day = date(new Date(reviewOn))
  return new Date(reviewOn) < now() ? t('studio:courses.reviewOverdue', { day }) : day
}

/** `GET /studio/courses/new` */
export function compose(_request: Request, response: Response): void {
  response.render('studio/new-course', { ...newCoursePage(response), form: emptyForm() })
}

/** `POST /studio/courses` */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { data, form } = readForm(
    z.object({ title: lineField('studio:errors.title', 120) }),
    request,
    response,
  )
  if (form) return refuseForm(response, 'studio/new-course', form, newCoursePage(response))
  const course = await newCourse({
    _id: recordIdOf(submissionOf(request, person)),
    title: data.title,
    by: person._id,
  })
  response.redirect(303, urlOf(course))
}

function newCoursePage(response: Response): { field: FormField } & Record<string, unknown> {
  const { t } = textsOf(response)
  return {
    layout: 'studio',
    nav: 'studio',
    head: { title: t('studio:newCourse.title'), noindex: true },
    field: {
      name: 'title',
      label: t('studio:newCourse.name'),
      hint: t('studio:newCourse.hint'),
      required: true,
      maxlength: 120,
      autocomplete: 'off',
    },
  }
}

/** `GET /studio/courses/:slug`: the outline. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  await renderCourse(person, response)
}
