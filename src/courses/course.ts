import { model, Schema, type Types } from 'mongoose'

export const topics = ['learning', 'sales', 'operations', 'privacy'] as const
export const levels = ['beginner', 'intermediate', 'advanced'] as const
export const lessonKinds = ['text', 'video', 'quiz'] as const

/** What an author writes: the same tree as the folder of Markdown (see import-course.ts). */
export type CourseContent = {
  title: string
  summary: string
  /** Markdown. */
  description: string
  topic: (typeof topics)[number]
  audience: string
  level: (typeof levels)[number]
  language: string
  /** In minor units of the currency; null for a free course. */
  price: { amount: number; currency: string } | null
  authors: { name: string; role: string }[]
  outcomes: string[]
  forYou: string[]
  notForYou: string[]
  callToAction: { kind: 'demo' | 'trial' | 'contact'; label: string; text: string } | null
  certificate: boolean
  /** The day on which somebody last checked that it is true, `YYYY-MM-DD`. */
  reviewedOn: string | null
  related: string[]
  modules: Module[]
  assets: Asset[]
}

/** A part of a course. `folder` is the name of its folder without the number that orders it. */
export type Module = { folder: string; title: string; lessons: Lesson[] }

export type Lesson = {
  /** The file's name without number and ending; names the lesson for good, in addresses and in progress. */
  slug: string
  title: string
  minutes: number
  kind: (typeof lessonKinds)[number]
  /** Open to everybody, without signing in. */
  preview: boolean
  topics: string[]
  completion: 'read' | 'watch' | 'pass'
  video: string | null
  /** Length of the video in seconds, rounded up; null without one. */
  videoSeconds: number | null
  captions: string | null
  downloads: { file: string; title: string }[]
  /** Percent of right answers, for a quiz. */
  passMark: number | null
  /** Null is no limit. */
  attempts: number | null
  /** Markdown with fenced ```quiz blocks. */
  body: string
}

/** A file beside the lessons; its bytes are kept under their hash (see asset.ts). */
export type Asset = {
  /** As lessons name it: `assets/openings.png`. */
  path: string
  /** SHA-256 of the bytes, hex. */
  hash: string
  size: number
  /** The media type, found from the bytes. */
  type: string
  /** Of a picture, in pixels. */
  width?: number | null
  height?: number | null
  /** Length of a video in seconds; of captions, the end of the last cue. */
  seconds?: number | null
}

export type Course = {
  _id: Types.ObjectId
  slug: string
  draft: CourseContent
  /** Counts every save; a save against an older one is refused (409). */
  draftNumber: number
  /** The revision that new learners get; null before the first publication and after a withdrawal. */
  published: Types.ObjectId | null
  /** Number of the newest revision, 0 before the first. */
  revisions: number
  createdAt: Date
  changedAt: Date
}

const schema = new Schema<Course>(
  {
    slug: { type: String, required: true },
    draft: { type: Schema.Types.Mixed, required: true },
    draftNumber: { type: Number, default: 1 },
    published: { type: Schema.Types.ObjectId, default: null },
    revisions: { type: Number, default: 0 },
    createdAt: { type: Date, required: true },
    changedAt: { type: Date, required: true },
  },
  { versionKey: false, minimize: false },
)
schema.index({ slug: 1 }, { unique: true })
schema.index({ published: 1 })
schema.index({ changedAt: -1 })

export const Courses = model<Course>('Course', schema, 'courses')
