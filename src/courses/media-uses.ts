import { LRUCache } from 'lru-cache'
import { assetNamed, type Asset } from './asset'
import { lessonsOf } from './content'
import type { Course, CourseContent, Lesson } from './course'
import { filesInFields, kindOf } from './kinds/kinds'
import { markdownFacts } from './markdown'
import { tracksBeside } from './recording-in-text'

/**
 * A place that needs a file. `lesson` is null for the course itself; `field` is the name of a setting, and `alt` what a
 * text says of a picture.
 */
export type MediaUse = {
  lesson: Pick<Lesson, 'slug' | 'title'> | null
  place: 'shown' | 'linked' | 'field' | 'download' | 'beside' | 'description' | 'cover'
  /** Of the lesson's text, counted from 1; null outside of it. */
  line: number | null
  /** The words of the heading above it, or the number of the step of a tour; null without one. */
  heading: string | null
  step: number | null
  field: string | null
  alt: string | null
}

/** Returns where the files of a draft are used, by their paths. A file without an entry is not used. */
export function usesOf(content: CourseContent): Map<string, MediaUse[]> {
  const { assets, cover, description } = content
  const uses = new Map<string, MediaUse[]>()
  const add = (reference: string | null, use: MediaUse) => {
    const path = assetNamed(assets, reference)?.path
    if (path !== undefined) uses.set(path, [...(uses.get(path) ?? []), use])
  }
  const ofCourse = { lesson: null, line: null, heading: null, step: null, field: null, alt: null }
  if (cover) add(cover, { ...ofCourse, place: 'cover' })
  for (const { target, alt } of markdownFacts(description).references) {
    add(target, { ...ofCourse, place: 'description', alt })
  }
  for (const lesson of lessonsOf(content)) {
    for (const { reference, ...use } of referencesOf(lesson, assets)) add(reference, use)
  }
  return uses
}

type LessonUse = MediaUse & { reference: string }

function referencesOf(lesson: Lesson, assets: readonly Asset[]): LessonUse[] {
  const { slug, title } = lesson
  const inLesson = { lesson: { slug, title }, line: null, heading: null, step: null, field: null, alt: null }
  const { references } = markdownFacts(lesson.body)
  const headingAt = headingsOf(lesson.body)
  const kind = kindOf(lesson)
  const pictures = kind.pictures?.(lesson) ?? []
  return [
    ...pictures.map(({ file, alt, line }, n): LessonUse => ({
      ...inLesson,
      step: n + 1,
      reference: file,
      place: 'shown',
      line,
      alt,
    })),
    ...references.flatMap(({ kind, target, alt, line }): LessonUse[] => {
      const heading = headingAt(line)
      if (kind === 'link') return [{ ...inLesson, reference: target, place: 'linked', line, heading }]
      const beside = tracksBeside(assetNamed(assets, target), assets)
      return [
        { ...inLesson, reference: target, place: 'shown', line, heading, alt },
        ...beside.map(({ path }): LessonUse => ({
          ...inLesson,
          reference: path,
          place: 'beside',
          line,
          heading,
        })),
      ]
    }),
    ...lesson.downloads.map(({ file }): LessonUse => ({
      ...inLesson,
      reference: file,
      place: 'download',
      field: 'downloads',
    })),
    ...filesInFields(lesson).map(({ field, file }): LessonUse => ({
      ...inLesson,
      reference: file,
      place: 'field',
      field,
    })),
    ...(kind.filesBeside?.(lesson, assets) ?? [])
      .filter(reference => !pictures.some(({ file }) => file === reference))
      .map((reference): LessonUse => ({ ...inLesson, reference, place: 'beside' })),
  ]
}

/** Returns a function that finds the words of the heading above a line; null above the first one. */
function headingsOf(body: string): (line: number) => string | null {
  const { outline } = markdownFacts(body)
  const lines = body.split('\n')
  return line => {
    const above = outline.findLast(heading => heading.line <= line)
    // As it is read, without the marks around it.
    return above ? lines[above.line - 1]!.replace(/^\s*#+\s*|[*_`]|\s*#*\s*$/g, '') : null
  }
}

const known = new LRUCache<string, Map<string, MediaUse[]>>({ max: 500 })

/** Like `usesOf`, for many courses: those of a draft are kept until it changes. */
export async function usesInCourse(
  { _id, draftNumber }: Pick<Course, '_id' | 'draftNumber'>,
  readDraft: () => Promise<CourseContent | undefined>,
): Promise<Map<string, MediaUse[]>> {
  const key = `${_id}:${draftNumber}`
  const cached = known.get(key)
  if (cached) return cached
  const draft = await readDraft()
  const uses = draft ? usesOf(draft) : new Map<string, MediaUse[]>()
  known.set(key, uses)
  return uses
}
