import { Events } from '../../src/events/event'
import { Consents } from '../../src/people/consent'
import { People } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'
import { shownConsents } from '../kit/consents'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterEach(closeEndpointServers)
afterAll(() => academy.close())

test('a learner who shares their data requests a demo with one form, and sending it twice counts once', async () => {
  const [ada, course] = [await make.person(), await make.course({ title: 'Pumps' })]
  const visitor = await as(ada)
  const { text } = await visitor.get(`/courses/${course.slug}/contact-request`).expect(200)
  expect(text).toContain('Book a demo')
  expect(text).toMatch(/value="demo" checked/)
  expect(text).not.toContain('name="profiling"')
  const input = { kind: 'demo', text: 'Does it write to our CRM?', occasion: occasionIn(text) }
  const sent = await visitor.post(`/courses/${course.slug}/contact-request`, input).expect(303)
  await visitor.post(`/courses/${course.slug}/contact-request`, input).expect(303)
  expect((await visitor.get(sent.headers.location!).expect(200)).text).toContain('<h1>Request sent</h1>')
  expect((await happened(ada)).filter(name => name === 'contact.requested')).toHaveLength(1)
  const event = await Events.findOne({ person: ada._id, name: 'contact.requested' })
  expect(event!.data).toEqual({ kind: 'demo', text: 'Does it write to our CRM?', title: 'Pumps' })
})

test('a visitor of the home page asks for a demo that is about no course in particular', async () => {
  const ada = await make.person()
  const visitor = await as(ada)
  const { text } = await visitor.get('/contact-request').expect(200)
  expect(text).toMatch(/value="demo" checked/)
  expect((await visitor.get('/contact-request/sent').expect(303)).headers.location).toBe('/contact-request')
  const input = { kind: 'demo', text: 'For our plant.', occasion: occasionIn(text) }
  const sent = await visitor.post('/contact-request', input).expect(303)
  await visitor.post('/contact-request', input).expect(303)
  expect(sent.headers.location).toBe('/contact-request/sent')
  expect((await visitor.get('/contact-request/sent').expect(200)).text).toContain('For our plant.')
  const events = await Events.find({ person: ada._id, name: 'contact.requested' })
  expect(events).toMatchObject([
    { course: null, data: { kind: 'demo', text: 'For our plant.', title: null } },
  ])
})

test('a learner who asks again in the same words on another occasion makes a new request', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  for (let n = 0; n < 2; n++) {
    const { text } = await visitor.get(path).expect(200)
    const input = { kind: 'demo', text: 'A demo, please', occasion: occasionIn(text) }
    await visitor.post(path, input).expect(303)
    await visitor.post(path, input).expect(303)
  }
  expect((await happened(ada)).filter(name => name === 'contact.requested')).toHaveLength(2)
  // A value that is too long or not ours doesn't identify an occasion, so the same words count once a day.
  for (const occasion of ['x'.repeat(5000), 'two', '{}', '']) {
    await visitor.post(path, { kind: 'trial', text: 'T', occasion }).expect(303)
  }
  expect((await happened(ada)).filter(name => name === 'contact.requested')).toHaveLength(3)
})

test('a learner whose form has errors keeps its occasion, so that sending it twice still counts once', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  const occasion = occasionIn((await visitor.get(path).expect(200)).text)
  expect(occasionIn((await visitor.post(path, { occasion }).expect(422)).text)).toBe(occasion)
})

test('a learner reads what was recorded, with its date, on the request and course pages', async () => {
  setTime('2026-11-23T09:42:00Z')
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const [page, path] = [`/courses/${course.slug}`, `/courses/${course.slug}/contact-request`]
  await visitor.post(`${page}/enrolment`).expect(303)
  expect((await visitor.get(page)).text).toContain(`href="${path}">Book a demo</a>`)
  expect((await visitor.get(`${path}/sent`).expect(303)).headers.location).toBe(path)
  await visitor.post(path, { kind: 'demo', text: 'For <20> people' }).expect(303)
  const sent = (await visitor.get(`${path}/sent`).expect(200)).text
  expect(sent).toContain('You asked for a demo on 23 November 2026 at 09:42 (UTC).')
  expect(sent).toContain('For &lt;20&gt; people')
  expect(sent).toContain(`href="${page}/lessons/lesson-1">Continue learning</a>`)
  expect((await visitor.get(page)).text).toContain(`href="${path}/sent">Demo requested on 23 Nov</a>`)
  expect((await visitor.get(path)).text).toContain('You asked for a demo on 23 November 2026 at 09:42 (UTC).')
})

