import { Events, type Event } from '../events/event'
import { record } from '../events/record'
import { People } from '../people/person'

/**
 * Reaction to `lesson.completed`: a person's first finished lesson is recorded as `colleague.active` for every other
 * learner at the same company. People without a company (a free or disposable email address) have no colleagues.
 */
export async function notifyColleagues(event: Event<'lesson.completed'>): Promise<void> {
  const completions = await completionsOf(event.person)
  if (completions.some(({ _id, at }) => _id !== event._id && at < event.at)) return
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

const completionsOf = Events.loaderBy('person', { name: 'lesson.completed' }, { at: 1 })
