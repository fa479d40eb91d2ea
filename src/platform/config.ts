import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { StartError } from './errors'
import { hostOf } from './host'

const flag = (unset: 'true' | 'false') =>
  z
    .enum(['true', 'false', '1', '0', ''])
    .default(unset)
    .transform(value => ['true', '1'].includes(value || unset))

const text = z
  .string()
  .optional()
  .transform(value => value || undefined)

/** True for the name of an IANA time zone. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

/** The academy is either in production or a demo. Any other name, such as `prod`, is a mistake that would open it. */
const environments = ['production', 'development', 'demo', 'test'] as const

/** Which proxies may name the caller's address: how many, or their networks. See Express, "trust proxy". */
const trustedProxies = text.transform((value, context) => {
  if (value === undefined || value === '0' || value === 'false') return false
  if (/^[1-9]$/.test(value)) return Number(value)
  const networks = value.split(',').map(network => network.trim())
  if (networks.every(isNetwork)) return networks
  context.addIssue('must be the number of proxies (1 to 9), or their networks such as 10.0.0.0/8,fd00::/8')
  return z.NEVER
})

function isNetwork(network: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(network)) return true
  const [address = '', prefix, more] = network.split('/')
  const bits = { 4: 32, 6: 128 }[isIP(address)]
  if (bits === undefined || more !== undefined || address.includes('%')) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** Secrets are sent to it, so only this computer is called without encryption. */
const meetingApiBase = text
  .pipe(
    z
      .url({ protocol: /^https?$/ })
      .refine(
        address => !address.startsWith('http:') || isLoopbackHost(new URL(address).hostname),
        'must start with https://',
      )
      .optional(),
  )
  .transform(address => address?.replace(/\/$/, ''))

const inboundPassword = 'must be a name and a password of at least 16 characters, with a colon between them'

