import type { Request, Response } from 'express'
import { addFiles, storeFile, type NamedAsset } from '../courses/add-files'
import { changeDraft } from '../courses/change-draft'
import { courseCaps } from '../courses/content'
import type { Lesson } from '../courses/course'
import { courseFault, type CourseFault } from '../courses/course-fault'
import type { LessonField } from '../courses/kinds/field'
import { kindOf } from '../courses/kinds/kinds'
import { lessonNamed, replaceLesson } from '../courses/outline'
import { requireRoom } from '../courses/storage'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { setFlash } from '../web/flash'
import type { FormField } from '../web/field'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { courseOf, draftLessonOf, setDoneFlash } from './course-page'
import { problemText } from './faults-view'
import { readingFiles } from './reading-files'
import { editorUrl } from './urls'

/** A recording, and the captions that are uploaded with it. */
const maxFiles = 2

export const readRecording = readUploads('files', { files: maxFiles, megabytes: courseCaps.megabytes })

/** Returns the fields of a lesson that name one file of the course, with the media types that they take. */
function fileFieldsOf(lesson: Pick<Lesson, 'kind'>): { name: string; types: string[] }[] {
  return Object.entries<LessonField>(kindOf(lesson).fields).flatMap(([name, { input }]) =>
    input.input === 'file' ? [{ name, types: input.types }] : [],
  )
}

/** Returns the field with which a lesson's own files are uploaded beside its text; null for a kind without any. */
export function recordingField(lesson: Lesson, { t }: Texts): FormField | null {
  if (!fileFieldsOf(lesson).length) return null
  return {
    name: 'files',
    type: 'file',
    label: t(`studio:write.recording.${lesson.kind}`),
    hint: t('studio:write.recordingHint'),
    multiple: true,
    required: true,
  }
}

/**
 * `POST …/lessons/:lesson/recording`: adds files to the course and makes them those of the lesson: a video its video,
 * captions its captions. A file that the lesson has no place for is added to the course only.
 */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const [course, lesson] = [courseOf(response), draftLessonOf(response)]
  const uploads = uploadsOf(request)
  const faults: CourseFault[] = uploads.length ? [] : [courseFault('', null, 'studio:faults.noFile')]
  const added: NamedAsset[] = []
  await requireRoom(uploads.reduce((sum, { size }) => sum + size, 0))
  for (const upload of uploads) {
    await readingFiles(async () => {
      const { file, fault } = await storeFile(upload.name, await bytesOf(upload))
      if (fault) faults.push(fault)
      else added.push(file)
    })
  }
  const editor = editorUrl(course, lesson)
  if (faults.length) {
    setFlash(response, { kind: 'error', bold: problemText(faults, texts) })
    return response.redirect(303, editor)
  }
  const { placed } = await addFiles(course._id, added, false, person._id)
  const chosen = Object.fromEntries(
    fileFieldsOf(lesson).flatMap(({ name, types }) => {
      const file = placed.find(({ asset }) => types.some(type => asset.type.startsWith(type)))
      return file ? [[name, file.path]] : []
    }),
  )
  await changeDraft(
    course._id,
    content => {
      const current = lessonNamed(content, lesson.slug)
      return current ? replaceLesson(content, { ...current, ...chosen } as Lesson) : content
    },
    { by: person._id },
  )
  const files = placed.map(({ path }) => path)
  await audit({ actor: person._id, action: 'files.added', subject: course.slug, detail: { files } })
  setDoneFlash(response, texts.t('studio:flash.recording', { files: files.join(', ') }))
  response.redirect(303, editor)
}
