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

test('a learner who has agreed to sharing raises a hand with one form, and twice is once', async () => {
  const [ada, course] = [await make.person(), await make.course({ title: 'Pumps' })]
  const visitor = await as(ada)
  const { text } = await visitor.get(`/courses/${course.slug}/contact-request`).expect(200)
  expect(text).toContain('Book a demo')
  expect(text).toMatch(/value="demo" checked/)
  expect(text).not.toContain('name="profiling"')
  const hand = { kind: 'demo', text: 'Does it write to our CRM?' }
  const sent = await visitor.post(`/courses/${course.slug}/contact-request`, hand).expect(303)
  await visitor.post(`/courses/${course.slug}/contact-request`, hand).expect(303)
  expect((await visitor.get(sent.headers.location!).expect(200)).text).toContain('It is with a person now')
  expect((await happened(ada)).filter(name => name === 'contact.requested')).toHaveLength(1)
  const event = await Events.findOne({ person: ada._id, name: 'contact.requested' }).lean()
  expect(event!.data).toEqual({ ...hand, title: 'Pumps' })
})

test('whoever has not agreed is asked first, and the proof holds the very words', async () => {
  const [ada, course] = [await make.person({ consents: [] }), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  expect((await visitor.get(path)).text).not.toMatch(/name="(profiling|share_with_sales)"[^>]* checked/)
  const refused = await visitor.post(path, { kind: 'trial', text: 'Soon', profiling: 'on' }).expect(422)
  expect(refused.text).toContain('Without this nobody may read what you send')
  expect(refused.text).toContain('Soon')
  expect(await happened(ada)).toEqual([])
  await visitor.post(path, { kind: 'trial', text: '', profiling: 'on', share_with_sales: 'on' }).expect(303)
  expect((await People.findById(ada._id).lean())!.consents.sort()).toEqual(['profiling', 'share_with_sales'])
  const proofs = await Consents.find({ person: ada._id }).lean()
  expect(proofs.map(proof => proof.page)).toEqual([path, path])
  expect(proofs.every(proof => proof.text.length > 20)).toBe(true)
})

test('whoever asks a second time in other words is heard, and so is whoever had paused sharing', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  await visitor.post(path, { kind: 'contact', text: 'Call me at three' }).expect(303)
  await visitor.post('/account/sharing/pause').expect(303)
  const refused = await visitor.post(path, { kind: 'contact', text: 'No, at five' }).expect(422)
  expect(refused.text).toContain('Without this nobody may read what you send')
  await visitor.post(path, { kind: 'contact', text: 'No, at five', share_with_sales: 'on' }).expect(303)
  const events = await Events.find({ person: ada._id, name: 'contact.requested' }).lean()
  expect(events.map(({ data }) => (data as { text: string }).text).sort()).toEqual([
    'Call me at three',
    'No, at five',
  ])
  expect(await People.findById(ada._id).lean()).toMatchObject({
    consents: expect.arrayContaining(['profiling', 'share_with_sales']),
    sharingPausedAt: null,
  })
})

test('a form that is not right comes back as it was typed', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  const visitor = await as(ada)
  const path = `/courses/${course.slug}/contact-request`
  expect((await visitor.post(path, { text: 'Call me' }).expect(422)).text).toContain(
    'Choose what you would like',
  )
  const long = await visitor.post(path, { kind: 'demo', text: 'x'.repeat(1001) }).expect(422)
  expect(long.text).toContain('1001 characters of at most 1000')
  await visitor.post(path, { kind: 'money' }).expect(422)
})

test('a stranger is asked to sign in', async () => {
  const course = await make.course()
  const answer = await (await anonymous()).get(`/courses/${course.slug}/contact-request`).expect(303)
  expect(answer.headers.location).toMatch(/^\/sign-in\?next=/)
})
