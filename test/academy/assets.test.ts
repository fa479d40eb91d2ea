import request from 'supertest'
import { assetUrl, saveAsset, type Asset } from '../../src/courses/asset'
import { publishCourse } from '../../src/courses/publish-course'
import { Courses } from '../../src/courses/course'
import { publishedCourse, type Published } from '../../src/courses/published'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { enrol } from '../../src/learning/enrol'
import { revokeEnrolment } from '../../src/learning/revoke-enrolment'
import { roles } from '../../src/people/person'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const video = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 251))
const bytesOf = (text: string) => Buffer.from(text)
const urlOf = ({ hash, path }: Asset) => assetUrl(hash, path)

async function asset(bytes: Buffer, type: string, name: string): Promise<Asset> {
  return { path: `assets/${name}`, hash: await saveAsset(bytes, type), size: bytes.length, type }
}

/** Publishes a course whose lesson `n` offers the file `n - 1`; the first lesson is a free preview. */
function courseWith(assets: Asset[], more: Partial<make.CourseInput> = {}): Promise<Published> {
  const downloads = (n: number) => assets.slice(n - 1, n).map(({ path }) => ({ file: path, title: 'File' }))
  return make.course({ assets, lessons: 3, lesson: n => ({ downloads: downloads(n) }), ...more })
}

