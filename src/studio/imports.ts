import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { notListed } from '../courses/check-course'
import { lessonsOf } from '../courses/content'
import type { Course } from '../courses/course'
import { CourseFaults, courseFault, type CourseFault } from '../courses/course-fault'
import { importCourse, readCourseZip, type Imported } from '../courses/import-course'
import { zipCaps } from '../courses/unzip'
import { HttpError } from '../platform/errors'
import { permissionsOf } from '../web/guard'
import { submissionOf } from '../web/occasion'
import { readUploads, uploadsOf } from '../web/upload'
import { faultsView } from './faults-view'
import { readingFiles } from './reading-files'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { addEntryUrl, urlOf } from './urls'

export const upload = readUploads('zip', { files: 1, megabytes: zipCaps.bytes / 1024 / 1024 })

/** `GET /studio/imports/new` */
export function compose(_request: Request, response: Response): void {
  renderForm(response)
}

/**
 * `POST /studio/imports`: imports a zip as a draft, or lists what is wrong with it. When it would replace the draft of
 * a course, the form names that course and asks first: `existing` is the course's slug, or `new` for another course.
 */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const body = request.body as { existing?: string }
  try {
    const [zip] = uploadsOf(request)
    if (!zip) throw new CourseFaults([courseFault('', null, 'studio:faults.noFile')])
    const imported = await readingFiles(async () =>
      importCourse({
        files: await readCourseZip(zip),
        by: person._id,
        existing: body.existing || null,
        submission: submissionOf(request, person),
      }),
    )
    const texts = textsOf(response)
    const unlisted = unlistedView(imported.course, person, texts)
    response.render('studio/imported', { ...frame(texts), ...importedView(imported, texts), unlisted })
  } catch (error) {
    if (error instanceof CourseFaults) {
      response.status(422)
      return renderForm(response, { faults: error.faults })
    }
    if (error instanceof HttpError && error.key === 'studio:errors.courseExists') {
      response.status(409)
      return renderForm(response, { existing: error.values as ExistingCourse })
    }
    throw error
  }
}

type ExistingCourse = { slug: string; title: string }

function renderForm(
  response: Response,
  { faults = [], existing = null }: { faults?: CourseFault[]; existing?: ExistingCourse | null } = {},
): void {
  const texts = textsOf(response)
  const { t } = texts
  const fields: FormField[] = [
    {
      name: 'zip',
      label: t('studio:import.file'),
      hint: t('studio:import.hint', { megabytes: zipCaps.bytes / 1024 / 1024 }),
      type: 'file',
      accept: '.zip,application/zip',
      required: true,
    },
  ]
  if (existing) {
    fields.push({
      kind: 'radios',
      name: 'existing',
      label: t('studio:import.existing'),
      options: [
        { value: 'new', text: t('studio:import.asNew'), hint: t('studio:import.asNewHint') },
        {
          value: existing.slug,
          text: t('studio:import.replace', { title: existing.title }),
          hint: t('studio:import.replaceHint'),
        },
      ],
      required: true,
    })
  }
  response.render('studio/import', {
    ...frame(texts),
    faults: faultsView(faults, texts),
    existsText: existing && t('studio:import.exists', existing),
    fields,
  })
}

function frame({ t }: Texts) {
  return { layout: 'studio', nav: 'studio', head: { title: t('studio:import.title'), noindex: true } }
}

/** What the file says that isn't on the academy's lists: who may adds it, everyone may choose another. */
function unlistedView(course: Course, person: Person, { t, lists }: Texts) {
  const isAdmin = permissionsOf(person).admin
  return notListed(course.draft, lists).map(({ key, field, values: { list, value } }) => ({
    text: t(key, { value }),
    links: [
      { href: `${urlOf(course)}/settings#${field}`, text: t('studio:imported.unlistedChoose') },
      ...(isAdmin
        ? [{ href: addEntryUrl(list, value), text: t('studio:imported.unlistedAdd', { value }) }]
        : []),
    ],
  }))
}

function importedView({ course, isNew, renamed, ignored }: Imported, { t, minutes }: Texts) {
  const { title, modules, assets } = course.draft
  return {
    heading: t(isNew ? 'studio:imported.new' : 'studio:imported.replaced', { title }),
    sentence: t('studio:imported.sentence', {
      modules: modules.length,
      count: lessonsOf(course.draft).length,
      files: assets.length,
    }),
    courseUrl: urlOf(course),
    modules: modules.map(module => ({
      title: module.title,
      lessons: module.lessons.map(lesson => ({
        href: urlOf(course, lesson),
        title: lesson.title,
        facts: `${t(`studio:kinds.${lesson.kind}`)}, ${minutes(lesson.minutes)}`,
      })),
    })),
    renamedTitle: t('studio:imported.renamed', { count: renamed.length }),
    renamed,
    ignoredTitle: t('studio:imported.ignored', { count: ignored.length }),
    ignored,
  }
}
