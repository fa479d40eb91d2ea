import { defineMessage } from '../define-message'
import { leadData, leadExample, leadSchema } from '../lead-data'

export const leadUpdated = defineMessage({
  name: 'lead.updated',
  docs: {
    title: 'Lead updated',
    text: 'A lead you already know learned more or said what they need: the full record again',
  },
  basis: 'consent',
  recipients: 'subscribers_that_know',
  subscribedByDefault: true,
  data: leadSchema,
  example: leadExample,
  from: ['needs_assessment.completed', 'course.completed'],
  build: (_event, person) => leadData(person),
})
