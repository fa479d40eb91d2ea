import { Events } from '../../src/events/event'
import { Consents } from '../../src/people/consent'
import { People } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

test('a learner who shares their data requests a demo with one form, and sending it twice counts once', async () => {
  const [ada, course] = [await make.person(), await make.course({ title: 'Pumps' })]
  const visitor = await as(ada)
  const { text } = await visitor.get(`/courses/${course.slug}/contact-request`).expect(200)
  expect(text).toContain('Book a demo')
  expect(text).toMatch(/value="demo" checked/)
  expect(text).not.toContain('name="profiling"')
  const input = { kind: 'demo', text: 'Does it write to our CRM?' }
  const sent = await visitor.post(`/courses/${course.slug}/contact-request`, input).expect(303)
  await visitor.post(`/courses/${course.slug}/contact-request`, input).expect(303)
  expect((await visitor.get(sent.headers.location!).expect(200)).text).toContain('<h1>Request sent</h1>')
  expect((await happened(ada)).filter(name => name === 'contact.requested')).toHaveLength(1)
  const event = await Events.findOne({ person: ada._id, name: 'contact.requested' })
  expect(event!.data).toEqual({ ...input, title: 'Pumps' })
})

test('a learner who shares nothing is asked for consent first, and the exact text is stored as proof', async () => {
  const [ada, course] = [await make.person({ consents: [] }), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  expect((await visitor.get(path)).text).not.toMatch(/name="(profiling|share_with_sales)"[^>]* checked/)
  const refused = await visitor.post(path, { kind: 'trial', text: 'Soon', profiling: 'on' }).expect(422)
  expect(refused.text).toContain('Tick this box so that we can read your request and reply')
  expect(refused.text).toContain('Soon')
  expect(await happened(ada)).toEqual([])
  await visitor.post(path, { kind: 'trial', text: '', profiling: 'on', share_with_sales: 'on' }).expect(303)
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
  expect(refused.text).toContain('Tick this box so that we can read your request and reply')
  await visitor.post(path, { kind: 'contact', text: 'No, at five', share_with_sales: 'on' }).expect(303)
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
