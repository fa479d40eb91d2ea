import sharp from 'sharp'
import request from 'supertest'
import { minutes } from '../../src/platform/clock'
import { enrol } from '../../src/learning/enrol'
import { Enrolments } from '../../src/learning/enrolment'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { advance } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

const read = (path: string) => request(theApp()).get(path).set('accept', 'text/html')

test('an anonymous visitor reads the course page without getting a cookie', async () => {
  const pumps = await make.course({ title: 'Pumps & <valves>', lessons: 4 })
  const answer = await read(`/courses/${pumps.slug}`).expect(200)
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(answer.text).toContain('Pumps &amp; &lt;valves&gt;')
  expect(answer.text).toContain('4 lessons, 20 min')
  expect(answer.text).toContain('Free preview')
  expect(answer.text).toContain(`/sign-up?next=/courses/${pumps.slug}`)
})

test('a search engine finds the title, description, URL, image and structured data of a course', async () => {
  const pumps = await make.course({
    title: 'Pumps </script> plainly',
    price: { amount: 24_000, currency: 'EUR' },
  })
  const { text } = await read(`/courses/${pumps.slug}`).expect(200)
  const address = `http://127.0.0.1:3000/courses/${pumps.slug}`
  expect(text).toContain(`<link rel="canonical" href="${address}">`)
  expect(text).toContain(`<meta property="og:image" content="${address}/cover.png">`)
  expect(text).toMatch(/<meta name="description" content="What a pump does and when to call\.">/)
  const ld = JSON.parse(/<script type="application\/ld\+json">(.*?)<\/script>/s.exec(text)![1]!)
  expect(ld).toMatchObject({
    '@type': 'Course',
    name: 'Pumps </script> plainly',
    provider: { '@type': 'Organization', name: 'Lyceum' },
    offers: { category: 'Paid', price: '240.00', priceCurrency: 'EUR' },
    hasCourseInstance: { '@type': 'CourseInstance', courseWorkload: 'PT15M' },
  })
})

test('other sites get the cover as a PNG, and the video player as WebP', async () => {
  const pumps = await make.course()
  const { body, headers } = await read(`/courses/${pumps.slug}/cover.png`).expect(200)
  expect(headers['content-type']).toBe('image/png')
  expect((body as Buffer).subarray(1, 4).toString()).toBe('PNG')
  const poster = await read(`/courses/${pumps.slug}/poster.webp`).expect(200)
  expect(poster.headers['content-type']).toBe('image/webp')
  expect(await sharp(poster.body as Buffer).metadata()).toMatchObject({
    format: 'webp',
    width: 1280,
    height: 720,
  })
})

test('a visitor who starts a free course is enrolled once, however often they click', async () => {
  const [ada, pumps] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const enrolled = await visitor.post(`/courses/${pumps.slug}/enrolment`).expect(303)
  expect(enrolled.headers.location).toBe(`/courses/${pumps.slug}/lessons/lesson-1`)
  await visitor.post(`/courses/${pumps.slug}/enrolment`).expect(303)
  expect(await happened(ada)).toEqual(['course.enrolled'])
  expect(await Enrolments.count({ person: ada._id })).toBe(1)
  const { text } = await visitor.get(`/courses/${pumps.slug}`).expect(200)
  expect(text).toContain('<b>0 of 3 done</b>')
  expect(text).toContain('About 15 min left')
})

test('a learner whose enrolment was interrupted after its event is enrolled when they try again', async () => {
  const [ada, pumps] = [await make.person(), await make.course()]
  await enrol({ person: ada._id, published: pumps, paid: false })
  const before = (await Enrolments.findOne({ person: ada._id }))!
  await Enrolments.deleteOne({ _id: before._id })
  advance(minutes(3))
  const visitor = await as(ada)
  await visitor.post(`/courses/${pumps.slug}/enrolment`).expect(303)
  await visitor.get(`/courses/${pumps.slug}/lessons/lesson-2`).expect(200)
  expect(await Enrolments.findOne({ person: ada._id })).toMatchObject({
    _id: before._id,
    startedAt: before.startedAt,
    revision: before.revision,
  })
})

test('an anonymous visitor who enrols is asked to sign up first', async () => {
  const pumps = await make.course()
  const answer = await (await anonymous()).post(`/courses/${pumps.slug}/enrolment`).expect(303)
  expect(answer.headers.location).toBe(
    `/sign-up?next=${encodeURIComponent(`/courses/${pumps.slug}/enrolment`)}`,
  )
})

test('a visitor pays for a paid course first', async () => {
  const [ada, pumps] = [
    await make.person(),
    await make.course({ price: { amount: 24_000, currency: 'EUR' } }),
  ]
  const visitor = await as(ada)
  expect((await visitor.get(`/courses/${pumps.slug}`)).text).toContain('€240')
  const answer = await visitor.post(`/courses/${pumps.slug}/enrolment`).expect(303)
  expect(answer.headers.location).toBe(`/courses/${pumps.slug}/checkout`)
  expect(await happened(ada)).toEqual([])
})

test('an unpublished course is not found', async () => {
  await read('/courses/nothing-here').expect(404)
  await read('/courses/nothing-here/cover.png').expect(404)
})
