import dns from 'node:dns'
import net from 'node:net'
import { config } from '../../src/platform/config'
import { BlockedAddress, guardedLookup, isPublic, endpointUrl } from '../../src/platform/guard-address'
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
  // The addresses on which clouds hand out credentials and settings.
  'https://168.63.129.16/',
  'https://[fd00:ec2::254]/',
  'https://100.100.100.200/',
  'https://192.0.0.192/',
  'https://161.26.0.10/',
  'https://166.9.48.1/',
  'https://metadata.google.internal/',
  // An IPv4 address inside an IPv6 one, whether it is a private or a public one.
  'https://[::127.0.0.1]/',
  'https://[::7f00:1]/',
  'https://[::8.8.8.8]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[::ffff:10.0.0.1]/',
  'https://[::ffff:0:8.8.8.8]/',
  'https://[64:ff9b::8.8.8.8]/',
  'https://[64:ff9b:1::8.8.8.8]/',
  'https://[64:ff9b:1:ffff::a00:1]/',
  'https://[2002:808:808::1]/',
  'https://[2001::1]/',
  'https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/',
  // Ranges that no public host has.
  'https://0/',
  'https://0.0.0.1/',
  'https://100.127.255.255/',
  'https://172.31.255.255/',
  'https://192.0.2.1/',
  'https://192.88.99.1/',
  'https://198.18.0.1/',
  'https://198.19.255.255/',
  'https://198.51.100.7/',
  'https://203.0.113.9/',
  'https://239.255.255.250/',
  'https://240.0.0.1/',
  'https://[100::1]/',
  'https://[1::1]/',
  'https://[2001:2::1]/',
  'https://[2001:20::1]/',
  'https://[2001:db8::1]/',
  'https://[3fff::1]/',
  'https://[4000::1]/',
  'https://[5f00::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  // Other ways to write an address.
  'https://0x7f000001/',
  'https://017700000001/',
  'https://127.1/',
  'https://127.0.0.1./',
  'https://0xa9fea9fe/',
  'https://2852039166/',
  'https://0xA9.0376.43518/',
  'https://%31%32%37.0.0.1/',
  'https://１２７.０.０.１/',
  'https://①②⑦.0.0.1/',
  'https://[0:0:0:0:0:0:0:1]/',
  // Names of this computer and of its network.
  'https://localhost./',
  'https://LOCALHOST/',
  'https://a.b.localhost./',
  'https://localhost.localdomain/',
  'https://intranet./',
  'https://printer.local./',
  'https://db.internal/',
  'https://db.INTERNAL./',
  'https://router.home.arpa/',
  'https://nas.lan/',
  'https://wiki.corp/',
  'https://crm.test/',
  'https://hidden.onion/',
  'https://1.0.0.127.in-addr.arpa/',
]

test.each(inside)('%s is blocked in production', address => {
  config.allowLoopbackWebhooks = false
  expect(() => endpointUrl(address)).toThrow(new BlockedAddress('private'))
})

const loopback = ['localhost', '127.0.0.1', '[::1]']
const others = inside.filter(address => !loopback.includes(new URL(address).hostname))

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
  expect(() => endpointUrl('https://me@crm.northgate.example/')).toThrow(new BlockedAddress('credentials'))
  expect(() => endpointUrl('https://crm.northgate.example@10.0.0.1/')).toThrow(BlockedAddress)
  for (const typed of [
    'crm.northgate.example',
    'https://',
    'https://crm.northgate.example./',
    'https://a..example/',
  ])
    expect(() => endpointUrl(typed)).toThrow(new BlockedAddress('form'))
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
  ['8.8.8.8', true],
  ['168.63.129.15', true],
  ['2a00:1450:4001:80b::200e', true],
  ['127.0.0.1', false],
  ['168.63.129.16', false],
  ['::ffff:8.8.8.8', false],
  ['::7f00:1', false],
  ['fe80::1%eth0', false],
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

test('an address that the lookup did not see is checked before anything is sent to it', async () => {
  const received: string[] = []
  const listener = net.createServer(socket => socket.on('data', bytes => received.push(String(bytes))))
  await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as net.AddressInfo
  const connect = net.Socket.prototype.connect
  jest.spyOn(net.Socket.prototype, 'connect').mockImplementation(function (this: net.Socket) {
    return Reflect.apply(connect, this, [port, '127.0.0.1'])
  })
  const result = await postWebhook('https://crm.northgate.example/hooks', {}, '{"lead":"Ada"}')
  expect(result).toMatchObject({ ok: false, status: null, error: 'blocked', response: '' })
  expect(received.join()).not.toContain('Ada')
  listener.close()
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