test('a learner who pauses before the request is delivered reads that it waits; then it is sent', async () => {
  await runAllDue()
  setTime('2026-11-24T09:42:00Z')
  const crm = await openEndpointServer({ types: ['lead.contact_requested'] })
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  await visitor.post(path, { kind: 'demo', text: '' }).expect(303)
  await visitor.post('/account/sharing/pause').expect(303)
  await runAllDue()
  const waiting = (await visitor.get(`${path}/sent`).expect(200)).text
  expect(waiting).toContain('<h1>Request saved</h1>')
  expect(waiting).toContain('get it when you resume sharing')
  expect(crm.received).toHaveLength(0)
  await visitor.post('/account/sharing/resumption').expect(303)
  await runAllDue()
  expect(crm.received).toHaveLength(1)
  expect((await visitor.get(`${path}/sent`).expect(200)).text).toContain('<h1>Request sent</h1>')
  // Once it is delivered, a pause can't hold it back.
  await visitor.post('/account/sharing/pause').expect(303)
  expect((await visitor.get(`${path}/sent`).expect(200)).text).toContain('<h1>Request sent</h1>')
})

/** Returns the hidden value of the form. */
function occasionIn(page: string): string {
  return /name="occasion" value="([\w-]{22})"/.exec(page)![1]!
}

test('a learner who shares nothing is asked for consent first, and the exact text is stored as proof', async () => {
  const [ada, course] = [await make.person({ consents: [] }), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  expect((await visitor.get(path)).text).not.toMatch(/name="(profiling|share_with_sales)"[^>]* checked/)
  const refused = await visitor.post(path, { kind: 'trial', text: 'Soon', profiling: 'on' }).expect(422)
  expect(refused.text).toContain('so that we can read your request and reply')
  expect(refused.text).toContain('Soon')
  expect(await happened(ada)).toEqual([])
  const given = { kind: 'trial', text: '', profiling: 'on', share_with_sales: 'on' }
  // Whoever doesn't say what text they read has agreed to none.
  const unread = await visitor.post(path, given).expect(422)
  expect(unread.text).toContain('We changed this text. Read it again')
  expect(await Consents.count({ person: ada._id })).toBe(0)
  await visitor.post(path, { ...given, ...(await shownConsents()) }).expect(303)
  expect((await People.findById(ada._id))!.consents.sort()).toEqual(['profiling', 'share_with_sales'])
  const proofs = await Consents.find({ person: ada._id })
  expect(proofs.map(proof => proof.page)).toEqual([path, path])
  expect(proofs.every(proof => proof.text.length > 20)).toBe(true)
})

test('a learner can send a second message, and is asked to resume sharing that they paused', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  await visitor.post(path, { kind: 'contact', text: 'Call me at three' }).expect(303)
  await visitor.post('/account/sharing/pause').expect(303)
  const refused = await visitor.post(path, { kind: 'contact', text: 'No, at five' }).expect(422)
  expect(refused.text).toContain('so that we can read your request and reply')
  const given = { kind: 'contact', text: 'No, at five', share_with_sales: 'on' }
  await visitor.post(path, { ...given, ...(await shownConsents()) }).expect(303)
  const events = await Events.find({ person: ada._id, name: 'contact.requested' })
  expect(events.map(({ data }) => (data as { text: string }).text).sort()).toEqual([
    'Call me at three',
    'No, at five',
  ])
  expect(await People.findById(ada._id)).toMatchObject({
    consents: expect.arrayContaining(['profiling', 'share_with_sales']),
    sharingPausedAt: null,
  })
})

test('a learner whose form has errors gets it back as typed', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  expect((await visitor.post(path, { text: 'Call me' }).expect(422)).text).toContain(
    'Choose a demo, a trial or a conversation',
  )
  const long = await visitor.post(path, { kind: 'demo', text: 'x'.repeat(1001) }).expect(422)
  expect(long.text).toContain('Use at most 1000 characters. You&#39;ve used 1001')
  await visitor.post(path, { kind: 'money' }).expect(422)
})

test('an anonymous visitor is asked to sign in', async () => {
  const course = await make.course()
  const answer = await (await anonymous()).get(`/courses/${course.slug}/contact-request`).expect(303)
  expect(answer.headers.location).toMatch(/^\/sign-in\?next=/)
})
