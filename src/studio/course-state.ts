import type { Around, Finding } from '../courses/check-course'
import type { Course, Lesson } from '../courses/course'
import type { CoursePermission } from '../courses/course-role'
import type { Revision } from '../courses/revision'
import type { Person } from '../people/person'
import type { PresenceView } from './presence-view'

export type PublishedRevision = Pick<Revision, '_id' | 'number' | 'draftNumber' | 'publishedAt'>

/** What a course page in the studio is built from. */
export type CourseState = {
  course: Course
  /** The lesson that the page is about; undefined on the course's own pages. */
  lesson: Lesson | undefined
  published: PublishedRevision | null
  /** Whether the published revision equals the draft. */
  isUpToDate: boolean
  /** What the course's links can lead to. */
  around: Around
  findings: Finding[]
  /** Slugs of the lessons with errors. */
  faultyLessons: Set<string | null>
  /** How many comments are open on each lesson that has any, by slug. */
  openComments: ReadonlyMap<string, number>
  /** What a reviewer wants to be changed, and who. */
  requestedChanges: { by: string; note: string } | null
  /** Whether the reader may change the course. */
  canWrite: boolean
  permissions: ReadonlySet<CoursePermission>
  reader: Person['_id']
  /** Who else is in which lesson. */
  present: PresenceView['lessons']
  /** Whether the draft needs another person's approval before it can be published. */
  needsApproval: boolean
  /** The page's tab in the bar above it. */
  tab: string
}
