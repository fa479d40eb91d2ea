import { notFound, HttpError } from '../platform/errors'
import { lessonsOf } from './content'
import type { CourseContent, Lesson, Module } from './course'
import { emptyLesson } from './kinds/kinds'
import { freeSlug } from './slug'

// Changes to the outline of a course. All are pure: they return new content, and throw 404 for a lesson or module that
// isn't in it.

/** Returns the lesson with this slug. */
export function lessonNamed(content: CourseContent, slug: string): Lesson | undefined {
  return lessonsOf(content).find(lesson => lesson.slug === slug)
}

/** Returns the module that contains a lesson. */
export function moduleOf(content: CourseContent, slug: string): Module | undefined {
  return content.modules.find(module => module.lessons.some(lesson => lesson.slug === slug))
}

/** Changes the title or the text of a lesson. */
export function changeLesson(
  content: CourseContent,
  slug: string,
  change: Partial<Pick<Lesson, 'title' | 'body'>>,
): CourseContent {
  if (!lessonNamed(content, slug)) throw notFound()
  return eachLesson(content, lesson => (lesson.slug === slug ? { ...lesson, ...change } : lesson))
}

/** Replaces the lesson with the same slug, which identifies it in URLs and progress. */
export function replaceLesson(content: CourseContent, changed: Lesson): CourseContent {
  if (!lessonNamed(content, changed.slug)) throw notFound()
  return eachLesson(content, lesson => (lesson.slug === changed.slug ? changed : lesson))
}

/** Adds a lesson to the end of a module; its slug is made from the title. */
export function addLesson(
  content: CourseContent,
  folder: string,
  { title, kind }: Pick<Lesson, 'title' | 'kind'>,
): { content: CourseContent; slug: string } {
  moduleNamed(content, folder)
  const slug = freeSlug(title, 'lesson', candidate => lessonNamed(content, candidate) !== undefined)
  const modules = content.modules.map(module =>
    module.folder === folder
      ? { ...module, lessons: [...module.lessons, emptyLesson(slug, title, kind)] }
      : module,
  )
  return { content: { ...content, modules }, slug }
}

/**
 * Adds a copy of a lesson behind it, with a slug of its own. Its questions keep their ids, which belong to the lesson.
 *
 * @param titleOf returns the title of the copy.
 */
export function duplicateLesson(
  content: CourseContent,
  slug: string,
  titleOf: (title: string) => string,
): CourseContent {
  const lesson = lessonNamed(content, slug)
  if (!lesson) throw notFound()
  const title = titleOf(lesson.title).slice(0, maxTitle)
  const copy = {
    ...structuredClone(lesson),
    title,
    slug: freeSlug(title, 'lesson', candidate => lessonNamed(content, candidate) !== undefined),
  }
  const modules = content.modules.map(module => {
    const at = module.lessons.findIndex(each => each.slug === slug)
    return at < 0 ? module : { ...module, lessons: module.lessons.toSpliced(at + 1, 0, copy) }
  })
  return { ...content, modules }
}

/** As in a lesson's file. */
const maxTitle = 160

/** Removes a lesson. */
export function removeLesson(content: CourseContent, slug: string): CourseContent {
  if (!lessonNamed(content, slug)) throw notFound()
  const modules = content.modules.map(module => ({
    ...module,
    lessons: module.lessons.filter(lesson => lesson.slug !== slug),
  }))
  return { ...content, modules }
}

/** Where a lesson moves: one step up or down, or into a module, before one of its lessons or to its end. */
export type Position = 'up' | 'down' | { module: string; before?: string | null }

/**
 * Moves a lesson one step up or down (across the edge of its module into the next one), or into a module: before the
 * lesson `before`, or to the end. The first lesson of a course can't move up, and the last can't move down.
 */
export function moveLesson(content: CourseContent, slug: string, to: Position): CourseContent {
  const lesson = lessonNamed(content, slug)
  if (!lesson) throw notFound()
  const target = typeof to === 'string' ? neighbour(content, slug, to) : to
  if (!target || target.before === slug) return content
  moduleNamed(content, target.module)
  const without = removeLesson(content, slug)
  const modules = without.modules.map(module => {
    if (module.folder !== target.module) return module
    const at = module.lessons.findIndex(each => each.slug === target.before)
    return { ...module, lessons: module.lessons.toSpliced(at === -1 ? Infinity : at, 0, lesson) }
  })
  return { ...content, modules }
}

