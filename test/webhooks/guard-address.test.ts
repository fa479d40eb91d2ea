import dns from 'node:dns'
import { config } from '../../src/platform/config'
import { BlockedAddress, guardedLookup, isPublic, endpointUrl } from '../../src/webhooks/guard-address'
import { postWebhook } from '../../src/webhooks/post'

const allowed = config.allowLoopbackWebhooks
afterEach(() => {
  config.allowLoopbackWebhooks = allowed
  jest.restoreAllMocks()
})

const inside = [
  'https://localhost/',
  'https://crm.localhost/',
  'https://intranet/',
  'https://printer.local/',
  'https://127.0.0.1/',
  'https://127.8.9.10/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://0.0.0.0/',
  'https://10.0.0.1/',
  'https://172.16.5.4/',
  'https://192.168.1.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[fd00::1]/',
  'https://[fe80::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::1]/',
]

test.each(inside)('%s is blocked in production', address => {
  config.allowLoopbackWebhooks = false
  expect(() => endpointUrl(address)).toThrow(new BlockedAddress('private'))
})

const loopback = ['localhost', '127.0.0.1', '[::1]', '2130706433', '0x7f.1', '0177.0.0.1']
const others = inside.filter(address => !loopback.includes(address.split('/')[2]!))

test.each(others)('%s is blocked even when loopback is allowed', address => {
  config.allowLoopbackWebhooks = true
  expect(() => endpointUrl(address)).toThrow(BlockedAddress)
})

test('a public URL needs https and no password', () => {
  expect(endpointUrl('https://crm.northgate.example/hooks').hostname).toBe('crm.northgate.example')
  expect(() => endpointUrl('http://crm.northgate.example/')).toThrow(new BlockedAddress('scheme'))
  expect(() => endpointUrl('ftp://crm.northgate.example/')).toThrow(new BlockedAddress('scheme'))
  expect(() => endpointUrl('https://me:pass@crm.northgate.example/')).toThrow(
    new BlockedAddress('credentials'),
  )
  expect(() => endpointUrl('crm.northgate.example')).toThrow(new BlockedAddress('form'))
})

test('loopback is for development, with its three names only, and can use http', () => {
  config.allowLoopbackWebhooks = true
  for (const host of ['localhost:3000', '127.0.0.1:3000', '[::1]:3000']) {
    expect(endpointUrl(`http://${host}/hooks`).host).toBe(host)
  }
  expect(() => endpointUrl('http://127.0.0.2:3000/')).toThrow(BlockedAddress)
  config.allowLoopbackWebhooks = false
  expect(() => endpointUrl('http://localhost:3000/')).toThrow(new BlockedAddress('private'))
})

test.each([
  ['93.184.216.34', true],
  ['2606:2800:220:1:248:1893:25c8:1946', true],
  ['127.0.0.1', false],
  ['not an address', false],
])('%s is public: %s', (address, expected) => expect(isPublic(address)).toBe(expected))

test('a public name with one private address among others is blocked', async () => {
  resolveTo([
    { address: '93.184.216.34', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ])
  await expect(lookup('crm.northgate.example')).rejects.toThrow(BlockedAddress)
})

test('a public name that moved to this machine after the check is blocked, and nothing is shown', async () => {
  config.allowLoopbackWebhooks = true
  resolveTo([{ address: '127.0.0.1', family: 4 }])
  const result = await postWebhook('https://rebound.northgate.example:1/hooks', {}, '{}')
  expect(result).toMatchObject({ ok: false, status: null, error: 'blocked', response: '' })
})

test('a name with only public addresses is allowed', async () => {
  resolveTo([{ address: '93.184.216.34', family: 4 }])
  await expect(lookup('crm.northgate.example')).resolves.toBe('93.184.216.34')
})

function resolveTo(addresses: { address: string; family: number }[]): void {
  jest
    .spyOn(dns, 'lookup')
    .mockImplementation(((_name: string, _options: object, done: (error: null, found: object[]) => void) =>
      done(null, addresses)) as never)
}

function lookup(name: string): Promise<string> {
  return new Promise((resolve, reject) =>
    guardedLookup(name, {}, (error, address) => (error ? reject(error) : resolve(address as string))),
  )
}
