import { rmSync } from 'node:fs'
import { Agent, get, type IncomingMessage } from 'node:http'
import { freePort, sleep, startServer, type ServerProcess } from '../kit/process'
import { transpileServer, transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore, type RunningStore } from '../setup/store-process'

const dataDir = makeFolder()
let store: RunningStore
const servers: ServerProcess[] = []

beforeAll(async () => (store = await runStore(transpileStore())))
afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
})
afterAll(async () => {
  await endStore(store)
  rmSync(dataDir, { recursive: true, force: true })
})

function start(port: number, env: Record<string, string>): ServerProcess {
  const settings = { MONGODB_URI: store.uri, ...env }
  const server = startServer({ code: transpileServer(), port, dataDir, ahead: 0, env: settings })
  servers.push(server)
  return server
}

type Answer = { status: number; connection: string | undefined }

function ask(url: string, agent?: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response: IncomingMessage) => {
      response.resume()
      response.once('end', () =>
        resolve({ status: response.statusCode!, connection: response.headers.connection }),
      )
    }).once('error', reject)
  })
}

test('a server that the operator stops lets its clients finish, and ends within seconds', async () => {
  const port = await freePort()
  const server = start(port, { ROLE: 'all' })
  expect(await server.isOpen()).toBe(true)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const answers: (Answer & { at: number })[] = []
  let isStopped = false
  const clients = Array.from({ length: 20 }, async () => {
    while (!isStopped) {
      const at = performance.now()
      const answer = await ask(`http://127.0.0.1:${port}/privacy`, agent).catch(() => null)
      if (answer) answers.push({ ...answer, at })
      else await sleep(20)
    }
  })
  await sleep(1000)
  const stoppedAt = performance.now()
  const code = await server.stop()
  const took = performance.now() - stoppedAt
  isStopped = true
  await Promise.all(clients)
  agent.destroy()

  expect(code).toBe(0)
  expect(took).toBeLessThan(8000)
  expect(answers.every(({ status }) => status === 200)).toBe(true)
  const after = answers.filter(({ at }) => at > stoppedAt + 500)
  expect(after.length).toBeLessThanOrEqual(20)
  expect(after.every(({ connection }) => connection === 'close')).toBe(true)
  expect(server.output()).not.toMatch(/MongoClientClosedError|UnhandledPromise|Uncaught/i)
})

test('a worker beside a web server takes no port, unless its health has one', async () => {
  const port = await freePort()
  const web = start(port, { ROLE: 'web' })
  expect(await web.isOpen()).toBe(true)
  const worker = start(port, { ROLE: 'worker', LOG_LEVEL: 'info' })
  while (!worker.output().includes('server started')) await sleep(50)
  expect(await worker.stop()).toBe(0)
  expect(worker.output()).not.toContain('EADDRINUSE')

  const healthPort = await freePort()
  start(port, { ROLE: 'worker', HEALTH_PORT: String(healthPort) })
  while ((await ask(`http://127.0.0.1:${healthPort}/healthz`).catch(() => null))?.status !== 200)
    await sleep(50)
  expect((await ask(`http://127.0.0.1:${healthPort}/courses`)).status).toBe(404)
})
