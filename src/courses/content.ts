import { z } from 'zod'
import { levels, lessonKinds, topics, type CourseContent, type Lesson } from './course'
import { maxSlugLength, slugForm } from './slug'

/** The most characters in a lesson's text: about 6,500 words, more than anyone reads in one sitting. */
export const maxBodyLength = 40_000
/** Limits of a course, so that it fits in one document and its export stays within the importer's caps (unzip.ts). */
export const courseCaps = { lessons: 200, modules: 50, files: 200, characters: 4_000_000, megabytes: 95 }

export const completions = ['read', 'watch', 'pass'] as const
export const callToActionKinds = ['demo', 'trial', 'contact'] as const

const words = (maximum: number) => z.string().max(maximum).regex(/\S/)
const line = (maximum: number) => words(maximum)
const slug = z.string().max(maxSlugLength).regex(slugForm)
const file = z.string().max(300).regex(/\S/)
const list = <T extends z.ZodType>(item: T, maximum: number) =>
  z
    .array(item)
    .max(maximum)
    .nullish()
    .transform(items => items ?? [])
const orNull = <T extends z.ZodType>(value: T) => value.nullish().transform(given => given ?? null)
const textOrNone = (maximum: number) =>
  z
    .string()
    .max(maximum)
    .nullish()
    .transform(text => text ?? '')

/** The fields of `course.yml`. Missing fields get their default; unknown fields are refused. */
export const courseFile = z.strictObject({
  title: line(120),
  summary: textOrNone(400),
  description: textOrNone(20_000),
  topic: z.enum(topics),
  audience: textOrNone(80),
  level: z.enum(levels).default('beginner'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/)
    .default('en'),
  price: orNull(
    z.strictObject({
      amount: z.number().int().min(1).max(100_000_000),
      currency: z.string().regex(/^[A-Z]{3}$/),
    }),
  ),
  authors: list(z.strictObject({ name: line(100), role: textOrNone(100) }), 20),
  outcomes: list(words(300), 12),
  forYou: list(words(300), 12),
  notForYou: list(words(300), 12),
  callToAction: orNull(
    z.strictObject({ kind: z.enum(callToActionKinds), label: line(60), text: textOrNone(600) }),
  ),
  certificate: z.boolean().default(true),
  reviewedOn: orNull(z.iso.date()),
  related: list(slug, 10),
})

/** The fields of `module.yml`. */
export const moduleFile = z.strictObject({ title: line(120) })

/** The front matter of a lesson. Without `completion`, the lesson's kind decides. */
export const lessonFile = z
  .strictObject({
    title: line(160),
    minutes: z.number().int().min(1).max(600),
    kind: z.enum(lessonKinds).default('text'),
    preview: z.boolean().default(false),
    topics: list(line(40), 5),
    completion: z.enum(completions).optional(),
    video: orNull(file),
    captions: orNull(file),
    downloads: list(z.strictObject({ file, title: line(160) }), 20),
    passMark: orNull(z.number().int().min(0).max(100)),
    attempts: orNull(z.number().int().min(1).max(100)),
  })
  .transform(lesson => ({ ...lesson, completion: lesson.completion ?? completionOf(lesson.kind) }))

function completionOf(kind: Lesson['kind']): Lesson['completion'] {
  return ({ text: 'read', video: 'watch', quiz: 'pass' } as const)[kind]
}

/** Returns the content of a new course: a title and defaults. */
export function emptyContent(title: string): CourseContent {
  return {
    ...courseFile.parse({ title, topic: topics[0] }),
    modules: [],
    assets: [],
  }
}

/** Returns a new lesson: a title and the defaults of its kind. */
export function emptyLesson(slug: string, title: string, kind: Lesson['kind']): Lesson {
  return {
    slug,
    ...lessonFile.parse({ title, kind, minutes: 5, passMark: kind === 'quiz' ? 80 : null }),
    videoSeconds: null,
    body: '',
  }
}

/** Replaces `\r\n` (as browsers send it) and `\r` with `\n`, the only line end that is stored. */
export function withPlainLineEnds(text: string): string {
  return text.replace(/\r\n?/g, '\n')
}

/** Returns the lessons of all modules, in order. */
export function lessonsOf(content: CourseContent): Lesson[] {
  return content.modules.flatMap(module => module.lessons)
}

/** Whether a course exceeds `courseCaps`. */
export function isTooLarge(content: CourseContent): boolean {
  const lessons = lessonsOf(content)
  const characters = lessons.reduce((sum, lesson) => sum + lesson.body.length, content.description.length)
  const bytes = content.assets.reduce((sum, asset) => sum + asset.size, 0)
  return (
    lessons.length > courseCaps.lessons ||
    content.modules.length > courseCaps.modules ||
    content.assets.length > courseCaps.files ||
    characters > courseCaps.characters ||
    bytes > courseCaps.megabytes * 1024 * 1024
  )
}
