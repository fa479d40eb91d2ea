import type { Event, EventName, EventData } from '../events/event'

type Descriptions = { [N in EventName]?: (data: EventData[N]) => string }

const contactRequests = {
  demo: 'Requested a demo',
  trial: 'Requested a trial',
  contact: 'Asked to be contacted',
} as const

/** The evidence behind a score, as a CRM shows it. In English, since a CRM has one language for its fields. */
const descriptions: Descriptions = {
  'person.signed_up': () => 'Signed up',
  'needs_assessment.completed': () => 'Completed the needs assessment',
  'course.enrolled': ({ title }) => `Started the course "${title}"`,
  'lesson.opened': ({ title }) => `Opened the lesson "${title}"`,
  'lesson.completed': ({ title }) => `Finished the lesson "${title}"`,
  'quiz.attempted': ({ title, correct, total }) => `Scored ${correct}/${total} in the quiz "${title}"`,
  'course.completed': ({ title }) => `Finished the course "${title}"`,
  'certificate.issued': ({ title }) => `Earned the certificate "${title}"`,
  'pricing.viewed': ({ seconds }) => `Viewed pricing for ${seconds} seconds`,
  'plans.compared': ({ seconds }) => `Compared plans for ${seconds} seconds`,
  'question.asked': ({ title }) => (title ? `Asked a question about "${title}"` : 'Asked a question'),
  'colleague.active': () => 'A colleague is learning here too',
  'contact.requested': ({ kind }) => contactRequests[kind],
}

/** Describes an event in a sentence without a full stop; returns its name when there is no description. */
export function describeEvent(event: Pick<Event, 'name' | 'data'>): string {
  const describe = descriptions[event.name] as ((data: object) => string) | undefined
  return describe ? describe(event.data) : event.name
}