test('a browser caches a video of a free preview for good and can request ranges of it', async () => {
  const tour = await asset(video, 'video/webm', 'tour.webm')
  await courseWith([tour])
  const url = urlOf(tour)
  const whole = await request(theApp()).get(url).expect(200)
  expect(whole.headers).toMatchObject({
    'content-type': 'video/webm',
    'content-length': '1000',
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect(whole.headers['set-cookie']).toBeUndefined()
  const part = await request(theApp()).get(url).set('range', 'bytes=100-199').expect(206)
  expect(part.headers['content-range']).toBe('bytes 100-199/1000')
  expect(part.body).toEqual(video.subarray(100, 200))
  const end = await request(theApp()).get(url).set('range', 'bytes=-10').expect(206)
  expect(end.body).toEqual(video.subarray(990))
  await request(theApp()).get(url).set('range', 'bytes=2000-').expect(416)
  await request(theApp()).get(url).set('if-none-match', whole.headers.etag!).expect(304)
})

test('a file of a lesson behind the enrolment is only for its learners and the studio, and never stored', async () => {
  const price = { amount: 24_000, currency: 'EUR' }
  const [free, paid] = [
    await asset(bytesOf('%PDF free'), 'application/pdf', 'free.pdf'),
    await asset(bytesOf('%PDF paid'), 'application/pdf', 'paid.pdf'),
  ]
  const pumps = await courseWith([free, paid], { price })
  const other = await make.course()
  const [ada, bob] = [await make.person(), await make.person()]
  await enrol({ person: ada._id, published: pumps, paid: true })
  await enrol({ person: bob._id, published: other, paid: false })

  await request(theApp()).get(urlOf(free)).expect(200)
  const anonymous = await request(theApp()).get(urlOf(paid)).expect(404)
  expect(anonymous.headers['cache-control']).toBe('no-store')
  await request(theApp()).get(urlOf(paid)).set('range', 'bytes=0-3').expect(404)
  await request(theApp()).head(urlOf(paid)).expect(404)
  await (await as(bob)).get(urlOf(paid)).expect(404)

  const learner = await as(ada)
  for (const range of ['', 'bytes=1-2']) {
    const answer = await learner.get(urlOf(paid)).set('range', range)
    expect(answer.status).toBe(range ? 206 : 200)
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(answer.headers.etag).toBeUndefined()
  }
  for (const role of roles) {
    const { status } = await (await as(await make.person({ role }))).get(urlOf(paid))
    expect(`${role}: ${status}`).toBe(
      `${role}: ${['author', 'reviewer', 'admin'].includes(role) ? 200 : 404}`,
    )
  }
  await revokeEnrolment(ada._id, pumps.course)
  await learner.get(urlOf(paid)).expect(404)
  await learner.get(urlOf(free)).expect(200)
})

test('a picture in the description of a paid course is open to everyone, because its page is', async () => {
  const picture = await asset(bytesOf('picture'), 'image/png', 'pump.png')
  const price = { amount: 24_000, currency: 'EUR' }
  await make.course({ assets: [picture], price, lessons: 1, description: '![A pump](assets/pump.png)' })
  await request(theApp()).get(urlOf(picture)).expect(200)
})

test('a learner keeps the files of their revision, and a withdrawn course has no public ones', async () => {
  const [first, second] = [
    await asset(bytesOf('first'), 'text/plain', 'a.txt'),
    await asset(bytesOf('second'), 'text/plain', 'a.txt'),
  ]
  const seals = await courseWith([first])
  const ada = await make.person()
  await enrol({ person: ada._id, published: seals, paid: false })
  const learner = await as(ada)
  const author = await make.person({ role: 'author' })
  await Courses.updateOne(
    { _id: seals.course },
    { $set: { 'draft.assets': [second] }, $inc: { draftNumber: 1 } },
  )
  const { draftNumber } = (await Courses.findById(seals.course))!
  await publishCourse({ course: seals.course, by: author._id, draftNumber })
  expect((await publishedCourse(seals.slug))!.number).toBe(2)
  await request(theApp()).get(urlOf(first)).expect(404)
  await learner.get(urlOf(first)).expect(200)
  await request(theApp()).get(urlOf(second)).expect(200)

  const cover = `/courses/${seals.slug}/cover.png`
  expect((await request(theApp()).get(cover).expect(200)).headers['cache-control']).toContain('public')
  const poster = cover.replace('cover.png', 'poster.webp')
  // For other sites, whoever asks; the poster is that of the revision that the learner is on.
  expect((await learner.get(cover).expect(200)).headers['cache-control']).toContain('public')
  expect((await request(theApp()).get(poster).expect(200)).headers['cache-control']).toContain('public')
  expect((await learner.get(poster).expect(200)).headers['cache-control']).toBe('no-store')

  await withdrawCourse({ course: seals.course, by: author._id })
  await request(theApp()).get(urlOf(second)).expect(404)
  await request(theApp()).get(cover).expect(404)
  await learner.get(urlOf(first)).expect(200)
  await learner.get(cover).expect(404)
  expect((await learner.get(poster).expect(200)).headers['cache-control']).toBe('no-store')
})

test('a draft is for the studio: its files are private until a preview lesson with them is published', async () => {
  const secret = await asset(bytesOf('not yet'), 'text/plain', 'draft.txt')
  const valves = await make.course()
  await Courses.updateOne({ _id: valves.course }, { $set: { 'draft.assets': [secret] } })
  await request(theApp()).get(urlOf(secret)).expect(404)
  await (await as(await make.person())).get(urlOf(secret)).expect(404)
  await (await as(await make.person({ role: 'reviewer' }))).get(urlOf(secret)).expect(200)
})

test('a file that a browser could run is always a download', async () => {
  const files: Asset[] = []
  for (const [n, type] of ['image/svg+xml', 'text/html', 'application/javascript'].entries()) {
    files.push(await asset(Buffer.from(type), type, `a b${n}.svg`))
  }
  files.push(await asset(Buffer.from('%PDF'), 'application/pdf', 'sheet.pdf'))
  await make.course({
    assets: files,
    lesson: n => ({ downloads: n === 1 ? files.map(({ path }) => ({ file: path, title: 'File' })) : [] }),
  })
  for (const file of files) {
    const answer = await request(theApp()).get(urlOf(file)).expect(200)
    expect(answer.headers['content-type']).toBe('application/octet-stream')
    const name = file.path.split('/').pop()!
    expect(answer.headers['content-disposition']).toMatch(new RegExp(`^attachment; filename="?${name}"?$`))
    expect(answer.headers['content-security-policy']).toBe("default-src 'none'; sandbox")
  }
})

test('an unknown file is not found, and neither is one that no course has', async () => {
  await request(theApp())
    .get(`/assets/${'0'.repeat(64)}/x.png`)
    .expect(404)
  await request(theApp()).get('/assets/../x.png').expect(404)
  await request(theApp()).get('/assets/short/x.png').expect(404)
  const stray = await asset(Buffer.from('stray'), 'text/plain', 'stray.txt')
  await request(theApp()).get(urlOf(stray)).expect(404)
})
