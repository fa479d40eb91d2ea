import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { audit } from '../events/audit'
import { saveAsset } from './asset'
import { Courses, type Course, type CourseContent } from './course'
import type { Asset } from './asset'
import { createCourse } from './new-course'
import { readCourse } from './read-course'
import { saveDraft } from './save-draft'
import { unzip, type CourseFile, type ZipOnDisk } from './unzip'

/** The result of an import: the course with its new draft, and the paths that don't belong in a course. */
export type Imported = { course: Course; isNew: boolean; ignored: string[] }

/**
 * Imports a course's folder (see read-course.ts) as a draft without publishing it. The folder's name becomes the slug.
 * Importing the same folder again changes nothing.
 *
 * @throws CourseFaults when the folder can't be read; 409 when the course exists with a different draft and `replace`
 * is false.
 */
export async function importCourse({
  files,
  by,
  replace = false,
}: {
  files: CourseFile[]
  by: Types.ObjectId | null
  replace?: boolean
}): Promise<Imported> {
  const { slug, content, assets, ignored } = await readCourse(files)
  const stored: Asset[] = []
  for (const { asset, bytes } of assets) stored.push({ ...asset, hash: await saveAsset(bytes, asset.type) })
  const draft: CourseContent = { ...withPlainNames(content, slug), assets: stored }

  const created = await createCourse(slug, draft)
  const course = created ?? (await replaceDraft(slug, draft, replace))
  if (by) {
    const detail = { files: files.length, draftNumber: course.draftNumber }
    await audit({ actor: by, action: 'course.imported', subject: slug, detail })
  }
  return { course, isNew: created !== null, ignored }
}

/**
 * Returns the files of a zip that holds a course's folder.
 *
 * @throws CourseFaults when it isn't a zip or exceeds the caps in unzip.ts.
 */
export async function readCourseZip(zip: Buffer | ZipOnDisk): Promise<CourseFile[]> {
  return unzip(zip)
}

/** Returns the files of a course's folder on disk, with paths that start with the folder's name. */
export async function readCourseFolder(folder: string): Promise<CourseFile[]> {
  const home = resolve(folder)
  const found = await readdir(home, { recursive: true, withFileTypes: true })
  const paths = found
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  return Promise.all(
    paths.map(async path => ({
      path: [basename(home), ...path.slice(home.length + 1).split(sep)].join('/'),
      bytes: await readFile(path),
    })),
  )
}

/** Normalises titles and names as the studio's forms do; a title without a visible character becomes the slug. */
function withPlainNames<C extends Omit<CourseContent, 'assets'>>(content: C, slug: string): C {
  return {
    ...content,
    title: normaliseLine(content.title) || slug,
    authors: content.authors.map(({ name, role }) => ({
      name: normaliseLine(name),
      role: normaliseLine(role),
    })),
    modules: content.modules.map(module => ({
      ...module,
      title: normaliseLine(module.title) || module.folder,
      lessons: module.lessons.map(lesson => ({
        ...lesson,
        title: normaliseLine(lesson.title) || lesson.slug,
      })),
    })),
  }
}

async function replaceDraft(slug: string, content: CourseContent, replace: boolean): Promise<Course> {
  const course = (await Courses.findOne({ slug }))!
  const same = isDeepStrictEqual(
    JSON.parse(JSON.stringify(course.draft)),
    JSON.parse(JSON.stringify(content)),
  )
  if (same) return course
  if (!replace) throw conflict('studio:errors.courseExists', { slug })
  return saveDraft({ course: course._id, draftNumber: course.draftNumber, content })
}
