import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageDefinitionOf, envelope, messageTypes, subscribable } from '../../src/webhooks/message-types'

const files = readdirSync(join(__dirname, '../../src/webhooks/messages'))

test('a developer finds each message type in the file of its name, and no file is left off the list', () => {
  const expected = messageTypes.map(type => `${type.replace(/[._]/g, '-')}.ts`)
  expect(files.sort()).toEqual(expected.sort())
})

test.each(messageTypes)('the example of %s fits its schema, field by field', type => {
  const { data, example } = messageDefinitionOf(type)
  expect(data.parse(example)).toEqual(example)
})

test.each(messageTypes)('a message of type %s without data is never sent', type => {
  const head = { id: 'msg_1', type, timestamp: '2026-11-23T09:42:10.000Z', api_version: '2026-11-01' }
  expect(envelope(type).safeParse({ ...head, sequence: 1, data: {} }).success).toBe(false)
})

test('a CRM can subscribe to everything but the test message', () => {
  expect(messageTypes.filter(type => !subscribable.includes(type))).toEqual(['webhook.test'])
})
