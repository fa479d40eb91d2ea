import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import mongoose from 'mongoose'
import request from 'supertest'
import { assetBytes, storedBytes } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { connectDatabase, disconnectDatabase } from '../../src/platform/database'
import { config } from '../../src/platform/config'
import { days } from '../../src/platform/clock'
import { defaultBrandId } from '../../src/brand/brand'
import { publishGuideBrand } from '../../scripts/demo/brand'
import { guideLists, saveDemoLists } from '../../scripts/demo/lists'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance } from '../kit/clock'
import * as make from '../kit/make'
import { freePort, startServer, type ServerProcess } from '../kit/process'
import { transpileServer, transpileStore } from '../setup/store-code'
import { endStore, makeFolder, runStore } from '../setup/store-process'

const megabyte = 1024 * 1024
/** A file that its course takes whatever its bytes are. */
const csvOf = (bytes: number) => Buffer.from(randomBytes(bytes / 2).toString('hex'))
const metadata = (name: string) => `filename ${Buffer.from(name).toString('base64')},filetype dGV4dA==`
const headersOf = ({ cookie, csrf }: Pick<Visitor, 'cookie' | 'csrf'>) => ({
  cookie,
  'x-csrf-token': csrf,
  'tus-resumable': '1.0.0',
  accept: 'application/json',
})
const patchHeaders = (visitor: Pick<Visitor, 'cookie' | 'csrf'>, offset: number) => ({
  ...headersOf(visitor),
  'x-http-method-override': 'PATCH',
  'content-type': 'application/offset+octet-stream',
  'upload-offset': String(offset),
})

