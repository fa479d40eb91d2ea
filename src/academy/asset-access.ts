import type { Types } from 'mongoose'
import { isOpenFile } from '../brand/file'
import { assetNamed, type Asset } from '../courses/asset'
import { Courses, type Lesson } from '../courses/course'
import { isOriginalIn } from '../courses/crop'
import { filesOf } from '../courses/lesson-files'
import { markdownFacts } from '../courses/markdown'
import { revisionById, type Published } from '../courses/published'
import { Revisions } from '../courses/revision'
import { coursesFor, shownLessonsOf } from '../courses/shown-courses'
import { isForEveryone } from '../courses/visibility'
import { Enrolments } from '../learning/enrolment'
import { hasPaid } from '../orders/access'
import type { Person } from '../people/person'
import { permissionsOf } from '../web/guard'

/**
 * Returns who may open a file: `public` for a file of a brand, or the cover or a file of a free preview lesson of a
 * course that everyone may see, `private` for any other file when the person sees its course and the lesson is open to
 * them, is enrolled in it or may read it in the studio, and null when the person may not open it. A file is in several
 * courses when its bytes are.
 */
export async function assetAccess(hash: string, person: Person | null): Promise<'public' | 'private' | null> {
  const courses = await coursesFor(person)
  if (publicFiles(courses).has(hash)) return 'public'
  if (await isOpenFile(hash)) return 'public'
  if (!person) return null
  if (courses.some(course => openFiles(course).has(hash))) return 'private'
  if (permissionsOf(person).allCourses) return 'private'
  if (permissionsOf(person).studio && (await isTeamsFile(hash, person._id))) return 'private'
  return (await isLearnersFile(hash, person)) ? 'private' : null
}

/** Whether a file is in the draft or in a version of a course that a person works on, or was before it was cropped. */
async function isTeamsFile(hash: string, person: Types.ObjectId): Promise<boolean> {
  const courses = await Courses.find({ 'team.person': person }, { 'draft.assets.hash': 1 })
  if (courses.some(({ draft }) => draft.assets.some(asset => asset.hash === hash))) return true
  const ids = courses.map(({ _id }) => _id)
  if (await isOriginalIn(ids, hash)) return true
  return Revisions.exists({ course: { $in: ids }, 'content.assets.hash': hash })
}

/**
 * Whether a file is in a revision that a person learns from, and not only in lessons that they can't open; after a
 * refund, only what everyone who is signed in may open is.
 */
async function isLearnersFile(hash: string, person: Person): Promise<boolean> {
  const enrolments = await Enrolments.find({ person: person._id }, { revision: 1, revokedAt: 1 })
  for (const { revision: id, revokedAt } of enrolments) {
    const revision = await revisionById(id)
    if (!revision?.content.assets.some(asset => asset.hash === hash)) continue
    const seen = await shownLessonsOf(person, revision)
    if (openFiles(seen).has(hash)) return true
    if (revokedAt) continue
    const isBuyer = seen.lessons.some(isForBuyers) && (await hasPaid(person._id, revision.course))
    const closed = revision.lessons.filter(
      lesson => !seen.lessons.includes(lesson) || (isForBuyers(lesson) && !isBuyer),
    )
    if (!closed.length) return true
    const others = revision.lessons.filter(lesson => !closed.includes(lesson))
    if (lessonFiles(revision, others).includes(hash) || !lessonFiles(revision, closed).includes(hash))
      return true
  }
  return false
}

const isForBuyers = ({ visibility }: Lesson) => visibility === 'paid'

const publicFilesOf = new WeakMap<Published[], Set<string>>()

/**
 * The hashes of the covers, and of the files of descriptions and previews, of the courses that everyone may see, once
 * per set of courses.
 */
function publicFiles(courses: Published[]): Set<string> {
  const known = publicFilesOf.get(courses)
  if (known) return known
  const hashes = new Set(
    courses
      .filter(({ content }) => isForEveryone(content))
      .flatMap(course => [...headFiles(course), ...lessonFiles(course, course.lessons.filter(isPreview))]),
  )
  publicFilesOf.set(courses, hashes)
  return hashes
}

const openFilesOf = new WeakMap<Published, Set<string>>()

/** The hashes of the files that everyone who is signed in and sees a course may open, once per course. */
function openFiles(course: Published): Set<string> {
  const known = openFilesOf.get(course)
  if (known) return known
  const open = course.lessons.filter(each => isPreview(each) || each.visibility === 'signed-in')
  const hashes = new Set([...headFiles(course), ...lessonFiles(course, open)])
  openFilesOf.set(course, hashes)
  return hashes
}

const isPreview = ({ preview }: Lesson) => preview

/** The hashes of the cover and of the files in the description. */
function headFiles({ content }: Published): string[] {
  const { cover, description, assets } = content
  const references = markdownFacts(description).references.map(({ target }) => target)
  return hashesOf(assets, [...(cover ? [cover] : []), ...references])
}

/** The hashes of the files of these lessons of a course. */
function lessonFiles({ content: { assets } }: Published, lessons: Lesson[]): string[] {
  return hashesOf(
    assets,
    lessons.flatMap(lesson => filesOf(lesson, assets)),
  )
}

function hashesOf(assets: Asset[], references: string[]): string[] {
  return references.flatMap(reference => assetNamed(assets, reference)?.hash ?? [])
}
