import type { Types } from 'mongoose'
import { isOpenFile } from '../brand/file'
import { assetNamed } from '../courses/asset'
import { Courses } from '../courses/course'
import { isOriginalIn } from '../courses/crop'
import { filesOf } from '../courses/lesson-files'
import { markdownFacts } from '../courses/markdown'
import { publishedCourses, revisionById, type Published } from '../courses/published'
import { Revisions } from '../courses/revision'
import { Enrolments } from '../learning/enrolment'
import type { Person } from '../people/person'
import { permissionsOf } from '../web/guard'

/**
 * Returns who may open a file: `public` for a file of a brand, a cover or a file of a free preview lesson, `private`
 * for any other file when the person is enrolled in its course or may read it in the studio, and null when the person
 * may not open it. A file is in several courses when its bytes are.
 */
export async function assetAccess(hash: string, person: Person | null): Promise<'public' | 'private' | null> {
  if (publicFiles(await publishedCourses()).has(hash)) return 'public'
  if (await isOpenFile(hash)) return 'public'
  if (!person) return null
  if (permissionsOf(person).allCourses) return 'private'
  if (permissionsOf(person).studio && (await isTeamsFile(hash, person._id))) return 'private'
  return (await isLearnersFile(hash, person._id)) ? 'private' : null
}

/** Whether a file is in the draft or in a version of a course that a person works on, or was before it was cropped. */
async function isTeamsFile(hash: string, person: Types.ObjectId): Promise<boolean> {
  const courses = await Courses.find({ 'team.person': person }, { 'draft.assets.hash': 1 })
  if (courses.some(({ draft }) => draft.assets.some(asset => asset.hash === hash))) return true
  const ids = courses.map(({ _id }) => _id)
  if (await isOriginalIn(ids, hash)) return true
  return Revisions.exists({ course: { $in: ids }, 'content.assets.hash': hash })
}

/** Whether a file is in a revision that a person learns from; after a refund, only its previews are open. */
async function isLearnersFile(hash: string, person: Types.ObjectId): Promise<boolean> {
  const enrolments = await Enrolments.find({ person }, { revision: 1, revokedAt: 1 })
  for (const { revision: id, revokedAt } of enrolments) {
    const revision = await revisionById(id)
    if (!revision) continue
    const open = revokedAt ? previewFiles(revision) : revision.content.assets.map(asset => asset.hash)
    if (open.includes(hash)) return true
  }
  return false
}

const publicFilesOf = new WeakMap<Published[], Set<string>>()

/** The hashes of all covers, and of the files of descriptions and previews, once per set of published courses. */
function publicFiles(courses: Published[]): Set<string> {
  const known = publicFilesOf.get(courses)
  if (known) return known
  const hashes = new Set(courses.flatMap(previewFiles))
  publicFilesOf.set(courses, hashes)
  return hashes
}

function previewFiles({ content, lessons }: Published): string[] {
  const references = [
    ...(content.cover ? [content.cover] : []),
    ...markdownFacts(content.description).references.map(({ target }) => target),
    ...lessons.filter(lesson => lesson.preview).flatMap(lesson => filesOf(lesson, content.assets)),
  ]
  return references.flatMap(reference => assetNamed(content.assets, reference)?.hash ?? [])
}
