import type { FeedbackState } from '../community/feedback'

/** The class of the tag of each state of a topic. */
export const feedbackTags: Record<FeedbackState, string> = {
  new: 'tag tag-blue',
  answered: 'tag',
  planned: 'tag tag-ochre',
  shipped: 'tag tag-pine',
  declined: 'tag tag-brick',
}
