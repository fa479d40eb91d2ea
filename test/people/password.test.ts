import { hash } from '@node-rs/argon2'
import { commonPasswords } from '../../src/people/common-passwords'
import { hashPassword, isTooCommon, verifyPassword, weakness } from '../../src/people/password'
import { cpuTimeOf } from '../kit/cpu-time'

const amara = {
  email: 'amara.okonkwo@northwind-pumps.com',
  name: 'Amara Okonkwo',
  company: 'Northwind Pumps',
  academy: 'Lyceum',
}

test.each([
  ['amara.okonkwo@northwind-pumps.com', 'personal'],
  ['AMARA.OKONKWO@northwind-pumps.com', 'personal'],
  ['amara.okonkwo', 'personal'],
  ['amaraokonkwo', 'personal'],
  ['okonkwo amara', 'personal'],
  ['Amara-2026-!', 'personal'],
  ['owknoko.arama', 'personal'],
  ['Ámárá Ókónkwó', 'personal'],
  ['ａｍａｒａ１２３４５', 'personal'],
  ['amarapassword', 'personal'],
  ['Northwind Pumps', 'personal'],
  ['northwind2026', 'personal'],
  ['northwind-pumps.com', 'personal'],
  ['Lyceum 2026!', 'academy'],
  ['password123', 'common'],
  ['P@ssw0rd123', 'common'],
  ['passwordpassword', 'common'],
  ['jennifer2024!', 'common'],
  ['1q2w3e4r5t', 'common'],
  ['Iloveyou!!!', 'common'],
  ['abcabcabcabc', 'common'],
  ['zyxwvutsrq', 'common'],
])('%s is refused as a %s password', (password, why) => expect(weakness(password, amara)).toBe(why))

test('a password made of the academy’s name is refused', () => {
  const academy = 'Pumps & Valves Academy'
  const owner = { ...amara, email: 'ada@example.org', name: 'Ada Lovelace', company: null, academy }
  expect(weakness('PumpsValves2026', owner)).toBe('academy')
  expect(weakness('pumps and valves and seals', owner)).toBeNull()
})

test.each([
  'amara grows tulips',
  'walk and talk a while',
  'correct horse battery',
  'learn-and-sell',
  'пять зелёных попугаев',
  '七匹のねこが走る夜の道',
  '7mYvK2pQ9z',
  'aaaaaaaaab but longer and longer',
])('%s is allowed', password => expect(weakness(password, amara)).toBeNull())

test('each of the 10,000 most common passwords is refused', () => {
  expect(commonPasswords.size).toBeGreaterThan(10_000)
  expect([...commonPasswords].filter(password => !isTooCommon(password))).toEqual([])
  expect([...commonPasswords].filter(password => !isTooCommon(password.toUpperCase()))).toEqual([])
})

test('a password is the same on a keyboard that composes its accents and on one that doesn’t', async () => {
  const [composed, decomposed] = ['café crème brûlée', 'café crème brûlée'.normalize('NFD')]
  expect(composed).not.toBe(decomposed)
  expect(await verifyPassword(decomposed, await hashPassword(composed))).toBe(true)
  expect(await verifyPassword(composed, await hashPassword(decomposed))).toBe(true)
  expect(await verifyPassword('cafe creme brulee', await hashPassword(composed))).toBe(false)
  expect(await verifyPassword('walk\u00a0and\u3000talk', await hashPassword('walk and talk'))).toBe(true)
  expect(await verifyPassword('Walk and talk', await hashPassword('walk and talk'))).toBe(false)
  expect(await verifyPassword(' walk and talk', await hashPassword('walk and talk'))).toBe(false)
})

test('a hash of before still works', async () => {
  expect(await verifyPassword('learn-and-sell', await hash('learn-and-sell'))).toBe(true)
})

test('a password of megabytes is wrong at once, and is never hashed', async () => {
  const stored = await hashPassword('walk and talk')
  const endless = 'x'.repeat(50_000_000)
  const spent = await cpuTimeOf(async () => expect(await verifyPassword(endless, stored)).toBe(false))
  expect(spent).toBeLessThan(500)
  await expect(hashPassword('😀'.repeat(201))).rejects.toThrow('too long')
  const emoji = '😀'.repeat(200)
  expect(await verifyPassword(emoji, await hashPassword(emoji))).toBe(true)
})
