import { Types } from 'mongoose'
import { now } from '../platform/clock'
import { lessonsOf } from './content'
import type { Course } from './course'
import type { Published } from './published'

/** Who a preview of a draft is shown as. */
export const audiences = ['visitor', 'member', 'learner', 'inProgress'] as const
export type PreviewAudience = (typeof audiences)[number]

/** Returns a draft as the revision that publishing it would make. */
export function draftAsPublished({ _id, slug, draft, revisions }: Course): Published {
  const lessons = lessonsOf(draft)
  return {
    course: _id,
    slug,
    // Pages cache what they have rendered by the revision.
    revision: new Types.ObjectId(),
    number: revisions + 1,
    content: draft,
    publishedAt: now(),
    lessons,
    minutes: lessons.reduce((sum, lesson) => sum + lesson.minutes, 0),
  }
}
