import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { lessonsOf } from '../courses/content'
import { CourseFaults, courseFault, type CourseFault } from '../courses/course-fault'
import { importCourse, readCourseZip, type Imported } from '../courses/import-course'
import { zipCaps } from '../courses/unzip'
import { HttpError } from '../platform/errors'
import { readUploads, uploadsOf } from '../web/upload'
import { faultsView } from './faults-view'
import { readingFiles } from './reading-files'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { urlOf } from './urls'

export const upload = readUploads('zip', { files: 1, megabytes: zipCaps.bytes / 1024 / 1024 })

/** `GET /studio/imports/new` */
export function compose(_request: Request, response: Response): void {
  renderForm(response)
}

/** `POST /studio/imports`: imports a zip as a draft, or lists what is wrong with it. */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const body = request.body as { replace?: string }
  try {
    const [zip] = uploadsOf(request)
    if (!zip) throw new CourseFaults([courseFault('', null, 'studio:faults.noFile')])
    const imported = await readingFiles(async () =>
      importCourse({
        files: await readCourseZip(zip),
        by: person._id,
        replace: body.replace === 'on',
      }),
    )
    const texts = textsOf(response)
    response.render('studio/imported', { ...frame(texts), ...importedView(imported, texts) })
  } catch (error) {
    if (error instanceof CourseFaults) {
      response.status(422)
      return renderForm(response, { faults: error.faults })
    }
    if (error instanceof HttpError && error.key === 'studio:errors.courseExists') {
      response.status(409)
      return renderForm(response, { existing: error.values })
    }
    throw error
  }
}

function renderForm(
  response: Response,
  {
    faults = [],
    existing = null,
  }: { faults?: CourseFault[]; existing?: Record<string, unknown> | null } = {},
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
    {
      kind: 'checkbox',
      name: 'replace',
      label: t('studio:import.replace'),
      hint: t('studio:import.replaceHint'),
    },
  ]
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

function importedView({ course, isNew, ignored }: Imported, { t, minutes }: Texts) {
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
    ignoredTitle: t('studio:imported.ignored', { count: ignored.length }),
    ignored,
  }
}
