import type { Types } from 'mongoose'
import { publishRouting, saveRouting, standardPerson, standardRouting } from '../../src/leads/routing-rules'
import { People } from '../../src/people/person'

/** Publishes who gets the leads of the demo: two territories, named accounts, and turns for the rest of the world. */
export async function publishDemoRouting(lead: Types.ObjectId): Promise<void> {
  const reps = await People.find({ role: 'sales' }, { email: 1 })
  const idOf = (start: string) => String(reps.find(({ email }) => email.startsWith(start))!._id)
  const [petra, marek] = [idOf('sales@'), idOf('marek')]
  const anything = { companies: [], domains: [], countries: [], topics: [], answer: null }
  const england = [
    ['2026-12-25', 'Christmas Day'],
    ['2026-12-28', 'Boxing Day (substitute day)'],
    ['2027-01-01', 'New Year’s Day'],
    ['2027-03-26', 'Good Friday'],
    ['2027-03-29', 'Easter Monday'],
  ] as const
  const content = {
    ...standardRouting,
    rules: [
      {
        ...{ id: 'crm', name: 'Known accounts', when: anything, responseHours: null },
        target: { kind: 'crm' as const },
      },
      {
        ...{ id: 'uk-ireland-and-dach', name: 'UK, Ireland and DACH', responseHours: null },
        when: { ...anything, countries: ['GB', 'IE', 'dach'] },
        target: { kind: 'teammate' as const, id: petra },
      },
      {
        ...{ id: 'nordics', name: 'Nordics', responseHours: null },
        when: { ...anything, countries: ['nordics'] },
        target: { kind: 'teammate' as const, id: marek },
      },
      {
        ...{ id: 'rest-of-the-world', name: 'Rest of the world', when: anything, responseHours: null },
        target: { kind: 'pool' as const, id: 'account-managers' },
      },
    ],
    pools: [
      {
        ...{ id: 'account-managers', name: 'Account managers', members: [petra, marek] },
        share: 'turns' as const,
      },
    ],
    people: {
      [petra]: { ...standardPerson, weight: 2, capacity: 25, calendar: 'england' },
      [marek]: { ...standardPerson, capacity: 25 },
    },
    calendars: [
      { id: 'england', name: 'England and Wales', daysOff: england.map(([day, name]) => ({ day, name })) },
    ],
    response: { hours: 4, remindBefore: 1, escalateAfter: 1, reassignAfter: null },
  }
  await publishRouting(await saveRouting(content, 0), 'Territories as agreed for this quarter', lead)
}
