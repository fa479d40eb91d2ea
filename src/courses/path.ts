import { defineVersioned, type PublishedVersion, type VersionedRecord } from '../platform/versioned'

/** A learning path: courses for one goal, in the order to take them. */
export type PathContent = {
  title: string
  /** Who it's for, such as "Sales". */
  audience: string
  summary: string
  /** Slugs of the courses, in order. Pages leave out courses that aren't published. */
  courses: string[]
}

/** Learning paths by their slug. */
export const Paths = defineVersioned<PathContent>('Path', 'paths', 'path_versions')
export type Path = VersionedRecord<PathContent>
export type PublishedPath = PublishedVersion<PathContent>
