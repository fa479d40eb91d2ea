import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ConfigError, readConfig } from '../../src/platform/config'

const production = {
  NODE_ENV: 'production',
  HOST: '0.0.0.0',
  BASE_URL: 'https://learn.example/',
  MONGODB_URI: 'mongodb://one,two,three/lyceum?replicaSet=lyceum',
  SESSION_SECRET: 'x'.repeat(32),
  ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  SMTP_URL: 'smtps://mail.example',
  MAIL_FROM: 'academy@learn.example',
  STRIPE_SECRET_KEY: 'sk_live_x',
  STRIPE_WEBHOOK_SECRET: 'whsec_x',
}
const folder = () => mkdtempSync(join(tmpdir(), 'lyceum-config-'))

test('without any settings, the academy is a demo on this computer, with the same secrets at every start', () => {
  const DATA_DIR = folder()
  const first = readConfig({ DATA_DIR })
  expect(first).toMatchObject({
    demo: true,
    host: '127.0.0.1',
    port: 3000,
    baseUrl: 'http://127.0.0.1:3000',
    role: 'all',
  })
  expect(first.stripe.standIn).toBe(true)
  expect(first.encryptionKey).toHaveLength(32)
  expect(readConfig({ DATA_DIR }).sessionSecret).toBe(first.sessionSecret)
  expect(statSync(join(DATA_DIR, 'demo-secrets.json')).mode & 0o077).toBe(0)
})

test('an operator reads all missing settings of a production server at once', () => {
  const problems = problemsOf({ NODE_ENV: 'production' })
  const needed = [
    'BASE_URL',
    'MONGODB_URI',
    'SESSION_SECRET',
    'ENCRYPTION_KEY',
    'SMTP_URL',
    'MAIL_FROM',
    'STRIPE_SECRET_KEY',
    'STRIPE_WEBHOOK_SECRET',
  ]
  for (const name of needed) expect(problems).toContainEqual(expect.stringContaining(name))
})

test('production on one machine names the embedded store, and one process does everything', () => {
  const { MONGODB_URI, ...rest } = production
  expect(problemsOf(rest)).toEqual([expect.stringContaining('MONGODB_URI')])
  expect(readConfig({ ...rest, DATABASE: 'embedded' }).mongodbUri).toBeUndefined()
  expect(problemsOf({ ...rest, DATABASE: 'embedded', ROLE: 'web' })).toEqual([
    expect.stringContaining('ROLE'),
  ])
  expect(problemsOf({ ...rest, DATABASE: 'embedded', MONGODB_URI })).toEqual([
    expect.stringContaining('MONGODB_URI'),
  ])
  expect(problemsOf({ ...rest, DATABASE: 'mongodb' }).join()).toContain('MONGODB_URI')
})

test('an operator reads what is wrong with each setting, along with those that are missing', () => {
  const problems = problemsOf({
    NODE_ENV: 'production',
    PORT: 'many',
    SESSION_SECRET: 'short',
    ENCRYPTION_KEY: 'abc',
    ROLE: 'boss',
    SMTP_URL: 'mail',
  })
  for (const name of ['PORT', 'SESSION_SECRET', 'ENCRYPTION_KEY', 'ROLE', 'SMTP_URL', 'MONGODB_URI']) {
    expect(problems).toContainEqual(expect.stringContaining(name))
  }
})

test('production with all required settings is not a demo', () => {
  const config = readConfig(production)
  expect(config).toMatchObject({
    production: true,
    demo: false,
    baseUrl: 'https://learn.example',
    allowLoopbackWebhooks: false,
  })
  expect(config.stripe.standIn).toBe(false)
})

test('the demo does not listen on the network, because its passwords are public', () => {
  expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('HOST')])
})

test.each(['prod', 'staging', 'Production', 'production '])(
  'NODE_ENV=%s is a mistake, and does not open a demo',
  name => expect(problemsOf({ NODE_ENV: name })).toEqual([expect.stringMatching(/^NODE_ENV: .*production/)]),
)

test.each([
  'https://learn.example',
  'http://10.0.0.7:3000',
  'http://localhost.learn.example',
  'http://[fd00::1]/',
])('the demo has no public URL such as %s', url => {
  const problems = [expect.stringMatching(/^BASE_URL: .*NODE_ENV=production/)]
  expect(problemsOf({ BASE_URL: url })).toEqual(problems)
  expect(problemsOf({ NODE_ENV: '', BASE_URL: url })).toEqual(problems)
  expect(problemsOf({ NODE_ENV: 'demo', BASE_URL: url })).toEqual(problems)
})

test('the demo has any URL of this computer', () => {
  for (const url of ['http://localhost:3000', 'http://127.0.0.2:3000', 'http://[::1]:3000']) {
    expect(problemsOf({ BASE_URL: url })).toEqual([])
  }
})

