import { model, Schema, type Types } from 'mongoose'

/** Courses in the order in which somebody with one purpose should take them. */
export type Path = {
  _id: Types.ObjectId
  slug: string
  title: string
  /** Whom it is for, such as "Sales". */
  audience: string
  summary: string
  /** Slugs of the courses, in order. A course that is not published is left out where the path is shown. */
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
