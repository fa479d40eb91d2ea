import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { StartError } from './platform/errors'

/**
 * Starts the web server, the worker or both, depending on `ROLE`. Settings are read first, so that invalid ones are
 * printed as a list and not as a stack trace.
 */
async function start(): Promise<void> {
  const { config } = await import('./platform/config')
  const { log } = await import('./platform/log')
  if (config.demo && !config.mongodbUri && !existsSync(join(config.dataDir, 'store'))) await seed()

  const { openDatabase, ensureIndexes, disconnectDatabase } = await import('./platform/database')
  // The store opens in its own thread while this one loads the app and the worker, which define the records to index.
  const [{ createApp }, { startWorker }] = await Promise.all([
    import('./app'),
    import('./worker'),
    openDatabase(),
  ])
  await ensureIndexes()
  const closing: (() => Promise<unknown>)[] = [disconnectDatabase]
  if (config.demo) closing.unshift(await openDemo())

  const server = await listen(createServer(createApp()), config.port, config.host)
  closing.unshift(() => close(server))
  if (config.role !== 'web') closing.splice(1, 0, startWorker().stop)
  if (config.demo) welcome(config.baseUrl)
  log.info(
    { role: config.role, address: config.baseUrl, ms: Math.round(process.uptime() * 1000) },
    'server started',
  )

  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'shutting down: finishing open requests and running work')
    setTimeout(() => process.exit(1), 20_000).unref()
    for (const close of closing) await close()
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
  const { startStripeSimulator } = await import('./demo/stripe')
  const { installDemoEndpoint } = await import('./demo/crm-endpoint')
  await installDemoEndpoint()
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
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function close(server: Server): Promise<void> {
  return new Promise(resolve => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
}

function welcome(address: string): void {
  const logins = ['prospect', 'author', 'reviewer', 'sales', 'saleslead', 'admin']
  console.log(
    [
      '',
      `  Lyceum is running at ${address}`,
      '  This is a demo on your computer only: emails stay in /demo/mail, the CRM is /demo/crm, no real money moves.',
      '',
      ...logins.map(name => `  ${`${name}@lyceum.example`.padEnd(26)} learn-and-sell`),
      '',
    ].join('\n'),
  )
}

start().catch((error: unknown) => {
  const isFixable = error instanceof StartError
  console.error(isFixable ? error.message : error)
  // 78 is EX_CONFIG of sysexits.h: a configuration error.
  process.exit(isFixable ? 78 : 1)
})
