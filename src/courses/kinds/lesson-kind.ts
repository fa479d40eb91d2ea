import { z } from 'zod'
import type { Asset } from '../asset'
import type { CourseFault } from '../course-fault'
import { file, listOf, words } from '../file-schema'
import { lessonVisibilities, type LessonVisibility } from '../visibility'
import type { FileType } from '../file-type'
import { rowsField, type LessonField } from './field'

/**
 * When a lesson counts as done: `marked` when the learner says so, `seconds` when they have played 90% of the distinct
 * seconds of its recording, `steps` when they have seen every step of one way through it, `passed` when what it asks
 * for has been passed.
 */
export type CompletionRule = 'marked' | 'seconds' | 'steps' | 'passed'

type Fields = Record<string, LessonField>

/** What authors write at the top of a lesson: fields of every lesson, then those of its kind. */
type FrontMatter<Name extends string, F extends Fields, Word extends string> = {
  title: string
  minutes: number
  kind: Name
  /** Open to everyone, without signing in. */
  preview: boolean
  /** Who else can open it, or who only; missing for the learners of the course (see visibility.ts). */
  visibility?: LessonVisibility | undefined
  topics: string[]
  completion: Word
  downloads: { file: string; title: string }[]
} & { [N in keyof F]: z.output<F[N]['schema']> }

/** A lesson of a kind with its own fields and its words for completion rules. */
export type LessonOf<Name extends string, F extends Fields, Word extends string> = {
  /** The file's name without number and extension. It identifies the lesson in URLs and progress and never changes. */
  slug: string
  /** Length of its recording in seconds, rounded up; null without one. */
  mediaSeconds: number | null
  /** Markdown with fenced ```quiz blocks, and ```tour blocks in a tour. */
  body: string
} & FrontMatter<Name, F, Word>

/** A finding about a lesson's own fields. `rule` is a key below `studio:checks.`; `field` says where to fix it. */
export type KindFinding = {
  level: 'error' | 'warning'
  rule: string
  field: string
  values?: Record<string, string | number>
  /** The line of the lesson's text, counted from 1, when it is about a line. */
  line?: number
}

/** The course around a lesson. */
type LessonCourse = { slug: string; assets: readonly Asset[]; language: string }

/** The second to start at: what the URL asks for, and where the learner left off. */
type StartAt = { requested: number | null; last: number | undefined }

/**
 * A kind of lesson. Besides its folder it needs a line in `kinds.ts`, its views, and its texts, which
 * test/courses/kinds.test.ts lists.
 */
export type LessonKind<
  Name extends string = string,
  F extends Fields = Fields,
  Word extends string = string,
> = {
  name: Name
  /** Its icon in outlines and on timelines, by its name in views/icons.svg. */
  icon: string
  /** What authors fill in besides the fields of every lesson, in the order of the front matter. */
  fields: F
  /** What an author writes as `completion`, and the rule it stands for. The first one is the default. */
  completions: Record<Word, CompletionRule>
  /** Whether the questions in its text are graded; then it has the fields `passMark` and `attempts`. */
  questions: 'practice' | 'graded'
  /** File types that a course may contain because of it. */
  fileTypes: FileType[]
  views: {
    /** Its part of the lesson's page, above the text, with the values of `show`; null for a kind without one. */
    lesson: string | null
    /** The same in the studio's preview. */
    preview: string | null
    /** Its fields in the studio's form. */
    settings: string | null
  }
  /** Modules in public/js that the lesson's page loads. */
  scripts: string[]
  /** Returns the minutes a lesson takes, if they can be measured; otherwise null. */
  minutes(lesson: LessonOf<Name, F, Word>): number | null
  /** Returns the findings about its fields. Missing files are found without it. */
  check(lesson: LessonOf<Name, F, Word>, assets: readonly Asset[]): KindFinding[]
  /**
   * Returns what is wrong with the blocks of its text that it reads itself, for a text that begins at this line of a
   * file.
   */
  faultsIn?(body: string, file?: string, firstLine?: number): CourseFault[]
  /** Returns the length of the recording in seconds; null when it is unknown. */
  mediaSeconds?(lesson: LessonOf<Name, F, Word>, assets: readonly Asset[]): number | null
  /** Returns the pictures that its text shows in blocks of its own: the file, the alt text and the line. */
  pictures?(lesson: LessonOf<Name, F, Word>): { file: string; alt: string; line: number }[]
  /** Returns its text with other files in those blocks; `rename` returns null for one that stays. */
  withRenamedPictures?(body: string, rename: (file: string) => string | null): string
  /** Returns the paths of files that it uses, if they exist, without a field for them. */
  filesBeside?(lesson: LessonOf<Name, F, Word>, assets: readonly Asset[]): string[]
  /** Returns what it offers people who can't hear or see the recording. */
  textAlternative?(lesson: LessonOf<Name, F, Word>): 'captions' | 'transcript' | null
  /** Returns the values for its views; null when its files are missing. */
  show?(lesson: LessonOf<Name, F, Word>, course: LessonCourse, start: StartAt): Promise<object | null>
  /** Returns the transcript as plain text, to be downloaded; null when there is none. */
  transcript?(lesson: LessonOf<Name, F, Word>, assets: readonly Asset[]): Promise<string | null>
  /** Returns the words of the lesson that aren't in its text, for search; `second` is when a recording says them. */
  searchText?(
    lesson: LessonOf<Name, F, Word>,
    assets: readonly Asset[],
  ): Promise<{ text: string; second?: number }[]>
}

const title = words(160)

/** The files that a lesson offers to download. One without a title has its name. */
export const downloads = rowsField(
  z.strictObject({ file, title }),
  20,
  [
    { name: 'file', input: 'file' },
    { name: 'title', input: 'text', maximum: 160 },
  ],
  {
    read: ({ file = '', title }) => ({ file, title: title || file.split('/').pop() }),
    write: download => download,
    toFile: download => download,
  },
)

/** The front matter of lessons of every kind. */
export const commonFields = {
  title,
  minutes: z.number().int().min(1).max(600),
  preview: z.boolean().default(false),
  visibility: z.enum(lessonVisibilities).optional(),
  topics: listOf(words(40), 5),
  downloads: downloads.schema,
}

/** Defines a kind of lesson; TypeScript requires all of its parts. */
export function defineKind<const Name extends string, F extends Fields, const Word extends string>(
  kind: LessonKind<Name, F, Word>,
) {
  const words = Object.keys(kind.completions)
  const { title, minutes, preview, visibility, topics } = commonFields
  const shape: Record<string, z.ZodType> = {
    ...{ title, minutes, kind: z.literal(kind.name).default(kind.name) },
    ...{ preview, visibility, topics },
    completion: z.enum(words).default(words[0]!),
    ...Object.fromEntries(
      Object.entries<LessonField>(kind.fields).map(([name, { schema }]) => [name, schema]),
    ),
    downloads: commonFields.downloads,
  }
  return { ...kind, schema: z.strictObject(shape).transform(fields => fields as FrontMatter<Name, F, Word>) }
}
