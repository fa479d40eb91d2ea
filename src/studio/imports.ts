import type { Request, Response } from 'express'
import multer from 'multer'
import { CourseFaults, courseFault } from '../courses/course-fault'
import { importCourse, readCourseZip } from '../courses/import-course'
import { zipCaps } from '../courses/unzip'
import { HttpError } from '../platform/errors'
import { bodyReader } from '../web/route'
import { addressOf } from './course-page'

/** Reads the zip into memory: it is unpacked there, with its caps. */
export const upload = bodyReader((request, response, next) => {
  const read = multer({ limits: { fileSize: zipCaps.bytes, files: 1, fields: 5, fieldSize: 1000 } })
  read.single('zip')(request, response, next)
})

const page = (response: Response) => ({
  layout: 'studio',
  nav: 'studio',
  head: { title: response.locals.t('studio:import.title') as string, noindex: true },
  megabytes: zipCaps.bytes / 1024 / 1024,
  faults: [],
  existing: null,
})

/** `GET /studio/imports/new` */
export function compose(_request: Request, response: Response): void {
  response.render('studio/import', page(response))
}

/** `POST /studio/imports`: a zip becomes a draft, or a list of what is wrong with it. */
export async function create(request: Request, response: Response): Promise<void> {
  const body = request.body as { replace?: string }
  try {
    if (!request.file) throw new CourseFaults([courseFault('', null, 'studio:faults.noFile')])
    const imported = await importCourse({
      files: await readCourseZip(request.file.buffer),
      by: request.user!._id,
      replace: body.replace === 'on',
    })
    response.render('studio/imported', {
      ...page(response),
      ...imported,
      address: addressOf(imported.course),
    })
  } catch (error) {
    if (error instanceof CourseFaults) {
      return void response.status(422).render('studio/import', { ...page(response), faults: error.faults })
    }
    if (error instanceof HttpError && error.key === 'studio:errors.courseExists') {
      return void response.status(409).render('studio/import', { ...page(response), existing: error.values })
    }
    throw error
  }
}
