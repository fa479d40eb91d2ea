import { Types } from 'mongoose'
import { saveAsset } from '../../src/courses/asset'
import { changeDraft } from '../../src/courses/change-draft'
import { removeFromTeam, setCourseRole } from '../../src/courses/change-team'
import { PreviewLinks } from '../../src/courses/preview-link'
import { changeLesson } from '../../src/courses/outline'
import { withdrawCourse } from '../../src/courses/withdraw-course'
import { Enrolments } from '../../src/learning/enrolment'
import { People } from '../../src/people/person'
import { Visits } from '../../src/people/visit'
import { days, hours, setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import { eventually } from '../kit/retrying-client'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let guest: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author', name: 'Ines Halvorsen' }))
  guest = await anonymous()
})
afterAll(() => academy.close())
afterEach(() => setClock())

/** A course that was never published, with a picture in its second lesson, and a link to its draft. */
async function sharedDraft(slug: string) {
  const hash = await saveAsset(Buffer.from(`picture of ${slug}`), 'text/csv')
  const made = await make.course({
    slug,
    title: `Draft of ${slug}`,
    price: { amount: 5000, currency: 'EUR' },
    assets: [{ path: 'assets/data.csv', hash, size: 10, type: 'text/csv' }],
  })
  await withdrawCourse({ course: made.course, by: made.course })
  await changeDraft(made.course, content =>
    changeLesson(content, 'lesson-2', {
      body: 'Not public yet: [next](lesson-3.md), [data](assets/data.csv).\n',
    }),
  )
  const url = `/studio/courses/${slug}/previews`
  await author.post(url, { days: 7 }).expect(303)
  const page = await author.get(url).expect(200)
  const link = /href="[^"]*(\/course-previews\/link\.[^"]+)"/.exec(page.text)![1]!
  return { ...made, url, link, hash }
}

test('someone with the link sees the draft in the academy’s pages as each audience, and nothing else', async () => {
  const { slug, link, hash } = await sharedDraft('shared')
  await guest.get(`/courses/${slug}`).expect(404)
  const page = await guest.get(link).expect(200)
  expect(page.text).toContain('Draft of shared')
  expect(page.text).toContain('not published yet')
  expect(page.headers).toMatchObject({
    'x-robots-tag': 'noindex, nofollow, noarchive',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  expect(page.headers['content-security-policy']).toMatch(/form-action 'none'/)
  expect(page.headers['content-security-policy']).toMatch(/connect-src 'none'/)
  // Every link to the course stays in the preview.
  expect(page.text).not.toContain(`href="/courses/${slug}`)
  expect(page.text).toContain(`href="${link}/lessons/lesson-1?as=visitor"`)

  const lesson = (audience: string) => guest.get(`${link}/lessons/lesson-2?as=${audience}`).expect(200)
  for (const audience of ['visitor', 'member', 'anything']) {
    expect((await lesson(audience)).text).not.toContain('Not public yet')
  }
  for (const audience of ['learner', 'inProgress']) {
    const { text } = await lesson(audience)
    expect(text).toContain('Not public yet')
    expect(text).toContain(`href="${link}/lessons/lesson-3?as=${audience}"`)
    expect(text).toContain(`href="${link}/files/${hash}/data.csv"`)
  }
  expect((await guest.get(`${link}?as=inProgress`)).text).toContain('2 of 3')
  expect((await guest.get(`${link}?as=learner`)).text).toContain('0 of 3')
  await guest.get(`${link}/files/${hash}/data.csv`).expect(200)
  await guest.get(`/assets/${hash}/data.csv`).expect(404)
  await guest.get(`${link}/lessons/nothing`).expect(404)
  const foreign = await saveAsset(Buffer.from('of another course'), 'text/csv')
  await guest.get(`${link}/files/${foreign}/data.csv`).expect(404)
  await guest.get(`/studio/courses/${slug}`).expect(303)
  expect(await Enrolments.count()).toBe(0)
  // A browser's visit to a draft isn't one to the academy.
  const browser = (version: number) => `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Firefox/${version}.0`
  const visits = await Visits.count()
  await guest.get(link).set('user-agent', browser(140)).expect(200)
  await eventually(async () => {
    // By the time that a later visit is counted, the one before would be.
    await guest.get('/courses').set('user-agent', browser(141)).expect(200)
    return (await Visits.count()) > visits || undefined
  }, 'a visit is counted')
  await new Promise(resolve => setTimeout(resolve, 300))
  expect(await Visits.count()).toBe(visits + 1)
})

test('a link ends when it expires or is revoked, and a changed one never worked', async () => {
  const [one, two] = [await sharedDraft('one'), await sharedDraft('two')]
  const start = Date.now()
  setClock(() => start + days(7) - hours(1))
  await guest.get(one.link).expect(200)
  setClock(() => start + days(7) + hours(1))
  await guest.get(one.link).expect(404)
  setClock()
  const { _id } = (await PreviewLinks.findOne({ course: two.course }))!
  // Only the course's own team revokes its links.
  await author.post(`${one.url}/${_id}/revocation`).expect(303)
  await guest.get(two.link).expect(200)
  await author.post(`${two.url}/${_id}/revocation`).expect(303)
  await guest.get(two.link).expect(404)
  await guest.get(`${two.link}/lessons/lesson-1`).expect(404)
  expect((await author.get(two.url)).text).not.toContain('course-previews/link.')
  for (const token of [
    'x',
    `link.${_id}`,
    `link.${new Types.ObjectId()}.${two.link.split('.').at(-1)}`,
    'a.b.c.d',
  ]) {
    await guest.get(`/course-previews/${token}`).expect(404)
  }
})

test('the studio shows the draft in a frame, on a desktop or a phone, as any audience', async () => {
  const { url, link } = await sharedDraft('framed')
  const page = await author.get(`${url}?as=inProgress&on=phone`).expect(200)
  const [, src] = /<iframe[\s\S]*?src="([^"]+)"/.exec(page.text)!
  expect(page.text).toMatch(/<iframe[\s\S]*?width="390"/)
  expect(page.headers['content-security-policy']).toMatch(/frame-src 'self'/)
  expect(src).toMatch(/^\/course-previews\/frame\..*\?as=inProgress$/)
  expect((await author.get(src!).expect(200)).text).toContain('2 of 3')
  setClock(() => Date.parse('2035-01-01'))
  await author.get(src!).expect(404)
  setClock()
  await author.post(url, { days: 365 }).expect(404)
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  await reviewer.get(url).expect(200)
  await reviewer.post(url, { days: 7 }).expect(403)
  expect(link).toBeDefined()
})

test('whoever leaves the course or the academy takes no way to its draft along', async () => {
  const { course, slug } = await sharedDraft('left')
  const url = `/studio/courses/${slug}/previews`
  const partner = await make.person({ role: 'contributor' })
  const by = (await make.person({ role: 'admin' }))._id
  const join = () => setCourseRole({ course, by, person: partner._id, role: 'partner' })
  await join()
  const visitor = await as(partner)
  await visitor.post(url, { days: 30 }).expect(303)
  const { text } = await visitor.get(url).expect(200)
  const frame = /<iframe[\s\S]*?src="([^"?]+)/.exec(text)![1]!
  const links = [...text.matchAll(/href="[^"]*(\/course-previews\/link\.[^"]+)"/g)].map(([, link]) => link!)
  expect(links).toHaveLength(2)
  const statuses = () => Promise.all([frame, ...links].map(async link => (await guest.get(link)).status))
  expect(await statuses()).toEqual([200, 200, 200])
  await removeFromTeam({ course, by, person: partner._id })
  // The other link is an author's.
  expect((await statuses()).sort()).toEqual([200, 404, 404])
  expect((await author.get(url)).text.match(/course-previews\/link\./g)).toHaveLength(1)
  await join()
  expect(await statuses()).toEqual([200, 200, 200])
  await People.updateOne({ _id: partner._id }, { $set: { suspendedAt: new Date() } })
  expect((await statuses()).sort()).toEqual([200, 404, 404])
})
