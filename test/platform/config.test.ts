import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, readConfig } from '../../src/platform/config'

const folder = () => mkdtempSync(join(tmpdir(), 'lyceum-config-'))

test('with no settings at all it is a demo on this computer, with secrets that stay the same', () => {
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

test('production without what it needs is told all that is missing at once', () => {
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

test('what is set wrongly is named with what would be right, beside what is missing', () => {
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

test('production with all it needs starts, without a demo', () => {
  const config = readConfig({
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
  })
  expect(config).toMatchObject({
    production: true,
    demo: false,
    baseUrl: 'https://learn.example',
    allowLoopbackWebhooks: false,
  })
  expect(config.stripe.standIn).toBe(false)
})

test('the demo does not listen to the network, whose doors it could not lock', () => {
  expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('HOST')])
})

test('the example of the settings names every setting, and none that is not read', () => {
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
  for (const name of listed) expect(readme).toContain(`\`${name}\``)
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
