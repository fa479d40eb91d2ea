import { join } from 'node:path'
import { rmSync } from 'node:fs'
import { record } from '../../src/events/record'
import { days, minutes, now } from '../../src/platform/clock'
import { keepBy, retained } from '../../src/platform/retained'
import { giveConsent } from '../../src/people/give-consent'
import { addProfileQuestion, ProfileAnswers } from '../../src/people/profile-question'
import { People, type Person } from '../../src/people/person'
import { suppress } from '../../src/people/suppression'
import { recordOutcome } from '../../src/crm/record-outcome'
import { saveDemoHours } from '../../src/leads/demo-hours'
import { completeLesson } from '../../src/learning/complete-lesson'
import { enrol } from '../../src/learning/enrol'
import { enrolmentId, readEnrolment } from '../../src/learning/enrolment'
import { assignLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import type { Stamps } from '../../src/store/stamps'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { transpileStore } from '../setup/store-code'
import { makeFolder } from '../setup/store-process'
import { closeEndpointServers, openEndpointServer } from '../webhooks/endpoint-server'
import { Types } from 'mongoose'

// The academy in one process with its store, as most customers run it: what was read is kept until it is written.

type InProcess = { uri: string; stamps: Stamps; close: () => Promise<void> }

let store: InProcess
let academy: Academy
let petra: Person
let sales: Visitor
const folder = makeFolder()

beforeAll(async () => {
  const { startStore } = (await import(join(transpileStore(), 'start.js'))) as {
    startStore: (options: object) => Promise<InProcess>
  }
  store = await startStore({ folder: join(folder, 'store') })
  academy = await openAcademy(undefined, store.uri)
  keepBy(store.stamps)
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  sales = await as(petra)
})
afterEach(closeEndpointServers)
afterAll(async () => {
  keepBy(undefined)
  await academy.close()
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a read is kept until a record that it depends on is written, and no other one changes that', async () => {
  const [one, other] = [await make.person({ name: 'One' }), await make.person({ name: 'Other' })]
  let reads = 0
  const nameOf = retained(
    async (id: Types.ObjectId, dependOn) => {
      dependOn(People, '_id', id)
      reads++
      return (await People.load(id))!.name
    },
    { max: 10 },
  )
  expect([await nameOf(one._id), await nameOf(one._id), reads]).toEqual(['One', 'One', 1])
  await People.updateOne({ _id: other._id }, { $set: { name: 'Another' } })
  expect([await nameOf(one._id), reads]).toEqual(['One', 1])
  await People.updateOne({ _id: one._id }, { $set: { name: 'First' } })
  expect([await nameOf(one._id), reads]).toEqual(['First', 2])
  await People.deleteOne({ _id: one._id })
  await expect(nameOf(one._id)).rejects.toThrow()
})

test('what a change returns is kept, unless something else was written meanwhile', async () => {
  const { _id } = await make.person({ name: 'One' })
  let reads = 0
  const personOf = retained(
    (id: Types.ObjectId, dependOn) => {
      dependOn(People, '_id', id)
      reads++
      return People.findById(id).exec()
    },
    { max: 10 },
  )
  const set = (fields: object) => async () =>
    People.findOneAndUpdate({ _id }, { $set: fields }, { returnDocument: 'after' }).exec()
  await personOf(_id)
  expect(await personOf.change(_id, set({ name: 'First' }))).toMatchObject({ name: 'First' })
  expect([(await personOf(_id))!.name, reads]).toEqual(['First', 1])
  await personOf.change(_id, async () => {
    const before = await set({ name: 'Second' })()
    await set({ role: 'author' })()
    return before
  })
  expect([await personOf(_id), reads]).toMatchObject([{ name: 'Second', role: 'author' }, 2])
  expect(await personOf.change(_id, async () => null)).toBeNull()
  expect([(await personOf(_id))!.name, reads]).toEqual(['Second', 2])
})

test('the catalogue of a learner says at once what they have done, and of nobody else', async () => {
  const published = await make.course({ slug: 'pumps', lessons: 3 })
  const [ada, kim] = [await make.person(), await make.person()]
  const cardOf = async (person: Person) =>
    (await (await as(person)).get('/courses').expect(200)).text
      .split('<article')
      .find(part => part.includes('href="/courses/pumps"'))!
  const untouched = await cardOf(kim)
  await enrol({ person: ada._id, published, paid: false })
  const begun = await cardOf(ada)
  expect(begun).not.toBe(untouched)
  expect(await cardOf(ada)).toBe(begun)
  const enrolment = (await readEnrolment(enrolmentId(ada._id, published.course)))!
  await completeLesson(enrolment, published.lessons[0]!)
  expect(await cardOf(ada)).not.toBe(begun)
  expect(await cardOf(ada)).toContain('1 of 3')
  expect(await cardOf(kim)).toBe(untouched)
})

test('every change of what the page of a lead shows is on it at once', async () => {
  const crm = await openEndpointServer({ name: 'Sales CRM' })
  const [amara, chidi] = [await makeLead('Amara Okonkwo'), await makeLead('Chidi Eze')]
  await runAllDue()
  const radek = await make.person({ role: 'sales', name: 'Radek Sova' })
  const page = async () => (await sales.get(`/sales/leads/${amara._id}`).expect(200)).text
  expect(await page()).toContain('Amara Okonkwo')
  expect(await page()).not.toContain('Chidi Eze, Engineer')

  const shows = async (change: () => Promise<unknown>, text: RegExp) => {
    // Twice, so that what is changed had been kept.
    const before = [await page(), await page()].map(each => text.test(each))
    await change()
    expect([text, before, text.test(await page())]).toEqual([text, [false, false], true])
  }
  const set = (_id: Types.ObjectId, change: object) => People.updateOne({ _id }, { $set: change })

  await shows(() => set(amara._id, { name: 'Amara Obi' }), /<h1><bdi>Amara Obi/)
  await shows(() => set(amara._id, { title: 'Head of pumps' }), /Head of pumps/)
  await shows(() => set(amara._id, { country: 'DE' }), /Germany/)
  await shows(() => set(chidi._id, { name: 'Chidi the colleague' }), /Chidi the colleague/)
  await shows(
    async () => assignLead((await Leads.load(amara._id))!, String(radek._id), petra._id),
    /Owner: Radek Sova/,
  )
  await shows(() => set(petra._id, { name: 'Petra Svobodová' }), /Petra Svobodová/)
  await shows(
    () => sales.post(`/sales/leads/${amara._id}/notes`, { text: 'Calls back on Monday' }).expect(303),
    /Calls back on Monday/,
  )
  await shows(
    () => sales.post(`/sales/leads/${amara._id}/next-step`, { text: 'Send the offer' }).expect(303),
    /Send the offer/,
  )
  await shows(
    () =>
      record({ name: 'pricing.viewed', person: amara._id, idempotencyKey: ['p1'], data: { seconds: 40 } }),
    /Read the pricing page/,
  )
  await shows(
    () => giveConsent(amara._id, { purpose: 'profiling', text: 'Write to me.', locale: 'en', page: '/' }),
    /Write to me\./,
  )
  const question = new Types.ObjectId()
  await addProfileQuestion(
    {
      _id: question,
      label: 'How many pumps?',
      purpose: 'x',
      type: 'text',
      choices: [],
      required: false,
      forSales: true,
    },
    petra._id,
  )
  const answer = {
    _id: `${amara._id}:${question}`,
    person: amara._id,
    question,
    value: '17 pumps',
    at: now(),
  }
  await shows(() => ProfileAnswers.insertOnce(answer), /17 pumps/)
  await shows(
    () =>
      recordOutcome(crm.endpoint._id, 'o-1', {
        ...{ type: 'lead.accepted', externalId: String(amara._id), crmId: '00Q-4417', occurredAt: now() },
        ...{ amount: null, currency: null, reasonCode: null, reasonText: '' },
      }).then(runAllDue),
    /00Q-4417/,
  )
  await shows(
    () =>
      saveDemoHours(petra._id, {
        ...{ weekdays: [1], opens: 540, closes: 1020, length: 30, place: '', notBefore: null },
        address: 'petra-svobodova',
      }),
    /meet\/petra-svobodova/,
  )
  await shows(() => suppress(amara.email, 'objected'), /No score:/)
  await set(amara._id, { consents: ['profiling'] })
  await sales.get(`/sales/leads/${amara._id}`).expect(410)
})

test('what the clock alone changes is on the page when it has', async () => {
  const bo = await makeLead('Bo Lind')
  const page = async () => (await sales.get(`/sales/leads/${bo._id}`).expect(200)).text
  await sales.post(`/sales/leads/${bo._id}/acceptance`, { owner: String((await Leads.load(bo._id))!.owner) })
  expect(await page()).toContain('acceptance/undo')
  advance(minutes(11))
  expect(await page()).not.toContain('acceptance/undo')
  expect(await page()).toContain('today at 09:0')
  advance(days(1))
  expect(await page()).not.toContain('today at 09:0')
})

async function makeLead(name: string): Promise<Person> {
  const person = await make.person({
    name,
    email: `${name.split(' ')[0]!.toLowerCase()}@harbourfm.example`,
    title: 'Engineer',
    company: { domain: 'harbourfm.example', name: 'Harbour FM' },
    consents: ['profiling', 'share_with_sales'],
  })
  const data = { kind: 'demo' as const, text: '', title: 'Pumps' }
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [name], data })
  await runAllDue()
  return person
}
