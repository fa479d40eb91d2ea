import { Events, type Event } from '../events/event'
import { record } from '../events/record'
import { People } from '../people/person'

/** A lesson that was visible for fewer seconds was marked as done, and not read: its learner isn't active. */
const minSeconds = 20

/**
 * Reaction to `lesson.completed`: a person's first lesson that they read, or quiz that they passed, is recorded as
 * `colleague.active` for every other learner at the same company. People without a company (a free or disposable
 * email address) have no colleagues.
 */
export async function notifyColleagues(event: Event<'lesson.completed'>): Promise<void> {
  if (!isAttended(event)) return
  const completions = (await completionsOf(event.person)) as Event<'lesson.completed'>[]
  if (completions.some(other => other._id !== event._id && other.at < event.at && isAttended(other))) return
  const person = await People.load(event.person)
  if (!person?.company || person.role !== 'prospect') return
  const colleagues = await People.find(
    { 'company.domain': person.company.domain, role: 'prospect', _id: { $ne: person._id } },
    { _id: 1 },
  )
  await Promise.all(
    colleagues.map(colleague =>
      record({
        name: 'colleague.active',
        person: colleague._id,
        at: event.at,
        idempotencyKey: [person._id],
        data: { colleague: String(person._id), name: person.name, title: person.title },
      }),
    ),
  )
}

const completionsOf = Events.loaderBy('person', { name: 'lesson.completed' }, { at: 1, data: 1 })

function isAttended({ data }: Event<'lesson.completed'>): boolean {
  return data.kind === 'quiz' || data.seconds >= minSeconds
}
