import { demoAccounts, demoPassword } from './people/demo-accounts'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { StartError } from './platform/errors'
import { stopper } from './platform/stop-server'

/** How long requests may take after a signal, in ms; the work of the worker may take twice as long. */
const stopGrace = 4000

/**
 * Starts the web server, the worker or both, depending on `ROLE`. Settings are read first, so that invalid ones are
 * printed as a list and not as a stack trace.
 */
async function start(): Promise<void> {
  const { config } = await import('./platform/config')
  const { log } = await import('./platform/log')
  const isNew = !config.mongodbUri && !existsSync(join(config.dataDir, 'store'))
  if (config.demo && config.seed && isNew) await seed()

  const { openDatabase, ensureIndexes, disconnectDatabase } = await import('./platform/database')
  // The store opens in its own thread while this one loads the app and the worker, which define the records to index.
  const loading = Promise.all([import('./app'), import('./worker')])
  // A database elsewhere has 10 s to reply, which loading would use up on a busy machine.
  if (config.mongodbUri) await loading
  await openDatabase()
  const [{ createApp }, { startWorker }] = await loading
  await ensureIndexes()
  const closeDemo = config.demo ? await openDemo() : undefined

  // A worker serves nothing but its health, and only where a setting says so.
  const port = config.role === 'worker' ? config.healthPort : config.port
  const stops: (() => Promise<unknown>)[] = []
  if (port !== undefined) {
    const server = createServer(createApp())
    stops.push(stopper(server, stopGrace))
    await listen(server, port, config.host)
  }
  if (config.role !== 'worker' && config.inbound.smtpPort !== undefined) {
    const { openInboundSmtp } = await import('./mail/inbound-smtp')
    stops.push((await openInboundSmtp()).close)
  }
  if (config.role !== 'web') stops.push(startWorker().stop)
  if (config.role !== 'worker') {
    await welcome()
    prepareSearchSoon()
  }
  log.info(
    {
      role: config.role,
      address: config.role === 'worker' ? null : config.baseUrl,
      ms: Math.round(process.uptime() * 1000),
    },
    'server started',
  )

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'shutting down: finishing open requests and running work')
    // What takes longer is done again: its lease ends, and another worker takes it over.
    const enough = setTimeout(() => process.exit(0), 2 * stopGrace)
    await Promise.all(stops.map(stop => stop()))
    clearTimeout(enough)
    await closeDemo?.()
    await disconnectDatabase()
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal))
}

/** Seeds the demo in a child process, into a temporary folder that is renamed when the seed is complete. */
async function seed(): Promise<void> {
  const child = spawn(process.execPath, [join(__dirname, '../scripts/seed.js')], { stdio: 'inherit' })
  const code = await new Promise<number | null>(resolve => child.once('exit', resolve))
  if (code !== 0) throw new Error(`Seeding the demo failed with exit code ${code}`)
}

async function openDemo(): Promise<() => Promise<void>> {
  const { config } = await import('./platform/config')
  const { log } = await import('./platform/log')
  const { startStripeSimulator } = await import('./demo/stripe')
  const { installDemoEndpoint } = await import('./demo/crm-endpoint')
  // On a full disk, the demo can still be read.
  await installDemoEndpoint().catch(error => log.error({ err: error }, 'could not set up the demo CRM'))
  if (!config.stripe.standIn) return async () => {}
  const standIn = await startStripeSimulator({
    eventsUrl: () => `${config.baseUrl}/stripe/events`,
    webhookSecret: config.stripe.webhookSecret,
  })
  config.stripe.apiBase ??= standIn.url
  return standIn.close
}

function listen(server: Server, port: number, host: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'another process uses it' : error.message
      reject(new StartError(`Port ${port} of ${host} can't be opened: ${reason}. Set another PORT.`))
    })
    server.listen(port, host, () => resolve(server))
  })
}

/** In seconds: the first pages come first. */
const searchAfter = 3

/** Reads the courses into the search index in the background; with 500 of them, the first search would wait long. */
function prepareSearchSoon(): void {
  const prepare = async () => {
    const { prepareSearch } = await import('./courses/search-index')
    await prepareSearch()
  }
  setTimeout(
    () =>
      void prepare().catch(async (error: unknown) => {
        const { log } = await import('./platform/log')
        log.error({ err: error }, 'could not prepare the search')
      }),
    searchAfter * 1000,
  ).unref()
}

/** Prints where the academy is, and how to sign in to a demo or a new academy. */
async function welcome(): Promise<void> {
  const { config } = await import('./platform/config')
  const { log } = await import('./platform/log')
  const { hasAdministrator } = await import('./people/change-role')
  if (!(await hasAdministrator())) {
    // On a full disk, an academy can still be read.
    return invite().catch(error => log.error({ err: error }, 'could not make a set-up link'))
  }
  if (!config.demo) return
  const { brandOf, otherBrands } = await import('./brand/brand')
  const { People } = await import('./people/person')
  const isSeeded = await People.exists({ email: demoAccounts[0]!.email })
  const brand = await brandOf(null)
  const others = await otherBrands(brand)
  console.log(
    [
      '',
      `  ${brand.content.academyName || 'The academy'} is running at ${brand.baseUrl}`,
      ...others.map(({ content, baseUrl }) => `  ${content.academyName}, a second brand, is at ${baseUrl}`),
      '  This is a demo on your computer only: emails stay in /demo/mail, the CRM is /demo/crm, no real money moves.',
      '',
      ...(isSeeded ? demoAccounts.map(({ email }) => `  ${email.padEnd(28)} ${demoPassword}`) : []),
      '',
    ].join('\n'),
  )
}

/** Prints the link that makes the first administrator. It works once, within a day. */
async function invite(): Promise<void> {
  const { config } = await import('./platform/config')
  const { issueSetupLink } = await import('./people/link')
  const { secretRoutes, secretUrl } = await import('./platform/secret-routes')
  const url = secretUrl(config.baseUrl, secretRoutes.setup, await issueSetupLink())
  console.log(`\n  This academy has no administrator yet. Set it up within a day:\n  ${url}\n`)
}

start().catch((error: unknown) => {
  // 14031 is MongoDB's OutOfDiskSpace.
  const isFull = (error as { code?: unknown } | undefined)?.code === 14031
  const isFixable = error instanceof StartError || isFull
  console.error(isFixable ? (error as Error).message : error)
  // 78 is EX_CONFIG of sysexits.h: a configuration error.
  process.exit(isFixable ? 78 : 1)
})
