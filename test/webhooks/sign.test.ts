import { createHmac } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { newSecret, sign } from '../../src/webhooks/sign'
import { encryptSecret, decryptSecret } from '../../src/platform/encrypt-secret'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

test('the signature matches the test vector of Standard Webhooks', () => {
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  expect(sign(id, '{"test": 2432232314}', [secret], 1614265330)).toEqual({
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

test('after a rotation the two signatures of our own test vector stand side by side, the newest first', () => {
  const older = 'whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc='
  expect(sign('msg_1', '{"name":"Zoë Novotná 😀"}', [secret, older], 1700000000)).toEqual({
    'webhook-id': 'msg_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature':
      'v1,eCyD34tn1TODgCW1+SjXEqeGfQ44n/KU3qpoGFEexYA= v1,GgNDGX4uIMlYZGGJgPD1xP2rLmlmnHLp6OasDEcwLwQ=',
  })
})

test.each([[[secret]], [[newSecret(), newSecret()]]])(
  "every signature is the HMAC-SHA256 of Node.js's own crypto, whatever the body: %#",
  secrets => {
    for (const body of ['', '{}', '{"price":"240 €"}', `{"text":"${'Žofie 😀'.repeat(5000)}"}`]) {
      const expected = secrets.map(each => {
        const key = Buffer.from(each.slice('whsec_'.length), 'base64')
        return `v1,${createHmac('sha256', key).update(`msg_1.1700000000.${body}`).digest('base64')}`
      })
      const headers = sign('msg_1', body, secrets, 1700000000)
      expect(headers['webhook-signature']).toBe(expected.join(' '))
    }
  },
)

test('independent verifiers accept our signatures, with the old secret and with the new one', () => {
  const [fresh, old] = [newSecret(), newSecret()]
  const body = '{"name":"Zoë Novotná"}'
  const headers = { ...sign('msg_1', body, [fresh, old]) }
  for (const secret of [fresh, old]) {
    expect(new Webhook(secret).verify(body, headers)).toEqual({ name: 'Zoë Novotná' })
    expect(new Svix(secret).verify(body, headers)).toEqual({ name: 'Zoë Novotná' })
  }
  expect(() => new Webhook(newSecret()).verify(body, headers)).toThrow('No matching signature')
})

test('secrets are 32 random bytes in standard base64', () => {
  expect(newSecret()).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(newSecret()).not.toBe(newSecret())
})

test('an encrypted secret can be decrypted only for its owner, and only when no byte is changed', () => {
  const encrypted = encryptSecret('whsec_abc', 'endpoint 1')
  expect(encrypted).not.toContain('abc')
  expect(encryptSecret('whsec_abc', 'endpoint 1')).not.toBe(encrypted)
  expect(decryptSecret(encrypted, 'endpoint 1')).toBe('whsec_abc')
  expect(() => decryptSecret(encrypted, 'endpoint 2')).toThrow()
  expect(() => decryptSecret(`${encrypted.slice(0, -2)}AA`, 'endpoint 1')).toThrow()
})
