import { model, Schema, type Types } from 'mongoose'

/** A learning path: courses for one goal, in the order to take them. */
export type Path = {
  _id: Types.ObjectId
  slug: string
  title: string
  /** Who it's for, such as "Sales". */
  audience: string
  summary: string
  /** Slugs of the courses, in order. Pages leave out courses that aren't published. */
  courses: string[]
}

const schema = new Schema<Path>(
  {
    slug: { type: String, required: true },
    title: { type: String, required: true },
    audience: { type: String, required: true },
    summary: { type: String, required: true },
    courses: { type: [String], default: [] },
  },
  { versionKey: false },
)
schema.index({ slug: 1 }, { unique: true })

export const Paths = model<Path>('Path', schema, 'paths')