const settings = z.object({
  NODE_ENV: text.pipe(
    z
      .enum(environments, {
        error: 'must be production to serve an academy to others, or demo to run the demo on this computer',
      })
      .default('development'),
  ),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  HOST: z.string().default('127.0.0.1'),
  BASE_URL: text.pipe(z.url({ protocol: /^https?$/ }).optional()),
  TRUST_PROXY: trustedProxies,
  METRICS_TOKEN: text.pipe(z.string().min(32, 'needs at least 32 characters').optional()),
  DATA_DIR: z.string().default('./data'),
  DATABASE: text.pipe(z.enum(['embedded', 'mongodb']).optional()),
  MONGODB_URI: text.pipe(z.string().startsWith('mongodb').optional()),
  SEED: flag('true'),
  SESSION_SECRET: text.pipe(z.string().min(32, 'needs at least 32 characters').optional()),
  ENCRYPTION_KEY: text.pipe(
    z
      .string()
      .refine(key => Buffer.from(key, 'base64').length === 32, 'needs 32 random bytes in base64')
      .optional(),
  ),
  EARLIER_ENCRYPTION_KEYS: text.pipe(
    z
      .string()
      .transform(keys => keys.split(',').map(key => key.trim()))
      .refine(
        keys => keys.every(key => Buffer.from(key, 'base64').length === 32),
        'needs keys of 32 bytes in base64, with commas between them',
      )
      .optional(),
  ),
  HEALTH_PORT: text.pipe(z.coerce.number<string | undefined>().int().min(0).max(65535).optional()),
  ROLE: z.enum(['all', 'web', 'worker']).default('all'),
  SMTP_URL: text.pipe(z.url({ protocol: /^smtps?$/ }).optional()),
  MAIL_FROM: z.string().default('Lyceum <academy@lyceum.example>'),
  INBOUND_DOMAIN: text
    .pipe(
      z
        .string()
        .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/i, 'must be a domain such as reply.example.com')
        .optional(),
    )
    .transform(domain => domain?.toLowerCase()),
  INBOUND_SMTP_PORT: text.pipe(z.coerce.number<string | undefined>().int().min(0).max(65535).optional()),
  INBOUND_SMTP_HOST: text,
  INBOUND_SMTP_CERT: text,
  INBOUND_SMTP_KEY: text,
  INBOUND_POSTMARK: text.pipe(
    z
      .string()
      .regex(/^[^:]+:.{16,}$/, inboundPassword)
      .optional(),
  ),
  INBOUND_MAILGUN: text,
  INBOUND_SES_TOPIC: text.pipe(z.string().startsWith('arn:aws', 'must be the ARN of the topic').optional()),
  STRIPE_SECRET_KEY: text,
  STRIPE_WEBHOOK_SECRET: text,
  STRIPE_API_BASE: text.pipe(z.url({ protocol: /^https?$/ }).optional()),
  ZOOM_ACCOUNT_ID: text,
  ZOOM_CLIENT_ID: text,
  ZOOM_CLIENT_SECRET: text,
  ZOOM_USER: text,
  ZOOM_API_BASE: meetingApiBase,
  TEAMS_TENANT_ID: text,
  TEAMS_CLIENT_ID: text,
  TEAMS_CLIENT_SECRET: text,
  TEAMS_USER: text,
  TEAMS_API_BASE: meetingApiBase,
  WEBHOOK_ALLOW_LOOPBACK: flag('false'),
  CHECK_OUTSIDE_LINKS: flag('true'),
  MEDIA_MEGABYTES: text.pipe(z.coerce.number<string | undefined>().int().min(1).optional()),
  TIME_ZONE: z.string().default('UTC').refine(isTimeZone, 'must be a time zone such as Europe/Prague'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

/** Lists every invalid or missing setting at once. */
export class ConfigError extends StartError {
  constructor(readonly problems: string[]) {
    super(`Lyceum can't start:\n${problems.map(line => `  - ${line}`).join('\n')}`)
  }
}

/**
 * Reads the settings from the environment. Outside production the academy runs in demo mode, with generated secrets
 * that are stored in the data folder.
 *
 * @throws ConfigError for invalid settings, and for missing ones in production.
 */
export function readConfig(env: NodeJS.ProcessEnv) {
  const read = settings.safeParse(env)
  const problems = read.success
    ? []
    : read.error.issues.map(issue => `${issue.path.join('.')}: ${issue.message}`)
  const production = env.NODE_ENV === 'production'
  if (production) {
    for (const name of requiredNames)
      if (!env[name] && !(name === 'MONGODB_URI' && env.DATABASE === 'embedded'))
        problems.push(`${name}: required in production (${requiredInProduction[name]})`)
  }
  if (read.success) {
    problems.push(...(production ? insecureSettings(read.data) : sharedDemo(read.data)))
    problems.push(
      ...databaseProblems(read.data),
      ...meetingProblems(read.data),
      ...inboundProblems(read.data),
    )
  }
  if (!read.success || problems.length) throw new ConfigError(problems)
  const set = read.data
  const demo = !production
  const secrets = set.SESSION_SECRET && set.ENCRYPTION_KEY ? undefined : demoSecrets(resolve(set.DATA_DIR))
  return {
    production,
    demo,
    /** Whether the demo begins with its made-up companies; otherwise it is an empty academy to be set up. */
    seed: set.SEED,
    /** `npm run dev`: views are read again on each request. */
    development: set.NODE_ENV === 'development' && process.env.LYCEUM_DEV === '1',
    /** Whether scripts and stylesheets are those that the build made smaller. */
    builtAssets: set.NODE_ENV !== 'test' && process.env.LYCEUM_DEV !== '1',
    port: set.PORT,
    host: set.HOST,
    /** Where a process that is only a worker serves its health and metrics; undefined for nowhere. */
    healthPort: set.HEALTH_PORT,
    trustProxy: set.TRUST_PROXY,
    metricsToken: set.METRICS_TOKEN,
    baseUrl: (set.BASE_URL ?? `http://${set.HOST}:${set.PORT}`).replace(/\/$/, ''),
    dataDir: resolve(set.DATA_DIR),
    mongodbUri: set.MONGODB_URI,
    sessionSecret: set.SESSION_SECRET ?? secrets!.session,
    encryptionKey: Buffer.from(set.ENCRYPTION_KEY ?? secrets!.encryption, 'base64'),
    /** Keys from before `ENCRYPTION_KEY`, which only check what was sealed with them. */
    earlierEncryptionKeys: (set.EARLIER_ENCRYPTION_KEYS ?? []).map(key => Buffer.from(key, 'base64')),
    role: set.ROLE,
    smtpUrl: set.SMTP_URL,
    mailFrom: set.MAIL_FROM,
    /** How replies by email come in. Without a domain, none do, and no email asks for one. */
    inbound: {
      domain: set.INBOUND_DOMAIN,
      smtpPort: set.INBOUND_SMTP_PORT,
      smtpHost: set.INBOUND_SMTP_HOST ?? set.HOST,
      /** Files of the certificate and its key, in PEM. */
      smtpTls: set.INBOUND_SMTP_CERT ? { cert: set.INBOUND_SMTP_CERT, key: set.INBOUND_SMTP_KEY! } : null,
      /** `name:password` of Postmark's webhook. */
      postmark: set.INBOUND_POSTMARK,
      /** The key with which Mailgun signs webhooks. */
      mailgun: set.INBOUND_MAILGUN,
      /** The ARN of the topic to which Amazon SES publishes emails. */
      sesTopic: set.INBOUND_SES_TOPIC,
    },
    stripe: {
      secretKey: set.STRIPE_SECRET_KEY ?? 'sk_test_demo',
      webhookSecret: set.STRIPE_WEBHOOK_SECRET ?? 'whsec_demo',
      apiBase: set.STRIPE_API_BASE,
      /** Whether the demo's stand-in replaces Stripe. */
      standIn: demo && !set.STRIPE_SECRET_KEY,
    },
    /** The Zoom account in which meetings are created; null for none. */
    zoom: set.ZOOM_ACCOUNT_ID
      ? {
          accountId: set.ZOOM_ACCOUNT_ID,
          clientId: set.ZOOM_CLIENT_ID!,
          clientSecret: set.ZOOM_CLIENT_SECRET!,
          /** The host of all meetings: an id, or an email address. */
          user: set.ZOOM_USER!,
          apiBase: set.ZOOM_API_BASE,
        }
      : null,
    /** The Microsoft tenant in whose Teams meetings are created; null for none. */
    teams: set.TEAMS_TENANT_ID
      ? {
          tenantId: set.TEAMS_TENANT_ID,
          clientId: set.TEAMS_CLIENT_ID!,
          clientSecret: set.TEAMS_CLIENT_SECRET!,
          /** The organiser of all meetings: an object id. */
          user: set.TEAMS_USER!,
          apiBase: set.TEAMS_API_BASE,
        }
      : null,
    allowLoopbackWebhooks: set.WEBHOOK_ALLOW_LOOPBACK || demo,
    /** Where the check of courses opens outside links: on public hosts, or on this computer only, as tests do. */
    outsideLinks: outsideLinks(demo, set.CHECK_OUTSIDE_LINKS),
    /** The most bytes that all files may take, with their versions; undefined without a limit. */
    mediaBytes: set.MEDIA_MEGABYTES && set.MEDIA_MEGABYTES * 1024 * 1024,
    timeZone: set.TIME_ZONE,
    logLevel: set.LOG_LEVEL,
  }
}

function outsideLinks(demo: boolean, areChecked: boolean): 'public' | 'loopback' | 'none' {
  if (!areChecked) return 'none'
  return demo ? 'loopback' : 'public'
}

/** True for a host name or address that only leads to this computer (for `guide.localhost`, see RFC 6761). */
export function isLoopbackHost(host: string): boolean {
  return /^(([a-z\d-]+\.)*localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(hostOf(host))
}

type Settings = z.output<typeof settings>

/** The demo has public passwords and shows every email, so nothing may lead to it from outside. */
function sharedDemo({ HOST, BASE_URL, TRUST_PROXY }: Settings): string[] {
  const instead = 'set NODE_ENV=production to serve an academy to others'
  const problems: string[] = []
  if (!isLoopbackHost(HOST)) problems.push(`HOST: the demo only listens on this computer; ${instead}`)
  if (BASE_URL && !isLoopbackHost(new URL(BASE_URL).hostname)) {
    problems.push(`BASE_URL: the demo only has an address on this computer; ${instead}`)
  }
  if (TRUST_PROXY) problems.push(`TRUST_PROXY: the demo doesn't run behind a proxy; ${instead}`)
  return problems
}

/** Cookies of a production server are only sent over https; this computer is an exception in browsers. */
function insecureSettings({ BASE_URL }: Settings): string[] {
  const isInsecure = BASE_URL?.startsWith('http:') && !isLoopbackHost(new URL(BASE_URL).hostname)
  return isInsecure ? ['BASE_URL: must start with https://, or nobody could sign in'] : []
}

/** Only one process can open the embedded store, so it is chosen by name, and one process does everything. */
function databaseProblems({ DATABASE, MONGODB_URI, ROLE }: Settings): string[] {
  if (DATABASE === 'mongodb' && !MONGODB_URI) return ['MONGODB_URI: required for DATABASE=mongodb']
  if (DATABASE !== 'embedded') return []
  return [
    ...(MONGODB_URI ? ['MONGODB_URI: leave it out for DATABASE=embedded'] : []),
    ...(ROLE === 'all' ? [] : ['ROLE: must be all for DATABASE=embedded, which only one process can open']),
  ]
}

const meetingSettings = [
  ['ZOOM_ACCOUNT_ID', 'ZOOM_CLIENT_ID', 'ZOOM_CLIENT_SECRET', 'ZOOM_USER'],
  ['TEAMS_TENANT_ID', 'TEAMS_CLIENT_ID', 'TEAMS_CLIENT_SECRET', 'TEAMS_USER'],
] as const

/** A meeting service works with all of its settings, or isn't there. */
function meetingProblems(set: Settings): string[] {
  return meetingSettings.flatMap(names => {
    const missing = names.filter(name => !set[name])
    if (missing.length === names.length) return []
    return missing.map(name => `${name}: required with the other settings of ${names.join(', ')}`)
  })
}

const waysIn = ['INBOUND_SMTP_PORT', 'INBOUND_POSTMARK', 'INBOUND_MAILGUN', 'INBOUND_SES_TOPIC'] as const

function inboundProblems(set: Settings): string[] {
  const isOneWay = waysIn.some(name => set[name] !== undefined)
  const isDemo = set.NODE_ENV !== 'production' && !isLoopbackHost(set.INBOUND_SMTP_HOST ?? 'localhost')
  return [
    ...(isOneWay && !set.INBOUND_DOMAIN ? [`INBOUND_DOMAIN: required with ${waysIn.join(', ')}`] : []),
    ...(set.INBOUND_DOMAIN && !isOneWay ? [`INBOUND_DOMAIN: needs one of ${waysIn.join(', ')}`] : []),
    ...(!set.INBOUND_SMTP_CERT === !set.INBOUND_SMTP_KEY
      ? []
      : ['INBOUND_SMTP_CERT: required together with INBOUND_SMTP_KEY']),
    ...(isDemo ? ['INBOUND_SMTP_HOST: the demo only listens on this computer'] : []),
  ]
}

const requiredInProduction = {
  BASE_URL: 'the public URL, with https://',
  MONGODB_URI: 'a replica set or sharded cluster; or DATABASE=embedded, for one process on one machine',
  SESSION_SECRET: 'at least 32 random characters',
  ENCRYPTION_KEY: '32 random bytes in base64: openssl rand -base64 32',
  SMTP_URL: 'smtps://user:password@host',
  MAIL_FROM: 'the sender of emails',
  STRIPE_SECRET_KEY: 'from the Stripe dashboard',
  STRIPE_WEBHOOK_SECRET: 'from the Stripe dashboard',
} as const
const requiredNames = Object.keys(requiredInProduction) as (keyof typeof requiredInProduction)[]

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
