import { mkdtempSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, readConfig } from '../../src/platform/config'

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

test('the demo does not listen on the network, because its passwords are public', () => {
  expect(problemsOf({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('HOST')])
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
