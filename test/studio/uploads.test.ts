import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import request from 'supertest'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { courseFiles } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let files: string
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  files = `/studio/courses/${(await make.course({ slug: 'pumps' })).slug}/files`
})
afterAll(() => academy.close())

const megabyte = 1024 * 1024
// Other tests upload at the same time.
process.env.TMPDIR = mkdtempSync(join(tmpdir(), 'lyceum-uploads-'))
const storedOnDisk = () => readdirSync(tmpdir()).filter(name => name.startsWith('lyceum-upload-'))
const part = (name: string, value: string, file = '') =>
  `--x\r\nContent-Disposition: form-data; name="${name}"${file && `; filename="${file}"`}\r\n\r\n${value}\r\n`

/**
 * Announces a body of `length` bytes, sends only its beginning, and returns the status of the response, which comes
 * before the rest.
 */
async function statusBeforeTheRest(
  path: string,
  { cookie = '', length = 60 * megabyte, begin = '', headers = '', type = 'multipart/form-data; boundary=x' },
): Promise<number> {
  const { hostname, port } = new URL(await academy.listen())
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/html\r\nCookie: ${cookie}\r\n` +
      `Content-Type: ${type}\r\nContent-Length: ${length}\r\n${headers}\r\n${begin}`,
  )
  const head = await new Promise<string>((resolve, reject) => {
    socket.once('data', data => resolve(data.toString('latin1')))
    socket.once('error', reject)
    setTimeout(() => reject(new Error('No response before the rest of the body')), 5000).unref()
  })
  socket.destroy()
  return Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1])
}

const beginOfFile = part('files', 'a'.repeat(100_000), 'a.txt')

test('an upload is refused at its first file when no token came before it', async () => {
  const { cookie, csrf } = author
  const refused = [
    { cookie, begin: beginOfFile },
    { cookie, begin: part('_csrf', 'forged') + beginOfFile },
    { cookie, begin: beginOfFile + part('_csrf', csrf) },
  ]
  for (const upload of refused) {
    expect(await statusBeforeTheRest(files, upload)).toBe(403)
    expect(await statusBeforeTheRest('/studio/imports', upload)).toBe(403)
  }
  expect(storedOnDisk()).toEqual([])
})

test('an upload by the wrong person or from another site is refused before its body is read', async () => {
  const prospect = await as(await make.person())
  const visitor = await anonymous()
  expect(await statusBeforeTheRest(files, { cookie: prospect.cookie })).toBe(403)
  expect(await statusBeforeTheRest(files, { cookie: visitor.cookie })).toBe(401)
  expect(await statusBeforeTheRest(files, {})).toBe(401)
  const foreign = { cookie: author.cookie, headers: 'Origin: https://evil.example\r\n' }
  expect(await statusBeforeTheRest(files, foreign)).toBe(403)
})

test('a form by the wrong person is refused before its body is read', async () => {
  const prospect = await as(await make.person())
  const form = { length: 300_000, type: 'application/x-www-form-urlencoded', cookie: prospect.cookie }
  expect(await statusBeforeTheRest('/studio/courses', form)).toBe(403)
  expect(await statusBeforeTheRest('/studio/courses', { ...form, cookie: '' })).toBe(401)
})

test('an upload that is too large is refused before it arrives, and the author is told the limit', async () => {
  const { cookie, csrf } = author
  const begin = part('_csrf', csrf) + beginOfFile
  expect(await statusBeforeTheRest(files, { cookie, begin, length: 300 * megabyte })).toBe(413)
  const page = await request(academy.app)
    .post(files)
    .set({ cookie, accept: 'text/html' })
    .field('_csrf', csrf)
    .attach('files', Buffer.alloc(50 * megabyte), 'a.csv')
    .attach('files', Buffer.alloc(50 * megabyte), 'b.csv')
    .expect(413)
  expect(page.text).toContain('The limit is 95 MB in total')
  const many = request(academy.app).post(files).set({ cookie, accept: 'text/html' }).field('_csrf', csrf)
  for (let n = 0; n < 21; n++) many.attach('files', Buffer.from('a'), `${n}.txt`)
  expect((await many.expect(413)).text).toContain('Upload at most 20 at a time')
})

test('uploaded files have no name on disk while they arrive', async () => {
  const { cookie, csrf } = author
  const { hostname, port } = new URL(await academy.listen())
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST ${files} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nCookie: ${cookie}\r\n` +
      `Content-Type: multipart/form-data; boundary=x\r\nContent-Length: ${megabyte}\r\n\r\n` +
      part('_csrf', csrf) +
      beginOfFile,
  )
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(storedOnDisk()).toEqual([])
  socket.destroy()
})

test('an author adds several files at once, and imports a zip with a large one', async () => {
  const { cookie, csrf } = author
  const csv = Buffer.from(randomBytes(2 * megabyte).toString('hex'))
  await request(academy.app)
    .post(files)
    .set({ cookie, accept: 'text/html' })
    .field('_csrf', csrf)
    .attach('files', csv, 'größen.csv')
    .attach('files', Buffer.from('Notes.'), 'notes.txt')
    .expect(303)
  const { assets } = (await Courses.findOne({ slug: 'pumps' }))!.draft
  expect(assets.map(({ path, size }) => [path, size])).toEqual([
    ['assets/größen.csv', csv.length],
    ['assets/notes.txt', 6],
  ])
  const zip = await zipFiles([...courseFiles(), { path: 'seals/assets/a.csv', bytes: csv }])
  await request(academy.app)
    .post('/studio/imports')
    .set({ cookie, accept: 'text/html' })
    .field('_csrf', csrf)
    .attach('zip', zip, 'seals.zip')
    .expect(200)
  expect((await Courses.findOne({ slug: 'seals' }))!.draft.assets).toMatchObject([{ size: csv.length }])
})

test('an author of a lesson in another script may use its whole length', async () => {
  const lesson = '/studio/courses/pumps/lessons/lesson-1'
  const page = await author.get(lesson).expect(200)
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(page.text)![1]!
  const body = '水泵'.repeat(60_000)
  await author.post(lesson, { title: 'Lesson 1', body, baseVersion }).expect(303)
})
