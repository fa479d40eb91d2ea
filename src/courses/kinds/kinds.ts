import { z } from 'zod'
import { audio } from './audio/audio'
import type { LessonField } from './field'
import { commonFields, type CompletionRule, type LessonKind, type LessonOf } from './lesson-kind'
import { quiz } from './quiz/quiz'
import { text } from './text/text'
import { tour } from './tour/tour'
import { video } from './video/video'

/** THE KINDS OF LESSONS, in the order the studio offers them. A lesson without `kind` has the first one. */
export const kinds = { text, video, audio, tour, quiz }

export type KindName = keyof typeof kinds
export const kindNames = Object.keys(kinds) as KindName[]

type LessonIn<Kind> =
  Kind extends LessonKind<infer Name, infer Fields, infer Word> ? LessonOf<Name, Fields, Word> : never

/** What an author writes, with the length of the recording. */
export type Lesson = { [K in KindName]: LessonIn<(typeof kinds)[K]> }[KindName]

/** A lesson whose questions are graded. */
export type GradedLesson = Extract<Lesson, { passMark: unknown }>

/** Returns the kind of a lesson, whose functions take that lesson. */
export function kindOf({ kind }: Pick<Lesson, 'kind'>): LessonKind {
  return kinds[kind]
}

/** Returns when a lesson counts as done. */
export function completionRule(lesson: Pick<Lesson, 'kind' | 'completion'>): CompletionRule {
  return kindOf(lesson).completions[lesson.completion]!
}

/** Whether the questions of a lesson are graded. Otherwise they are for practice. */
export function isGraded(lesson: Lesson): lesson is GradedLesson {
  return kindOf(lesson).questions === 'graded'
}

/** Returns the icon of a kind that an event names; the kind may no longer exist. */
export function iconOfKind(name: string): string {
  return kindNames.includes(name as KindName) ? kinds[name as KindName].icon : text.icon
}

const kindField = z.enum(kindNames).default(kindNames[0]!)
/** Finds everything else that is wrong with a lesson of an unknown kind. */
const unknownKind = z.looseObject({ ...commonFields, kind: kindField }).pipe(z.never())

/** Returns the schema of a lesson's front matter, which depends on its `kind`. Unknown fields are rejected. */
export function lessonFile(frontMatter: unknown) {
  const { data } = z.looseObject({ kind: kindField }).safeParse(frontMatter)
  return data ? kinds[data.kind].schema : unknownKind
}

/** Returns a new lesson: a title and the defaults of its kind. */
export function emptyLesson(slug: string, title: string, kind: KindName): Lesson {
  const fields = Object.entries<LessonField>(kinds[kind].fields)
  const initial = Object.fromEntries(fields.map(([name, field]) => [name, field.toFile(field.initial)]))
  return withFrontMatter({ slug, mediaSeconds: null, body: '' }, { title, minutes: 5, kind, ...initial })
}

/**
 * Returns a lesson with this front matter, as in its file.
 *
 * @throws ZodError when it is invalid.
 */
export function withFrontMatter(
  { slug, mediaSeconds, body }: Pick<Lesson, 'slug' | 'mediaSeconds' | 'body'>,
  frontMatter: { kind: KindName; [field: string]: unknown },
): Lesson {
  return { slug, ...kinds[frontMatter.kind].schema.parse(frontMatter), mediaSeconds, body }
}

/** Returns the fields of a lesson's kind as in its front matter; fields that equal their default are undefined. */
export function ownFrontMatter(lesson: Lesson): Record<string, unknown> {
  const fields = Object.entries<LessonField>(kindOf(lesson).fields)
  return Object.fromEntries(
    fields.map(([name, field]) => [name, field.toFile(fieldValue(lesson, name, field))]),
  )
}

/** Returns the value of a field; its default in a lesson that was stored before its kind had the field. */
export function fieldValue(lesson: Lesson, name: string, field: LessonField): unknown {
  const value = (lesson as Record<string, unknown>)[name]
  return value === undefined ? field.initial : value
}

/** Returns the paths of the files that the fields of a lesson's kind name. */
export function filesInFields(lesson: Lesson): { field: string; file: string }[] {
  const values: Record<string, unknown> = lesson
  return Object.entries(kindOf(lesson).fields).flatMap(([field, { input }]) => {
    const file = values[field]
    return input.input === 'file' && typeof file === 'string' ? [{ field, file }] : []
  })
}
