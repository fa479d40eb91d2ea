import { lessonsOf } from '../courses/content'
import { draftStatus, type CourseStatus } from '../courses/review'
import type { CourseState } from './course-state'
import type { TextLink, Texts } from '../web/texts'
import { urlOf } from './urls'

/** The colour of each state's tag. */
export const statusColours: Record<CourseStatus, string> = {
  draft: '',
  'in-review': 'tag-blue',
  'changes-requested': 'tag-ochre',
  approved: 'tag-pine',
  scheduled: 'tag-blue',
  published: 'tag-pine',
}

/** Returns what the bar above a course's pages shows: the state of the draft, and the reader's next step. */
export function workflowView(state: CourseState, texts: Texts) {
  const { t } = texts
  const { course, published } = state
  // Bringing it back is the only way on.
  if (course.archived) return { tag: { colour: '', text: t('studio:courses.archived') }, next: null }
  const status = draftStatus(course, published?.draftNumber)
  return {
    tag: {
      colour: statusColours[status],
      text:
        status === 'published'
          ? t('studio:bar.published', { version: published!.number })
          : t(`studio:statuses.${status}`),
    },
    next: nextStep(status, state, texts),
  }
}

/** Returns the one thing that the reader can do next about the draft; null when it waits for someone else. */
function nextStep(
  status: CourseStatus,
  { course, permissions, needsApproval, reader }: CourseState,
  { t }: Texts,
): TextLink | null {
  const [review, publish] = [`${urlOf(course)}/review`, `${urlOf(course)}/publications/new`]
  const step = (permission: Parameters<typeof permissions.has>[0], href: string, key: string) =>
    permissions.has(permission) ? { href, text: t(key) } : null
  switch (status) {
    case 'draft':
      if (!lessonsOf(course.draft).length) {
        return course.draft.modules.length
          ? step('write', `${urlOf(course)}/lessons/new`, 'studio:outline.addLesson')
          : step('write', `${urlOf(course)}#add-module`, 'studio:outline.addModule')
      }
      return (
        (!needsApproval && step('publish', publish, 'studio:bar.publish')) ||
        step('write', review, 'studio:bar.askForReview')
      )
    case 'changes-requested':
      return step('write', review, 'studio:bar.resubmit')
    case 'in-review':
      return course.review!.requestedBy?.equals(reader) ? null : step('review', review, 'studio:bar.review')
    case 'approved':
      return step('publish', publish, 'studio:bar.publish')
    case 'scheduled':
      return step('publish', publish, 'studio:bar.changeSchedule')
    case 'published':
      return null
  }
}
