import { notFound, HttpError } from '../platform/errors'
import { emptyLesson, lessonsOf } from './content'
import type { CourseContent, Lesson, Module } from './course'
import { freeSlug } from './slug'

/** Changes to the outline of a course. All are pure: they answer a new content, and refuse (404) what is not in it. */

export function lessonNamed(content: CourseContent, slug: string): Lesson | undefined {
  return lessonsOf(content).find(lesson => lesson.slug === slug)
}

export function moduleOf(content: CourseContent, slug: string): Module | undefined {
  return content.modules.find(module => module.lessons.some(lesson => lesson.slug === slug))
}

/** The lesson with other fields; its slug stays, since it names the lesson in addresses and in progress. */
export function changeLesson(
  content: CourseContent,
  slug: string,
  change: Partial<Omit<Lesson, 'slug'>>,
): CourseContent {
  if (!lessonNamed(content, slug)) throw notFound()
  return eachLesson(content, lesson => (lesson.slug === slug ? { ...lesson, ...change } : lesson))
}

/** A new lesson at the end of a part; its slug comes from the title. */
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

export function removeLesson(content: CourseContent, slug: string): CourseContent {
  if (!lessonNamed(content, slug)) throw notFound()
  const modules = content.modules.map(module => ({
    ...module,
    lessons: module.lessons.filter(lesson => lesson.slug !== slug),
  }))
  return { ...content, modules }
}

export type Position = 'up' | 'down' | { module: string; before?: string | null }

/**
 * Moves a lesson one place up or down (over the edge of its part into the next one), or to a module: in front of the lesson
 * `before`, else to its end. A first lesson stays where it is when moved up, a last one when moved down.
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

export function addModule(content: CourseContent, title: string): { content: CourseContent; folder: string } {
  const folder = freeSlug(title, 'module', candidate =>
    content.modules.some(module => module.folder === candidate),
  )
  return { content: { ...content, modules: [...content.modules, { folder, title, lessons: [] }] }, folder }
}

export function renameModule(content: CourseContent, folder: string, title: string): CourseContent {
  moduleNamed(content, folder)
  const modules = content.modules.map(module => (module.folder === folder ? { ...module, title } : module))
  return { ...content, modules }
}

export function moveModule(content: CourseContent, folder: string, to: 'up' | 'down'): CourseContent {
  const at = content.modules.indexOf(moduleNamed(content, folder))
  const next = at + (to === 'up' ? -1 : 1)
  if (next < 0 || next >= content.modules.length) return content
  const modules = content.modules.with(at, content.modules[next]!).with(next, content.modules[at]!)
  return { ...content, modules }
}

/** Takes an empty part away. Refuses (422) one with lessons: they go one by one, each after a question. */
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
