import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Types } from 'mongoose'
import { parse } from 'yaml'
import { newPath, publishPath } from '../../src/courses/change-path'
import type { Course } from '../../src/courses/course'
import { importCourse, readCourseFolder } from '../../src/courses/import-course'
import type { PathContent } from '../../src/courses/path'
import { publishCourse } from '../../src/courses/publish-course'
import { root } from '../../src/platform/root'
import { addGuide } from './brand'
import { guideLists, saveDemoLists } from './lists'
import { publishTarnwell, tarnwellLists } from './tarnwell'

/** Makes a new installation the demo's: Tarnwell's academy on the default host, and Lyceum's guide on its own. */
export async function publishAcademies(): Promise<void> {
  await publishTarnwell()
  await addGuide()
  await saveDemoLists(tarnwellLists, guideLists)
}

/** Publishes the courses and learning paths of both academies. */
export async function publishCatalogues(by: Types.ObjectId | null): Promise<void> {
  await publishCourses('tarnwell', by)
  await publishCourses('.', by)
}

/** Imports one course at a time, so that no more than the files of one are in memory. */
async function publishCourses(below: string, by: Types.ObjectId | null): Promise<void> {
  const folder = join(root, 'scripts/demo', below)
  const courses: Course[] = []
  for (const entry of readdirSync(join(folder, 'courses'), { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    const files = await readCourseFolder(join(folder, 'courses', entry.name))
    courses.push((await importCourse({ files, by })).course)
  }
  // They link to each other.
  for (const { _id, draftNumber } of courses) await publishCourse({ course: _id, by, draftNumber })
  const paths = parse(readFileSync(join(folder, 'paths.yml'), 'utf8')) as (PathContent & { slug: string })[]
  for (const { slug, ...content } of paths) await publishPath(await newPath(content, by, slug), 1, by)
}
