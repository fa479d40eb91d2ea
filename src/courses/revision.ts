import { model, Schema, type Types } from 'mongoose'
import type { CourseContent } from './course'

/** A published version of a course. It never changes, and learners in progress stay on theirs. */
export type Revision = {
  _id: Types.ObjectId
  course: Types.ObjectId
  slug: string
  /** 1, 2, 3… within the course. */
  number: number
  /** The save of the draft it was made from. */
  draftNumber: number
  content: CourseContent
  publishedAt: Date
  publishedBy: Types.ObjectId | null
}

const schema = new Schema<Revision>(
  {
    course: { type: Schema.Types.ObjectId, required: true },
    slug: { type: String, required: true },
    number: { type: Number, required: true },
    draftNumber: { type: Number, required: true },
    content: { type: Schema.Types.Mixed, required: true },
    publishedAt: { type: Date, required: true },
    publishedBy: { type: Schema.Types.ObjectId, default: null },
  },
  { versionKey: false, minimize: false },
)
schema.index({ course: 1, number: -1 }, { unique: true })

export const Revisions = model<Revision>('Revision', schema, 'revisions')
