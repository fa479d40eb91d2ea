import type { Types } from 'mongoose'
import { notFound } from '../platform/errors'
import { now } from '../platform/clock'
import { date, defineRecord, free, list, nested, string } from '../platform/record'
import { changeDraft } from './change-draft'
import { lessonsOf } from './content'
import type { Course, CourseContent, Lesson, Module } from './course'
import { requireSameRestrictions } from './outline'

/** The last change that a person made to the outline of a course, so that it can be undone within a day. */
const OutlineChanges = defineRecord(
  'OutlineChange',
  'outline_changes',
  {
    /** `course:person`. */
    _id: string(),
    /** The outline before it: the modules, and the slugs of their lessons. */
    outline: list(nested({ folder: string(), title: string(), lessons: list(string()) })),
    /** The lessons that it removed, and the slugs of those that it added. */
    removed: list(free<Lesson>()),
    added: list(string()),
    at: date(),
  },
  { indexes: [[{ at: 1 }, { expireAfterSeconds: 24 * 3600 }]] },
)

type Change = {
  course: Types.ObjectId
  person: Types.ObjectId
  /** Whether they have a say in who sees a lesson (see `requireSameRestrictions`). */
  mayRestrict: boolean
}
type OutlineBefore = {
  outline: (Pick<Module, 'folder' | 'title'> & { lessons: string[] })[]
  removed: Lesson[]
  added: string[]
}

const idOf = ({ course, person }: Pick<Change, 'course' | 'person'>) => [course, person].join(':')

/**
 * Changes the outline of the current draft, and remembers the one before.
 *
 * @param change must be pure.
 * @throws as `changeDraft` and `requireSameRestrictions` do, and what `change` throws.
 */
export async function changeOutline(
  where: Change,
  change: (content: CourseContent) => CourseContent,
): Promise<Course> {
  let before: OutlineBefore | null = null
  const course = await changeDraft(
    where.course,
    content => {
      const changed = change(content)
      if (!where.mayRestrict) requireSameRestrictions(content, changed)
      before = changed === content ? null : outlineBefore(content, changed)
      return changed
    },
    { by: where.person },
  )
  if (before) {
    const $set = { ...(before as OutlineBefore), at: now() }
    await OutlineChanges.updateOne({ _id: idOf(where) }, { $set }, { upsert: true })
  }
  return course
}

function outlineBefore(before: CourseContent, after: CourseContent): OutlineBefore {
  const slugs = (content: CourseContent) => new Set(lessonsOf(content).map(({ slug }) => slug))
  const [had, has] = [slugs(before), slugs(after)]
  return {
    outline: before.modules.map(({ folder, title, lessons }) => ({
      ...{ folder, title },
      lessons: lessons.map(({ slug }) => slug),
    })),
    removed: lessonsOf(before).filter(({ slug }) => !has.has(slug)),
    added: [...has].filter(slug => !had.has(slug)),
  }
}

/**
 * Undoes a person's last change to the outline of a course. What has been written since stays: texts, settings, and
 * lessons and modules that someone has added.
 *
 * @throws 404 when there is nothing to undo, and as `requireSameRestrictions` does.
 */
export async function undoOutlineChange(where: Change): Promise<Course> {
  const last = await OutlineChanges.findById(idOf(where))
  if (!last) throw notFound()
  const undo = (content: CourseContent) => {
    const changed = withOutline(content, last)
    if (!where.mayRestrict) requireSameRestrictions(content, changed)
    return changed
  }
  const course = await changeDraft(where.course, undo, { by: where.person })
  await OutlineChanges.deleteOne({ _id: idOf(where) })
  return course
}

/** Returns a course with an earlier outline, and with everything that has been added to it by others since. */
function withOutline(content: CourseContent, { outline, removed, added }: OutlineBefore): CourseContent {
  const current = new Map(lessonsOf(content).map(lesson => [lesson.slug, lesson]))
  const lost = new Map(removed.map(lesson => [lesson.slug, lesson]))
  const known = new Set([...outline.flatMap(({ lessons }) => lessons), ...added])
  const newIn = (folder: string) =>
    (content.modules.find(module => module.folder === folder)?.lessons ?? []).filter(
      ({ slug }) => !known.has(slug),
    )
  const modules = outline.map(({ folder, title, lessons }) => ({
    folder,
    title: content.modules.find(module => module.folder === folder)?.title ?? title,
    lessons: [...lessons.flatMap(slug => current.get(slug) ?? lost.get(slug) ?? []), ...newIn(folder)],
  }))
  const folders = new Set(outline.map(({ folder }) => folder))
  const newModules = content.modules
    .filter(({ folder }) => !folders.has(folder))
    .map(module => ({ ...module, lessons: newIn(module.folder) }))
  return { ...content, modules: [...modules, ...newModules] }
}
