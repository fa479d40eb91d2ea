import type { Event, EventName, EventData } from '../events/event'

type Descriptions = { [N in EventName]?: (data: EventData[N]) => string }

/** What counts as evidence, in words for a CRM's record. English: a CRM has one language for its fields. */
const descriptions: Descriptions = {
  'person.signed_up': () => 'Joined the academy',
  'needs_assessment.completed': () => 'Said what they need',
  'course.enrolled': ({ title }) => `Began the course "${title}"`,
  'lesson.opened': ({ title }) => `Opened the lesson "${title}"`,
  'lesson.completed': ({ title }) => `Finished the lesson "${title}"`,
  'quiz.attempted': ({ title, correct, total }) =>
    `Answered ${correct} of ${total} questions right in "${title}"`,
  'course.completed': ({ title }) => `Finished the course "${title}"`,
  'certificate.issued': ({ title }) => `Earned the certificate of "${title}"`,
  'pricing.viewed': ({ seconds }) => `Read the prices for ${seconds} seconds`,
  'plans.compared': ({ seconds }) => `Compared the plans for ${seconds} seconds`,
  'question.asked': ({ title }) => (title ? `Asked a question on "${title}"` : 'Asked a question'),
  'colleague.active': () => 'A colleague is learning here too',
  'contact.requested': ({ kind }) => `Asked for a ${kind}`,
}

/** One event as a sentence without a full stop; its name where there is nothing better to say. */
export function describeEvent(event: Pick<Event, 'name' | 'data'>): string {
  const sentence = descriptions[event.name] as ((data: object) => string) | undefined
  return sentence ? sentence(event.data) : event.name
}
