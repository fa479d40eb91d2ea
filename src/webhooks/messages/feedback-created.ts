import { defineMessage } from '../define-message'
import { feedbackData, feedbackExample, feedbackSchema } from '../feedback-data'

export const feedbackCreated = defineMessage({
  name: 'feedback.created',
  docs: { title: 'Feedback created', text: "A topic is new on the product team's list" },
  // Says what is wanted and how many want it, but not who.
  basis: 'none',
  isAnonymous: true,
  recipients: 'subscribers',
  subscribedByDefault: false,
  data: feedbackSchema,
  example: feedbackExample('new', 0),
  from: ['feedback.created'],
  build: ({ data }) => feedbackData(data.feedback),
})
