import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import request from 'supertest'
import { root } from '../../src/platform/root'
import { envelope, messageTypes } from '../../src/webhooks/message-types'
import { newSecret, sign } from '../../src/webhooks/sign'
import { verification } from '../../src/api/verification'
import { openAcademy, theApp, type Academy } from '../kit/academy'

let academy: Academy

beforeAll(async () => (academy = await openAcademy()))
afterAll(() => academy.close())

test('a developer finds every message type with an example that fits its schema', async () => {
  const { body } = await request(theApp()).get('/webhooks/message-types.json').expect(200)
  expect(body.types.map((entry: { type: string }) => entry.type)).toEqual(messageTypes)
  for (const { type, schema, example } of body.types) {
    expect(envelope(type).safeParse(example).error).toBeUndefined()
    expect(schema.properties.type.const).toBe(type)
    expect(schema.properties.data.type).toBe('object')
    expect(schema.required).toContain('sequence')
  }
  expect(body.outcomes.schema.properties.type.enum).toContain('opportunity.won')
})

test('the example that a course offers for download is a message as endpoints get it', () => {
  const file = 'scripts/demo/courses/send-leads-to-your-crm/assets/lead-qualified.example.json'
  const example = JSON.parse(readFileSync(join(root, file), 'utf8'))
  // A field that the schema doesn't know would be missing after parsing.
  expect(envelope('lead.qualified').parse(example)).toEqual(example)
})

test('the page has an anchor for each message type', async () => {
  const { text } = await request(theApp())
    .get('/webhooks/message-types')
    .set('accept', 'text/html')
    .expect(200)
  for (const type of messageTypes) expect(text).toContain(`<h2 id="${type}"`)
  expect(text).toContain('Lead qualified</h2>')
  expect(text).toContain('Sent only while the person shares what they learn with sales.')
  expect(text).toContain('/api/crm/outcomes')
  expect(text).toContain('with up to 10 attempts over 3 days')
})

test('the JavaScript sample accepts our messages and rejects others', async () => {
  const { verify } = (await run(verification[0]!.code)) as { verify: (...args: unknown[]) => boolean }
  const [secret, other] = [newSecret(), newSecret()]
  const headers = sign('msg_1', '{"a":"ž"}', [other, secret])
  expect(verify(secret, headers, '{"a":"ž"}')).toBe(true)
  expect(verify(other, headers, '{"a":"ž"}')).toBe(true)
  expect(verify(newSecret(), headers, '{"a":"ž"}')).toBe(false)
  expect(verify(secret, headers, '{"a":"z"}')).toBe(false)
  const old = sign('msg_1', '{}', [secret], Math.floor(Date.now() / 1000) - 301)
  expect(verify(secret, old, '{}')).toBe(false)
})

const python = spawnSync('python3', ['--version']).status === 0

;(python ? test : test.skip)('the Python sample does the same, where python3 is installed', () => {
  const [secret, other] = [newSecret(), newSecret()]
  const body = '{"a":"ž"}'
  const headers = sign('msg_1', body, [other, secret])
  const old = sign('msg_1', body, [secret], Math.floor(Date.now() / 1000) - 302)
  const cases = [
    [secret, headers, body],
    [other, headers, body],
    [newSecret(), headers, body],
    [secret, headers, '{"a":"z"}'],
    [secret, old, body],
  ]
  const calls = `${verification[1]!.code}
import json, sys
for secret, headers, body in json.load(sys.stdin):
    print(verify(secret, headers, body.encode()))
`
  const { stdout, stderr } = spawnSync('python3', ['-c', calls], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(stdout.trim().split('\n')).toEqual(['True', 'True', 'False', 'False', 'False'])
})

/** Runs the sample as CommonJS, since Jest doesn't run ES modules. */
function run(code: string): unknown {
  const module = code
    .replace(/import (\{.*\}) from ('.*')/, 'const $1 = require($2)')
    .replace('export function', 'return { verify }; function')
  return new Function('require', module)(require)
}
