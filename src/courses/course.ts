import {
  date,
  defineRecord,
  free,
  list,
  nested,
  nullable,
  number,
  objectId,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { Asset } from './asset'
import type { Lesson } from './kinds/kinds'

export type { Lesson }

/** What an author writes: the same tree as the folder of Markdown (see import-course.ts). */
export type CourseContent = {
  title: string
  summary: string
  /** Markdown. */
  description: string
  /** An entry of the academy's topics (see catalogue-lists.ts); an imported one may not be listed yet. */
  topic: string
  /** Entries of its audiences. */
  audiences: string[]
  /** An entry of its levels. */
  level: string
  language: string
  /** In minor units of the currency; null for a free course. */
  price: { amount: number; currency: string } | null
  authors: { name: string; role: string }[]
  outcomes: string[]
  forYou: string[]
  notForYou: string[]
  callToAction: { kind: 'demo' | 'trial' | 'contact'; label: string; text: string } | null
  certificate: boolean
  /** The day a subject expert last reviewed the whole course, `YYYY-MM-DD`. */
  checkedOn: string | null
  related: string[]
  /** The image of a course that has one as its cover: `assets/cover.webp`. Any other cover is drawn. */
  cover?: string | undefined
  modules: Module[]
  assets: Asset[]
}

/** A module groups lessons. `folder` is its folder's name without the number that orders it. */
export type Module = { folder: string; title: string; lessons: Lesson[] }

export const Courses = defineRecord(
  'Course',
  'courses',
  {
    slug: string(),
    draft: free<CourseContent>(),
    /** Incremented by every save; a save based on an older number is rejected with 409. */
    draftNumber: withDefault(number(), 1),
    /** The revision that new learners get; null before the first publication and after a withdrawal. */
    published: nullable(objectId()),
    /** When it was archived, and the revision that new learners had until then; see archive-course.ts. */
    archived: nullable(nested({ at: date(), revision: nullable(objectId()) })),
    /** Number of the newest revision; 0 before the first. */
    revisions: withDefault(number(), 0),
    /** The last modules and lessons added to the draft, and the press of the button that added each. */
    additions: optional(list(nested({ submission: string(), slug: string() }))),
    createdAt: date(),
    changedAt: date(),
  },
  { indexes: [[{ slug: 1 }, { unique: true }], [{ published: 1 }], [{ changedAt: -1 }]] },
)
export type Course = RecordOf<typeof Courses>
