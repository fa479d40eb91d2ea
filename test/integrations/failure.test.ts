import { readFileSync } from 'node:fs'
import { failureOf, firstStepOf, quoteOf } from '../../src/integrations/failure'

const texts = JSON.parse(readFileSync('views/locales/en/integrations.json', 'utf8')) as {
  cause: Record<string, Record<string, string>>
  why: { link: Record<string, string> }
}

test.each([
  [401, null, 'unauthorized', 'secret'],
  [403, null, 'forbidden', 'secret'],
  [301, null, 'redirect', 'url'],
  [308, null, 'redirect', 'url'],
  [404, null, 'not_found', 'url'],
  [405, null, 'method', 'url'],
  [410, null, 'gone', 'url'],
  [413, null, 'too_large', 'mapping'],
  [400, null, 'invalid', 'schema'],
  [422, null, 'invalid', 'schema'],
  [429, null, 'too_many', 'rate'],
  [500, null, 'server', 'request'],
  [503, null, 'server', 'request'],
  [null, 'CERT_HAS_EXPIRED', 'tls_expired', 'url'],
  [null, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls_self_signed', 'url'],
  [null, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls_chain', 'url'],
  [null, 'ERR_TLS_CERT_ALTNAME_INVALID', 'tls_name', 'url'],
  [null, 'ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'url'],
  [null, 'ENOTFOUND', 'dns', 'url'],
  [null, 'ECONNREFUSED', 'refused', 'url'],
  [null, 'ECONNRESET', 'reset', 'request'],
  [null, 'EHOSTUNREACH', 'unreachable', 'url'],
  [null, 'timeout', 'timeout', 'request'],
  [null, 'blocked', 'private', 'url'],
  [null, 'ESOMETHING', 'other', 'request'],
])('an engineer reads why %s %s failed, and what to do first', (status, error, failure, step) => {
  expect(failureOf({ status, error })).toBe(failure)
  expect(firstStepOf(failureOf({ status, error })!)).toBe(step)
  const words = texts.cause[failure]!
  for (const name of ['title', 'text', 'after', 'never', 'step', 'stepText']) expect(words[name]).toBeTruthy()
  expect(texts.why.link[step]).toBeTruthy()
})

test.each([
  ['{"error":"invalid api key"}', 'credentials'],
  ['Bearer token required', 'credentials'],
  ['{"message":"Please log in"}', 'credentials'],
  ['{"error":"unknown signature"}', 'unauthorized'],
  ['{"error":"signature of the token is wrong"}', 'unauthorized'],
  ['Unauthorized', 'unauthorized'],
  ['', 'unauthorized'],
])('a 401 that says %s is about %s', (response, failure) =>
  expect(failureOf({ status: 401, error: null, response })).toBe(failure),
)

test('a success has no cause, and every cause is its own', () => {
  expect(failureOf({ status: 204, error: null })).toBeNull()
  const all = Object.values(texts.cause).map(({ text }) => text)
  expect(new Set(all).size).toBe(all.length)
})

test.each([
  ['{"error":"unknown signature"}', 'unknown signature'],
  ['{"error":{"code":7,"message":"no such route"}}', 'no such route'],
  ['{"message":"slow down"}', 'slow down'],
  ['{"errors":[1]}', ''],
  ['null', ''],
  ['upstream connect error\nsecond line', 'upstream connect error'],
  ['<html><title>403</title></html>', ''],
  ['x'.repeat(200), `${'x'.repeat(120)}…`],
  ['', ''],
])('of the answer %s, the words are “%s”', (answer, words) => expect(quoteOf(answer)).toBe(words))