describe('in one process', () => {
  let academy: Academy
  let author: Visitor
  let slug: string
  beforeAll(async () => {
    academy = await openAcademy()
    author = await as(await make.person({ role: 'author' }))
  })
  afterAll(() => academy.close())
  beforeEach(async () => {
    slug = (await make.course()).slug
  })

  const begin = (name: string, size: number, visitor = author) =>
    request(academy.app)
      .post(`/studio/courses/${slug}/uploads`)
      .set({ ...headersOf(visitor), 'upload-length': String(size), 'upload-metadata': metadata(name) })
  const location = async (name: string, size: number) =>
    (await begin(name, size).expect(201)).headers.location!
  const patch = (url: string, offset: number, bytes: Buffer, visitor = author) =>
    request(academy.app).post(url).set(patchHeaders(visitor, offset)).send(bytes)
  const offsetOf = async (url: string) =>
    Number((await request(academy.app).head(url).set(headersOf(author)).expect(200)).headers['upload-offset'])
  const complete = (url: string, visitor = author) =>
    request(academy.app).post(`${url}/completion`).set(headersOf(visitor))

  test('a file arrives in parts, and is then a file of the draft like any other', async () => {
    const bytes = csvOf(600_000)
    const url = await location('Größe 7.csv', bytes.length)
    expect(await offsetOf(url)).toBe(0)
    await patch(url, 0, bytes.subarray(0, 400_000)).expect(204).expect('upload-offset', '400000')
    await complete(url).expect(409)
    await patch(url, 0, bytes.subarray(0, 400_000)).expect(409)
    expect(await offsetOf(url)).toBe(400_000)
    await patch(url, 400_000, bytes.subarray(400_000)).expect(204).expect('upload-offset', '600000')
    const { body } = await complete(url).expect(200)
    expect(body.files).toMatchObject([{ path: 'assets/größe-7.csv', type: 'text/csv' }])
    const [asset] = (await Courses.findOne({ slug }))!.draft.assets
    expect((await assetBytes(asset!.hash))!.equals(bytes)).toBe(true)
    // The response may have been lost.
    expect((await complete(url).expect(200)).body).toEqual(body)
  })

  test('what arrived before a connection is cut is kept', async () => {
    const bytes = csvOf(300_000)
    const url = await location('cut.csv', bytes.length)
    const origin = await academy.listen()
    const sending = httpRequest(`${origin}${url}`, {
      method: 'POST',
      headers: { ...patchHeaders(author, 0), 'content-length': bytes.length },
    })
    sending.on('error', () => {})
    await new Promise<void>(resolve => sending.write(bytes.subarray(0, 100_000), () => resolve()))
    await new Promise(resolve => setTimeout(resolve, 200))
    sending.destroy()
    let offset = 0
    for (let tries = 0; tries < 100 && !offset; tries++) {
      await new Promise(resolve => setTimeout(resolve, 20))
      offset = await offsetOf(url)
    }
    expect(offset).toBe(100_000)
    await patch(url, offset, bytes.subarray(offset)).expect(204)
    await complete(url).expect(200)
    const [asset] = (await Courses.findOne({ slug }))!.draft.assets
    expect((await assetBytes(asset!.hash))!.equals(bytes)).toBe(true)
  })

  test('two windows that send the same file can’t mix their parts', async () => {
    const bytes = csvOf(400_000)
    const url = await location('both.csv', bytes.length)
    const answers = await Promise.all([patch(url, 0, bytes), patch(url, 0, bytes)])
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409])
    await complete(url).expect(200)
    const [asset] = (await Courses.findOne({ slug }))!.draft.assets
    expect((await assetBytes(asset!.hash))!.equals(bytes)).toBe(true)
  })

  test('two windows that complete the same file get the same one, and nothing is left of parts that lost', async () => {
    const bytes = csvOf(700_000)
    const url = await location('twice.csv', bytes.length)
    await Promise.all(Array.from({ length: 6 }, () => patch(url, 0, bytes)))
    const pieces = mongoose.connection.collection('upload_pieces')
    const kept = await pieces.find({ upload: url.split('/').at(-1)! }).toArray()
    expect(kept.reduce((sum, each) => sum + (each.bytes.buffer as Buffer).length, 0)).toBe(bytes.length)
    const answers = await Promise.all(Array.from({ length: 6 }, () => complete(url)))
    for (const { status, body } of answers) {
      expect([200, 409]).toContain(status)
      if (status === 200) expect(body.files).toMatchObject([{ path: 'assets/twice.csv' }])
    }
    expect((await Courses.findOne({ slug }))!.draft.assets).toHaveLength(1)
  })

  test('several uploads together don’t exceed the space of the academy', async () => {
    const used = await storedBytes()
    config.mediaBytes = used + 150_000
    try {
      const [one, two] = [csvOf(100_000), csvOf(100_000)]
      const [first, second] = [await location('one.csv', one.length), await location('two.csv', two.length)]
      await patch(first, 0, one).expect(204)
      await patch(second, 0, two).expect(204)
      await complete(first).expect(200)
      await complete(second).expect(413)
    } finally {
      config.mediaBytes = undefined
    }
  })

  test.each(['-1', '1.5', '1e3', 'NaN', '', '0x10', '9'.repeat(13), '999999999999'])(
    'an offset of “%s” is refused, and nothing changes',
    async offset => {
      const url = await location('offset.csv', 10)
      const { status } = await request(academy.app)
        .post(url)
        .set({ ...patchHeaders(author, 0), 'upload-offset': offset })
        .send(Buffer.from('12345'))
      expect([400, 409]).toContain(status)
      expect(await offsetOf(url)).toBe(0)
    },
  )

  test.each([
    '',
    'filename',
    'filename !!!',
    'filename AAAA\u00ff',
    'other aGk=',
    `filename ${'A'.repeat(5000)}`,
  ])('metadata such as “%s” is refused', async given => {
    const { status } = await request(academy.app)
      .post(`/studio/courses/${slug}/uploads`)
      .set({ ...headersOf(author), 'upload-length': '10', 'upload-metadata': given })
    expect([400, 422]).toContain(status)
  })

  test('nobody else sees, continues or completes an upload, and nobody reads it back', async () => {
    const url = await location('mine.csv', 10)
    await patch(url, 0, Buffer.from('12345')).expect(204)
    const other = await as(await make.person({ role: 'admin' }))
    await request(academy.app).head(url).set(headersOf(other)).expect(404)
    await patch(url, 5, Buffer.from('67890'), other).expect(404)
    await complete(url, other).expect(404)
    const own = await request(academy.app).get(url).set(headersOf(author)).expect(200)
    expect(own.text).toBe('')
    const elsewhere = url.replace(slug, (await make.course()).slug)
    await request(academy.app).head(elsewhere).set(headersOf(author)).expect(404)
    expect(await offsetOf(url)).toBe(5)
  })

  test('what can’t become a file of the course is refused before it is sent, with the reason', async () => {
    const refused = async (name: string, size: number, status: number) => {
      const { body } = await begin(name, size).expect(status)
      return (body.problem ?? body.error.message) as string
    }
    expect(await refused('photo.heic', 1000, 422)).toContain('Browsers don’t show HEIC'.replace('’', "'"))
    expect(await refused('program.exe', 1000, 422)).toContain("This file type isn't supported")
    expect(await refused('picture.png', 21 * megabyte, 422)).toContain('The limit for png is 20 MB')
    expect(await refused('film.mp4', 96 * megabyte, 413)).toContain('95 MB together')
    await request(academy.app)
      .post(`/studio/courses/${slug}/uploads`)
      .set({ ...headersOf(author), 'upload-length': 'many', 'upload-metadata': metadata('a.csv') })
      .expect(400)
    const url = await location('a.csv', 10)
    await patch(url, 0, Buffer.from('more than ten bytes')).expect(413)
    await request(academy.app)
      .post(url)
      .set({ ...patchHeaders(author, 0), 'content-type': 'text/plain' })
      .send('12345')
      .expect(415)
    await request(academy.app)
      .post(url)
      .set({ ...patchHeaders(author, 0), 'tus-resumable': '0.2.0' })
      .send(Buffer.from('12345'))
      .expect(412)
      .expect('tus-version', '1.0.0')
  })

  test('a file that isn’t what its name says is refused when it has arrived, and forgotten', async () => {
    const url = await location('picture.png', 10)
    await patch(url, 0, Buffer.from('0123456789')).expect(204)
    const { body } = await complete(url).expect(422)
    expect(body.problem).toContain("The content doesn't match the file type png")
    await request(academy.app).head(url).set(headersOf(author)).expect(404)
  })

  test('an author can’t leave more than 20 uploads unfinished, and cancelling frees their place', async () => {
    const visitor = await as(await make.person({ role: 'author' }))
    const urls: string[] = []
    for (let n = 0; n < 20; n++)
      urls.push((await begin(`${n}.csv`, 100, visitor).expect(201)).headers.location!)
    const { body } = await begin('more.csv', 100, visitor).expect(413)
    expect(body.error.message).toContain('20 uploads')
    await request(academy.app)
      .post(urls[0]!)
      .set({ ...headersOf(visitor), 'x-http-method-override': 'DELETE' })
      .expect(204)
    await request(academy.app).head(urls[0]!).set(headersOf(visitor)).expect(404)
    const answers = await Promise.all(['more.csv', 'yet.csv'].map(name => begin(name, 100, visitor)))
    expect(answers.map(({ status }) => status)).toContain(413)
  })

  test('an upload that isn’t finished within a day is gone', async () => {
    const url = await location('late.csv', 10)
    await patch(url, 0, Buffer.from('12345')).expect(204)
    const collections = ['unfinished_uploads', 'upload_pieces'] as const
    for (const name of collections) {
      const indexes = await mongoose.connection.collection(name).indexes()
      expect(indexes).toContainEqual(
        expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }),
      )
    }
    advance(days(1) + 1)
    await request(academy.app).head(url).set(headersOf(author)).expect(404)
  })
})