/** Adds an empty module; its folder is named after the title. */
export function addModule(content: CourseContent, title: string): { content: CourseContent; slug: string } {
  const folder = freeSlug(title, 'module', candidate =>
    content.modules.some(module => module.folder === candidate),
  )
  const modules = [...content.modules, { folder, title, lessons: [] }]
  return { content: { ...content, modules }, slug: folder }
}

/** Changes the title of a module; its folder keeps its name. */
export function renameModule(content: CourseContent, folder: string, title: string): CourseContent {
  moduleNamed(content, folder)
  const modules = content.modules.map(module => (module.folder === folder ? { ...module, title } : module))
  return { ...content, modules }
}

/** Moves a module one step up or down. */
export function moveModule(content: CourseContent, folder: string, to: 'up' | 'down'): CourseContent {
  const at = content.modules.indexOf(moduleNamed(content, folder))
  const next = at + (to === 'up' ? -1 : 1)
  if (next < 0 || next >= content.modules.length) return content
  const modules = content.modules.with(at, content.modules[next]!).with(next, content.modules[at]!)
  return { ...content, modules }
}

/**
 * Removes an empty module.
 *
 * @throws 422 when it has lessons: authors remove these one by one and confirm each.
 */
export function removeModule(content: CourseContent, folder: string): CourseContent {
  if (moduleNamed(content, folder).lessons.length) throw new HttpError(422, 'studio:errors.moduleNotEmpty')
  return { ...content, modules: content.modules.filter(module => module.folder !== folder) }
}

function neighbour(content: CourseContent, slug: string, to: 'up' | 'down') {
  const m = content.modules.indexOf(moduleOf(content, slug)!)
  const module = content.modules[m]!
  const at = module.lessons.findIndex(lesson => lesson.slug === slug)
  if (to === 'up' && at > 0) return { module: module.folder, before: module.lessons[at - 1]!.slug }
  if (to === 'down' && at < module.lessons.length - 1) {
    return { module: module.folder, before: module.lessons[at + 2]?.slug ?? null }
  }
  const other = content.modules[m + (to === 'up' ? -1 : 1)]
  return other && { module: other.folder, before: to === 'up' ? null : (other.lessons[0]?.slug ?? null) }
}

function moduleNamed(content: CourseContent, folder: string): Module {
  const module = content.modules.find(module => module.folder === folder)
  if (!module) throw notFound()
  return module
}

function eachLesson(content: CourseContent, change: (lesson: Lesson) => Lesson): CourseContent {
  const modules = content.modules.map(module => ({ ...module, lessons: module.lessons.map(change) }))
  return { ...content, modules }
}

/** Returns a lesson that is for whom `current` is; one that is new is for whom it says. */
export function lessonSeenLike<Changed extends Lesson>(
  lesson: Changed,
  current: Lesson | undefined,
): Changed {
  if (!current) return lesson
  const { visibility: _own, ...rest } = lesson
  const { visibility, preview } = current
  return { ...rest, preview, ...(visibility && { visibility }) } as Changed
}

/**
 * Refuses a change that copies or takes away a lesson that is only for some people, by someone who has no say in that:
 * what is gone could come back from an earlier version as a lesson for everyone.
 *
 * @throws 403 with the title of such a lesson.
 */
export function requireSameRestrictions(before: CourseContent, after: CourseContent): void {
  const isOnlyIn = (content: CourseContent, other: CourseContent) =>
    lessonsOf(content).find(({ slug, visibility }) => visibility && !lessonNamed(other, slug))
  const changed = isOnlyIn(before, after) ?? isOnlyIn(after, before)
  if (changed) throw new HttpError(403, 'studio:errors.restrictedLesson', { title: changed.title })
}

/**
 * Returns content that is for whom `current` is, and so are its lessons: what becomes of a change by someone who has no
 * say in who sees a course.
 */
export function contentSeenLike(content: CourseContent, current: CourseContent): CourseContent {
  const { visibility: _who, companies: _listed, excludedCompanies: _excluded, ...rest } = content
  const { visibility, companies, excludedCompanies } = current
  const modules = content.modules.map(module => ({
    ...module,
    lessons: module.lessons.map(lesson => lessonSeenLike(lesson, lessonNamed(current, lesson.slug))),
  }))
  return {
    ...rest,
    modules,
    ...(visibility && { visibility }),
    ...(companies && { companies }),
    ...(excludedCompanies && { excludedCompanies }),
  }
}
