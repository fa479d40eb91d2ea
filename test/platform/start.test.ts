import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { freePort, startServer, type ServerProcess } from '../kit/process'
import { transpileServer } from '../setup/store-code'
import { makeFolder } from '../setup/store-process'

const folders: string[] = []
const servers: ServerProcess[] = []
const newFolder = () => folders[folders.push(makeFolder()) - 1]!
/** An empty store, so that the demo isn't seeded. */
const emptyStore = () => {
  const folder = newFolder()
  mkdirSync(join(folder, 'store'))
  return folder
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.kill()
})
afterAll(() => folders.forEach(folder => rmSync(folder, { recursive: true, force: true })))

async function start(settings: { port?: number; dataDir?: string; env?: Record<string, string> } = {}) {
  const { port = await freePort(), dataDir = emptyStore(), env } = settings
  const server = startServer({ code: transpileServer(), port, dataDir, ahead: 0, env })
  servers.push(server)
  return server
}

/** Returns what a server that doesn't start says, and checks that it ends with EX_CONFIG of sysexits.h. */
async function sentenceOf(server: ServerProcess): Promise<string> {
  expect(await server.ended).toBe(78)
  return server.output().trim()
}

test('an operator whose port is taken reads one sentence', async () => {
  const other: Server = createServer()
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', () => resolve()))
  const { port } = other.address() as AddressInfo
  const said = await sentenceOf(await start({ port, env: { HOST: '127.0.0.1' } }))
  expect(said).toBe(`Port ${port} of 127.0.0.1 can't be opened: another process uses it. Set another PORT.`)
  await new Promise(resolve => other.close(resolve))
})

test('an operator whose data folder can not be written reads one sentence', async () => {
  const dataDir = newFolder()
  writeFileSync(join(dataDir, 'store'), '')
  const said = await sentenceOf(await start({ dataDir }))
  expect(said).toMatch(/^The data folder [^\n]+ can't be opened: [^\n]+$/)
})

test('an operator whose data folder another process has open reads one sentence', async () => {
  const dataDir = emptyStore()
  expect(await (await start({ dataDir })).isOpen()).toBe(true)
  const said = await sentenceOf(await start({ dataDir }))
  expect(said).toMatch(/^The data folder [^\n]+ can't be opened: [^\n]* is open in another process [^\n]+$/)
})

test('an operator whose database is away reads one sentence', async () => {
  const env = { MONGODB_URI: 'mongodb://127.0.0.1:1/lyceum' }
  const said = await sentenceOf(await start({ env }))
  expect(said).toMatch(/^The database at MONGODB_URI can't be reached: [^\n]+$/)
})

test('an operator with a setting that is wrong reads which one', async () => {
  const said = await sentenceOf(await start({ env: { BASE_URL: 'not a URL' } }))
  expect(said).toContain('BASE_URL')
  expect(said).not.toMatch(/^ {4}at /m)
})