describe('with a server that is killed', () => {
  const dataDir = makeFolder()
  let server: ServerProcess | undefined
  afterAll(async () => {
    await server?.kill()
    rmSync(dataDir, { recursive: true, force: true })
  })

  test('an upload goes on after kill -9, and its bytes are those that were sent', async () => {
    const secrets = { SESSION_SECRET: process.env.SESSION_SECRET! }
    const inStore = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      const store = await runStore(transpileStore(), join(dataDir, 'store'))
      await connectDatabase(store.uri, 'lyceum')
      try {
        return await work()
      } finally {
        await disconnectDatabase()
        await endStore(store, true)
      }
    }
    const { cookie, csrf, slug } = await inStore(async () => {
      await publishGuideBrand(defaultBrandId)
      await saveDemoLists(guideLists)
      const { slug } = await make.course()
      const { cookie, csrf } = await as(await make.person({ role: 'author' }))
      return { cookie, csrf, slug }
    })
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const start = async () => {
      server = startServer({
        code: transpileServer(),
        port,
        dataDir,
        ahead: 0,
        env: { ...secrets, SEED: 'false' },
      })
      expect(await server.isOpen()).toBe(true)
    }
    const send = (path: string, headers: Record<string, string>, body?: Buffer) =>
      fetch(origin + path, {
        method: 'POST',
        headers,
        body: body && new Uint8Array(body),
        redirect: 'manual',
      })
    const bytes = csvOf(2 * megabyte)
    const half = bytes.length / 2

    await start()
    const begun = await send(`/studio/courses/${slug}/uploads`, {
      ...headersOf({ cookie, csrf }),
      'upload-length': String(bytes.length),
      'upload-metadata': metadata('large.csv'),
    })
    expect(begun.status).toBe(201)
    const url = begun.headers.get('location')!
    expect((await send(url, patchHeaders({ cookie, csrf }, 0), bytes.subarray(0, half))).status).toBe(204)
    await server!.kill()
    await start()
    const head = await fetch(origin + url, { method: 'HEAD', headers: headersOf({ cookie, csrf }) })
    expect(head.headers.get('upload-offset')).toBe(String(half))
    expect((await send(url, patchHeaders({ cookie, csrf }, half), bytes.subarray(half))).status).toBe(204)
    expect((await send(`${url}/completion`, headersOf({ cookie, csrf }))).status).toBe(200)
    await server!.kill()
    const stored = await inStore(async () => {
      const [asset] = (await Courses.findOne({ slug }))!.draft.assets
      return assetBytes(asset!.hash)
    })
    expect(stored!.equals(bytes)).toBe(true)
  })
})
