import { z } from 'zod'
import { nextStepKinds } from '../brand/content'
import { priceProblem } from '../platform/currency'
import { isLanguageTag } from '../platform/language-tag'
import { idInFile, type CatalogueLists } from './catalogue-lists'
import type { CourseContent, Lesson } from './course'
import { file, listOf, orNull, textOrNone, words } from './file-schema'
import { registrableDomain } from '../people/company'
import { markdownCaps } from './markdown-caps'
import { maxSlugLength, slugForm } from './slug'
import { courseVisibilities, maxCompanies } from './visibility'

/** The most characters in a lesson's text: about 20,000 words, or a quiz of 100 long questions. */
export const maxBodyLength = markdownCaps.characters
/** Limits of a course, so that it fits in one document and its export stays within the importer's caps (unzip.ts). */
export const courseCaps = { lessons: 200, modules: 50, files: 200, characters: 4_000_000, megabytes: 95 }

/** In characters: what someone reads out in half a minute. */
export const maxAltLength = 500

const percent = z.number().int().min(0).max(100)

const slug = z.string().max(maxSlugLength).regex(slugForm)

const companies = z
  .array(
    z.string().check(({ value, issues }) => {
      if (registrableDomain(value) === value) return
      issues.push({ code: 'custom', input: value, params: { key: 'studio:faults.companyDomain' } })
    }),
  )
  .max(maxCompanies)

/** The fields of `course.yml`. Missing fields get their default; unknown fields are rejected. */
export const courseFile = z.strictObject({
  title: words(120),
  summary: textOrNone(400),
  description: textOrNone(20_000),
  /** Ids or names of entries of the academy's lists; `importCourse` looks them up. The first level without one. */
  topic: words(80),
  audiences: listOf(words(80), 10),
  /** What files of before 29 November 2026 have instead. */
  audience: textOrNone(80),
  level: textOrNone(80),
  language: z
    .string()
    .check(({ value, issues }) => {
      if (isLanguageTag(value)) return
      issues.push({ code: 'custom', input: value, params: { key: 'studio:faults.language' } })
    })
    .default('en'),
  price: orNull(
    z.strictObject({ amount: z.number().int().min(1), currency: z.string() }).check(({ value, issues }) => {
      const refused = priceProblem(value.amount, value.currency)
      if (!refused) return
      const { problem, ...values } = refused
      const path = [problem === 'currency' ? 'currency' : 'amount']
      const params = { key: `studio:faults.price.${problem}`, values }
      issues.push({ code: 'custom', input: value, path, params })
    }),
  ),
  authors: listOf(
    z.strictObject({ name: words(100), role: textOrNone(100), about: words(600).optional() }),
    20,
  ),
  outcomes: listOf(words(300), 12),
  forYou: listOf(words(300), 12),
  notForYou: listOf(words(300), 12),
  callToAction: orNull(
    z.strictObject({ kind: z.enum(nextStepKinds), label: words(60), text: textOrNone(600) }),
  ),
  certificate: z.boolean().default(true),
  checkedOn: orNull(z.iso.date()),
  related: listOf(slug, 10),
  /** An image of the course, such as `assets/cover.webp`. Without it, the cover is drawn. */
  cover: file.optional(),
  /** The free lesson whose video the course's page plays. */
  previewVideo: slug.optional(),
  /** Who can find it; see visibility.ts. */
  visibility: z.enum(courseVisibilities).optional(),
  companies: companies.optional(),
  excludedCompanies: companies.optional(),
  /** What the library says of its files. */
  media: listOf(
    z.strictObject({
      file,
      alt: textOrNone(maxAltLength),
      focus: orNull(z.strictObject({ x: percent, y: percent })),
    }),
    courseCaps.files,
  ),
})

/** The fields of `module.yml`. */
export const moduleFile = z.strictObject({ title: words(120) })

/** Returns the content of a new course: a title, the first topic and level of the academy, and defaults. */
export function emptyContent(title: string, lists: CatalogueLists): CourseContent {
  const {
    audience: _audience,
    media: _media,
    ...fields
  } = courseFile.parse({ title, topic: lists.topics[0]!.id })
  return {
    ...listed(fields, lists),
    modules: [],
    assets: [],
  }
}

/**
 * Returns what a file says with the ids of the academy's lists. Words that aren't on a list stay as they are, and the
 * check of the course says so (see check-course.ts).
 */
export function listed<F extends Pick<CourseContent, 'topic' | 'audiences' | 'level'>>(
  fields: F,
  lists: CatalogueLists,
): F {
  return {
    ...fields,
    topic: idInFile(lists.topics, fields.topic),
    audiences: [...new Set(fields.audiences.map(each => idInFile(lists.audiences, each)))],
    level: fields.level.trim() ? idInFile(lists.levels, fields.level) : lists.levels[0]!.id,
  }
}

/** Replaces `\r\n` (as browsers send it) and `\r` with `\n`, the only line ending that is stored. */
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

/** Whether the course's page may play the video of a lesson to everyone who finds it. */
export const isFreeVideo = ({ preview, kind }: Lesson): boolean => preview && kind === 'video'
