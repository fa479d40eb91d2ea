import type { Request, Response } from 'express'
import { exportCourse, zipFiles } from '../courses/export-course'
import { courseOf } from './course-page'

/** `GET /studio/courses/:slug.zip`: the draft as a zipped folder of Markdown. */
export async function show(_request: Request, response: Response): Promise<void> {
  const { slug, draft } = courseOf(response)
  const zip = await zipFiles(await exportCourse(slug, draft))
  response.attachment(`${slug}.zip`).send(zip)
}
