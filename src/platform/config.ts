import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const flag = z
  .enum(['true', 'false', '1', '0', ''])
  .default('false')
  .transform(value => value === 'true' || value === '1')

const text = z
  .string()
  .optional()
  .transform(value => value || undefined)

const settings = z.object({
  NODE_ENV: z.string().default('development'),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  BASE_URL: text.pipe(z.url({ protocol: /^https?$/ }).optional()),
  DATA_DIR: z.string().default('./data'),
  MONGODB_URI: text.pipe(z.string().startsWith('mongodb').optional()),
  SESSION_SECRET: text.pipe(z.string().min(32, 'needs at least 32 characters').optional()),
  ENCRYPTION_KEY: text.pipe(
    z
      .string()
      .refine(key => Buffer.from(key, 'base64').length === 32, 'needs 32 random bytes in base64')
      .optional(),
  ),
  ROLE: z.enum(['all', 'web', 'worker']).default('all'),
  SMTP_URL: text.pipe(z.url({ protocol: /^smtps?$/ }).optional()),
  MAIL_FROM: z.string().default('Lyceum <academy@lyceum.example>'),
  STRIPE_SECRET_KEY: text,
  STRIPE_WEBHOOK_SECRET: text,
  STRIPE_API_BASE: text.pipe(z.url({ protocol: /^https?$/ }).optional()),
  WEBHOOK_ALLOW_LOOPBACK: flag,
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

/** Settings that are wrong or missing, all of them at once. */
export class ConfigError extends Error {
  constructor(readonly problems: string[]) {
    super(`Lyceum cannot start:\n${problems.map(line => `  - ${line}`).join('\n')}`)
  }
}

/**
 * Reads the settings from the environment. In production nothing is made up: whatever is missing is refused, all in one
 * list. Elsewhere the academy runs in demo mode, with secrets of its own that are kept in the data folder.
 */
export function readConfig(env: NodeJS.ProcessEnv) {
  const read = settings.safeParse(env)
  const problems = read.success
    ? []
    : read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  const production = env.NODE_ENV === 'production'
  if (production) {
    for (const name of neededInProduction) if (!env[name]) problems.push(`${name}: is missing (${why[name]})`)
  }
  // The demo's doors are open to whoever can reach them: nobody but this computer may.
  if (read.success && !production && !/^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(read.data.HOST)) {
    problems.push(
      'HOST: the demo listens on this computer only; set NODE_ENV=production to open an academy to others',
    )
  }
  if (!read.success || problems.length) throw new ConfigError(problems)
  const set = read.data
  const demo = !production
  const secrets = set.SESSION_SECRET && set.ENCRYPTION_KEY ? undefined : demoSecrets(resolve(set.DATA_DIR))
  return {
    production,
    demo,
    /** `npm run dev`: views are read again at each request. */
    development: set.NODE_ENV === 'development' && process.env.LYCEUM_DEV === '1',
    port: set.PORT,
    host: set.HOST,
    baseUrl: (set.BASE_URL ?? `http://${set.HOST}:${set.PORT}`).replace(/\/$/, ''),
    dataDir: resolve(set.DATA_DIR),
    mongodbUri: set.MONGODB_URI,
    sessionSecret: set.SESSION_SECRET ?? secrets!.session,
    encryptionKey: Buffer.from(set.ENCRYPTION_KEY ?? secrets!.encryption, 'base64'),
    role: set.ROLE,
    smtpUrl: set.SMTP_URL,
    mailFrom: set.MAIL_FROM,
    stripe: {
      secretKey: set.STRIPE_SECRET_KEY ?? 'sk_test_demo',
      webhookSecret: set.STRIPE_WEBHOOK_SECRET ?? 'whsec_demo',
      apiBase: set.STRIPE_API_BASE,
      /** Without a key of Stripe's the demo's stand-in is the point of sale. */
      standIn: demo && !set.STRIPE_SECRET_KEY,
    },
    allowLoopbackWebhooks: set.WEBHOOK_ALLOW_LOOPBACK || demo,
    logLevel: set.LOG_LEVEL,
  }
}

const why = {
  BASE_URL: 'the address people see, with https://',
  MONGODB_URI: 'a replica set or sharded cluster',
  SESSION_SECRET: 'at least 32 random characters',
  ENCRYPTION_KEY: '32 random bytes in base64: openssl rand -base64 32',
  SMTP_URL: 'smtps://user:password@host',
  MAIL_FROM: 'the sender of letters',
  STRIPE_SECRET_KEY: 'from the Stripe dashboard',
  STRIPE_WEBHOOK_SECRET: 'from the Stripe dashboard',
} as const
const neededInProduction = Object.keys(why) as (keyof typeof why)[]

function demoSecrets(dataDir: string): { session: string; encryption: string } {
  const file = join(dataDir, 'demo-secrets.json')
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    const secrets = {
      session: randomBytes(32).toString('base64url'),
      encryption: randomBytes(32).toString('base64'),
    }
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    writeFileSync(file, JSON.stringify(secrets), { mode: 0o600 })
    return secrets
  }
}

export const config = readConfig(process.env)
