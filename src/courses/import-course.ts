import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve, sep } from 'node:path'
import { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { audit } from '../events/audit'
import { saveAsset } from './asset'
import { readLists } from './catalogue-lists'
import { listed } from './content'
import { Courses, type Course, type CourseContent } from './course'
import type { Asset } from './asset'
import { createCourse, createWithFreeSlug } from './new-course'
import { readCourse, type ReadCourse } from './read-course'
import { replaceDraft } from './replace-draft'
import { isSameContent } from './save-draft'
import { unzip, type CourseFile, type ZipOnDisk } from './unzip'

/**
 * The result of an import: the course with its new draft, what got another name than its file, and the paths that don't
 * belong in a course.
 */
export type Imported = Pick<ReadCourse, 'renamed' | 'ignored'> & { course: Course; isNew: boolean }

/**
 * Imports a course's folder (see read-course.ts) as a draft without publishing it. The folder's name becomes the slug.
 * Importing the same folder again changes nothing.
 *
 * @param existing what to do when a course with this slug has a different draft: the slug of the course whose draft
 * may be replaced, or `new` for another course with a free slug. The same `submission` makes one
 * such course of a folder.
 * @throws CourseFaults when the folder can't be read; 409 with the slug and the title of the course that has a
 * different draft, unless `existing` is about it.
 */
export async function importCourse({
  files,
  by,
  existing = null,
  submission = randomUUID(),
}: {
  files: CourseFile[]
  by: Types.ObjectId | null
  existing?: string | null
  submission?: string
}): Promise<Imported> {
  const { slug, content, assets, renamed, ignored } = await readCourse(files)
  const stored: Asset[] = []
  for (const { asset, bytes } of assets) stored.push({ ...asset, hash: await saveAsset(bytes, asset.type) })
  const draft: CourseContent = {
    ...listed(withPlainNames(content, slug), await readLists()),
    assets: stored,
  }

  const created = await createCourse(slug, draft, by)
  const _id = idOf(submission, slug, draft)
  const another =
    created === null && existing === 'new' ? await createWithFreeSlug(_id, slug, draft, by) : null
  const course = created ?? another?.course ?? (await changeExisting(slug, draft, existing, by))
  if (by) {
    const detail = { files: files.length, draftNumber: course.draftNumber }
    await audit({ actor: by, action: 'course.imported', subject: course.slug, detail })
  }
  return { course, isNew: (created ?? another) !== null, renamed, ignored }
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

/** Returns the id of the course that one press of the button makes of a folder when its slug is taken. */
function idOf(submission: string, slug: string, draft: CourseContent): Types.ObjectId {
  const hash = createHash('sha256')
    .update(JSON.stringify([submission, slug, draft]))
    .digest('hex')
  return new Types.ObjectId(hash.slice(0, 24))
}

/** Normalises titles and names as the studio's forms do; a title without a visible character becomes the slug. */
function withPlainNames(content: ReadCourse['content'], slug: string): ReadCourse['content'] {
  return {
    ...content,
    title: normaliseLine(content.title) || slug,
    authors: content.authors.map(({ name, role, about = '' }) => ({
      name: normaliseLine(name),
      role: normaliseLine(role),
      ...(normaliseLine(about) && { about: normaliseLine(about) }),
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

async function changeExisting(
  slug: string,
  content: CourseContent,
  existing: string | null,
  by: Types.ObjectId | null,
): Promise<Course> {
  const course = (await Courses.findOne({ slug }))!
  const { draft } = course
  if (isSameContent(draft, content)) return course
  if (existing !== slug) throw conflict('studio:errors.courseExists', { slug, title: draft.title })
  return replaceDraft(course._id, content, by ?? undefined)
}
