import { record } from '../../src/events/record'
import { assignOwner } from '../../src/leads/assign-owner'
import { Leads } from '../../src/leads/lead'
import { openAcademy, type Academy } from '../kit/academy'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

test('leads that come at the same moment are spread over the team', async () => {
  const people = await Promise.all(
    Array.from({ length: 12 }, () => make.person({ title: 'Head of Enablement' })),
  )
  for (const { _id: person } of people)
    await record({
      name: 'contact.requested',
      person,
      idempotencyKey: [],
      data: { kind: 'demo', text: '', title: 'Read the evidence' },
    })
  await runAllDue()
  expect(await Leads.count({ owner: null, rank: { $in: [0, 1] } })).toBe(12)

  const reps = await Promise.all(
    ['Petra Novotná', 'Idris Bello', 'Mei Tan'].map(name => make.person({ role: 'sales', name })),
  )
  await Promise.all(people.map(({ _id: person }) => assignOwner({ person })))
  expect(await Promise.all(reps.map(({ _id }) => Leads.count({ owner: _id })))).toEqual([4, 4, 4])
})