test('proxies are trusted only when an operator names them', () => {
  const trusted = (TRUST_PROXY?: string) => readConfig({ ...production, TRUST_PROXY }).trustProxy
  expect(trusted()).toBe(false)
  expect(trusted('')).toBe(false)
  expect(trusted('2')).toBe(2)
  expect(trusted('10.0.0.0/8, fd00::/8,loopback,192.0.2.1')).toEqual([
    '10.0.0.0/8',
    'fd00::/8',
    'loopback',
    '192.0.2.1',
  ])
  for (const wrong of ['true', '99', '-1', 'proxy.example', '10.0.0.0/40', '10.0.0.0/8,']) {
    expect(problemsOf({ ...production, TRUST_PROXY: wrong })).toEqual([
      expect.stringContaining('TRUST_PROXY'),
    ])
  }
  expect(problemsOf({ TRUST_PROXY: '1' })).toEqual([expect.stringContaining('TRUST_PROXY')])
})

test('production needs https, or no cookie would arrive', () => {
  expect(problemsOf({ ...production, BASE_URL: 'http://learn.example' })).toEqual([
    expect.stringContaining('BASE_URL'),
  ])
})

test('a meeting service has all of its settings, or is not there', () => {
  const zoom = {
    ZOOM_ACCOUNT_ID: 'a',
    ZOOM_CLIENT_ID: 'b',
    ZOOM_CLIENT_SECRET: 'c',
    ZOOM_USER: 'host@x.example',
  }
  expect(readConfig(production)).toMatchObject({ zoom: null, teams: null })
  expect(readConfig({ ...production, ...zoom }).zoom).toMatchObject({
    clientSecret: 'c',
    user: 'host@x.example',
  })
  const { ZOOM_CLIENT_SECRET: _, ...partly } = zoom
  expect(problemsOf({ ...production, ...partly, TEAMS_USER: 'x' })).toEqual([
    expect.stringMatching(/^ZOOM_CLIENT_SECRET: required/),
    ...['TENANT_ID', 'CLIENT_ID', 'CLIENT_SECRET'].map(name =>
      expect.stringContaining(`TEAMS_${name}: required`),
    ),
  ])
  const base = (ZOOM_API_BASE: string) => problemsOf({ ...production, ...zoom, ZOOM_API_BASE })
  expect([base('https://api.zoomgov.example/'), base('http://127.0.0.1:9')]).toEqual([[], []])
  expect(base('http://api.zoom.example')).toEqual(['ZOOM_API_BASE: must start with https://'])
})

test('replies by email need a domain and a way in, and the demo takes them from this computer only', () => {
  const password = { INBOUND_POSTMARK: 'postmark:a-password-of-16' }
  expect(problemsOf({ ...production, ...password, INBOUND_DOMAIN: 'in.academy.example' })).toEqual([])
  expect(problemsOf({ ...production, ...password })).toEqual([
    expect.stringMatching(/^INBOUND_DOMAIN: required/),
  ])
  const INBOUND_DOMAIN = 'in.academy.example'
  expect(problemsOf({ INBOUND_DOMAIN })).toEqual([expect.stringMatching(/^INBOUND_DOMAIN: needs one of/)])
  const smtp = { INBOUND_DOMAIN, INBOUND_SMTP_PORT: '2525' }
  expect(problemsOf({ ...smtp, INBOUND_SMTP_HOST: '0.0.0.0', INBOUND_SMTP_KEY: 'key.pem' })).toEqual([
    expect.stringMatching(/^INBOUND_SMTP_CERT: required/),
    expect.stringMatching(/^INBOUND_SMTP_HOST: the demo/),
  ])
})

test('.env.example, the README and the lesson about settings name every setting', () => {
  const root = join(__dirname, '../..')
  const source = readFileSync(join(root, 'src/platform/config.ts'), 'utf8')
  const read = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)]
    .map(match => match[1]!)
    .filter(name => name !== 'NODE_ENV')
  const listed = [...readFileSync(join(root, '.env.example'), 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(
    match => match[1]!,
  )
  expect(new Set(listed)).toEqual(new Set(read))
  const readme = readFileSync(join(root, 'README.md'), 'utf8')
  const lesson = readFileSync(
    join(root, 'scripts/demo/courses/run-an-academy-at-scale/01-set-it-up/02-every-setting.md'),
    'utf8',
  )
  for (const name of listed) for (const text of [readme, lesson]) expect(text).toContain(`\`${name}\``)
})

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig({ DATA_DIR: folder(), ...env })
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as ConfigError).problems
  }
  return []
}

test('the compose file publishes the proxy and nothing else', () => {
  const { services } = parse(readFileSync(join(__dirname, '../../scripts/compose.yaml'), 'utf8'), {
    merge: true,
  })
  const published = Object.entries(services as Record<string, { ports?: string[] }>)
    .filter(([, service]) => service.ports)
    .map(([name]) => name)
  expect(published).toEqual(['proxy'])
  expect(services.web.environment.TRUST_PROXY).toBe(1)
})
