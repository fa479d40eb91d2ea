import { defineMessage } from '../define-message'
import { feedbackData, feedbackExample, feedbackSchema } from '../feedback-data'

export const feedbackUpdated = defineMessage({
  name: 'feedback.updated',
  docs: {
    title: 'Feedback updated',
    text: "A teammate changed a topic of the product team's list: its state, owner or area, or it was merged",
  },
  basis: 'none',
  isAnonymous: true,
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: feedbackSchema,
  example: feedbackExample('planned', 1),
  from: ['feedback.updated'],
  build: ({ data }) => feedbackData(data.feedback),
})
