import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer, type ServerProcess } from '../kit/process'
import { eventually } from '../kit/retrying-client'
import { transpileServer } from '../setup/store-code'
import { makeFolder } from '../setup/store-process'

const disk = makeFolder()
const filling = join(disk, 'filling')
const size = 64
const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}m`, 'none', disk]).status === 0
const testOnDisk = mounted ? test : test.skip
let server: ServerProcess | undefined

afterEach(() => server?.kill())
afterAll(() => {
  if (mounted) spawnSync('umount', [disk])
  rmSync(disk, { recursive: true, force: true })
})

/** Starts a server on the small disk. Returns its origin. */
async function start(): Promise<string> {
  const port = await freePort()
  server = startServer({ code: transpileServer(), port, dataDir: disk, ahead: 0 })
  expect(await server.isOpen()).toBe(true)
  return `http://127.0.0.1:${port}`
}

function fillDisk(): void {
  const { bavail, bsize } = statfsSync(disk)
  writeFileSync(filling, Buffer.alloc(bavail * bsize - 100_000))
}

/** Asks for a sign-in link, as someone with an account does. */
async function askForLink(origin: string): Promise<Response> {
  const form = await fetch(`${origin}/sign-in`)
  const cookie = form.headers
    .getSetCookie()
    .map(each => each.split(';')[0])
    .join('; ')
  const _csrf = /name="_csrf" value="([^"]+)"/.exec(await form.text())![1]!
  return fetch(`${origin}/sign-in/link`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, accept: 'text/html' },
    body: new URLSearchParams({ _csrf, email: 'ada@northwind.example' }),
  })
}

type Readiness = { status: string; database: string }

testOnDisk(
  'on a full disk pages can be read, a form says why it was not saved, and all goes on once there is space',
  async () => {
    mkdirSync(join(disk, 'store'))
    const origin = await start()
    await eventually(async () => (await fetch(`${origin}/readyz`)).ok || undefined, 'the server is ready')

    fillDisk()
    const readiness = await fetch(`${origin}/readyz`)
    expect(readiness.status).toBe(503)
    expect((await readiness.json()) as Readiness).toMatchObject({
      status: 'not ready',
      database: 'refuses writes: The disk is nearly full. Writes are refused until there is free space.',
    })
    expect((await fetch(`${origin}/privacy`)).status).toBe(200)
    const refused = await askForLink(origin)
    expect(refused.status).toBe(503)
    const page = await refused.text()
    expect(page).toContain('the server has run out of disk space')
    expect(page).toContain('name="email" value="ada@northwind.example"')

    await server!.kill()
    const restarted = await start()
    expect((await fetch(`${restarted}/privacy`)).status).toBe(200)
    expect((await fetch(`${restarted}/readyz`)).status).toBe(503)

    rmSync(filling)
    expect((await askForLink(restarted)).status).toBe(303)
  },
  180_000,
)

testOnDisk(
  'a first start on a full disk ends with one sentence',
  async () => {
    rmSync(join(disk, 'store'), { recursive: true })
    mkdirSync(join(disk, 'store'))
    fillDisk()
    const port = await freePort()
    server = startServer({ code: transpileServer(), port, dataDir: disk, ahead: 0 })
    expect(await server.ended).toBe(78)
    expect(server.output().trim()).toMatch(/^[^\n]*[Dd]isk[^\n]*full[^\n]*$/)
  },
  120_000,
)
