import { Webhook } from 'standardwebhooks'
import { Webhook as Svix } from 'svix'
import { newSecret, sign, verificationError } from '../../src/webhooks/sign'
import { encryptSecret, decryptSecret } from '../../src/webhooks/encrypt-secret'

const known = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  sentAt: 1614265330,
  body: '{"test": 2432232314}',
}

test('the signature matches the test vector of Standard Webhooks', () => {
  expect(sign(known.id, known.body, [known.secret], known.sentAt)).toEqual({
    'webhook-id': known.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  })
})

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

test('a message is trusted only when it is unchanged, recent and signed with a known secret', () => {
  const secret = newSecret()
  const body = '{"a":1}'
  const now = Math.floor(Date.now() / 1000)
  const headers = sign('msg_1', body, [secret], now)
  expect(verificationError(headers, body, [secret])).toBeNull()
  expect(verificationError(headers, body, [newSecret(), secret])).toBeNull()
  expect(verificationError(headers, `${body} `, [secret])).toBe('signature')
  expect(verificationError(headers, body, [newSecret()])).toBe('signature')
  expect(verificationError(headers, body, [])).toBe('signature')
  expect(verificationError({ ...headers, 'webhook-id': 'msg_2' }, body, [secret])).toBe('signature')
  expect(verificationError({ ...headers, 'webhook-signature': 'v1,' }, body, [secret])).toBe('signature')
  expect(verificationError({}, body, [secret])).toBe('headers')
  expect(verificationError({ ...headers, 'webhook-timestamp': '1e9' }, body, [secret])).toBe('headers')
  // A second may pass between signing and verifying.
  for (const age of [301, -303]) {
    const stale = sign('msg_1', body, [secret], now - age)
    expect(verificationError(stale, body, [secret])).toBe('timestamp')
  }
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
