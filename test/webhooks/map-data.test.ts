import { collisionsIn, fieldsOf, isFieldName, mapData, type TypeMapping } from '../../src/webhooks/map-data'
import { messageDefinitionOf, messageTypes } from '../../src/webhooks/message-types'

const nothing: TypeMapping = { renamed: [], omitted: [], constants: [] }
const lead = messageDefinitionOf('lead.qualified').example as Record<string, Record<string, unknown>>

test.each(messageTypes)('%s without a mapping is what it was', type => {
  const example = messageDefinitionOf(type).example as Record<string, unknown>
  expect(mapData(type, example, nothing)).toEqual(example)
  expect(collisionsIn(type, nothing)).toEqual([])
})

test('fields are moved, left out and added, and the rest stays', () => {
  const mapped = mapData('lead.qualified', lead, {
    renamed: [
      { from: 'person.email', to: 'Email' },
      { from: 'score.value', to: 'custom.score' },
    ],
    omitted: ['person.first_name', 'routing.owner'],
    constants: [{ to: 'custom.source', value: '"academy"' }],
  })
  expect(mapped).toMatchObject({
    Email: lead.person!.email,
    custom: { score: lead.score!.value, source: 'academy' },
  })
  expect(mapped.person).not.toHaveProperty('email')
  expect(mapped.person).not.toHaveProperty('first_name')
  const { owner: _owner, ...routing } = lead.routing!
  expect(mapped.routing).toEqual(routing)
  expect(mapped.needs).toEqual(lead.needs)
})

test('an object that is null counts as its fields being null', () => {
  const data = { ...lead, lead: null }
  const inside = fieldsOf('lead.qualified').filter(field => field.startsWith('lead.'))
  const renamed = [{ from: 'lead.status', to: 'Status' }]
  const some = mapData('lead.qualified', data, { ...nothing, renamed })
  expect(some).toMatchObject({ Status: null, lead: null })
  const none = mapData('lead.qualified', data, { ...nothing, omitted: inside })
  expect(none).not.toHaveProperty('lead')
})

test.each([
  ['Email__c', true],
  ['custom.lead-source', true],
  ['a.b.c.d.e.f', false],
  ['1st', false],
  ['a b', false],
  ['a..b', false],
  ['__proto__', false],
  ['a.constructor', false],
  ['x'.repeat(101), false],
])('%s is a name for a field: %s', (name, isOne) => expect(isFieldName(name)).toBe(isOne))
