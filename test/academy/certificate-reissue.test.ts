import mongoose from 'mongoose'
import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import { issueCertificate } from '../../src/learning/issue-certificate'
import { replaceCertificate } from '../../src/learning/reissue-certificate'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { ensureIndexes } from '../../src/platform/database'
import { Events } from '../../src/events/event'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'
import { linesIn } from '../kit/pdf'

config.demo = false

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

/** A person who finished a course as Amara Okonkwo, and then changed their name in the profile on 29 November. */
async function renamed(name = 'Amara Okonkwo-Weber') {
  const [person, course] = [await make.person({ name: 'Amara Okonkwo' }), await make.course({ lessons: 1 })]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  await visitor.post(`/courses/${course.slug}/lessons/lesson-1/completion`).expect(303)
  await happened(person)
  const old = await Certificates.findOne({ person: person._id }).orFail()
  setTime('2026-11-29T09:00:00Z')
  await visitor.post('/account').type('form').send({ name, title: '', country: '' }).expect(303)
  await happened(person)
  return { person, course, visitor, old }
}
const versionsOf = (person: Pick<Person, '_id'>) =>
  Certificates.find({ person: person._id }).sort({ replaces: 1 })

test('a database from before the first reissue loses the index that forbids it, when it is opened', async () => {
  await Certificates.collection.createIndex({ person: 1, course: 1 }, { unique: true })
  await mongoose.connection.collection<{ _id: string }>('settings').deleteOne({ _id: 'indexes' })
  await ensureIndexes()
  const { person, visitor, old } = await renamed()
  await visitor.post(`/certificates/${old._id}/reissue`).expect(303)
  expect(await versionsOf(person)).toHaveLength(2)
})

test('a learner who corrects their name gets a certificate with it, and the old number says so', async () => {
  const { person, course, visitor, old } = await renamed()
  const list = (await visitor.get('/account/certificates').expect(200)).text
  expect(list).toContain('Reissue with your current name')
  expect(list).toContain('In the name of Amara Okonkwo')
  expect((await visitor.get(`/certificates/${old._id}`)).text).toContain(
    'Your name is now Amara Okonkwo-Weber.',
  )

  const { headers } = await visitor.post(`/certificates/${old._id}/reissue`).expect(303)
  const [, current] = await versionsOf(person)
  expect(headers.location).toBe(`/certificates/${current!._id}`)
  expect(current!.number).not.toBe(old.number)
  const page = (await (await anonymous()).get(headers.location!).expect(200)).text
  expect(page).toContain('<h1>Verified</h1>')
  expect(page).toContain('Amara Okonkwo-Weber')
  expect(page).toContain('23 November 2026')
  expect(page).toContain('Reissued on 29 November 2026')
  expect(page).not.toContain(old.number)
  const pdf = await visitor.get(`${headers.location}/certificate.pdf`).buffer(true).expect(200)
  const printed = linesIn(pdf.body as Buffer).map(line => line.text)
  expect(printed).toEqual(
    expect.arrayContaining(['Amara Okonkwo-Weber', expect.stringContaining('Reissued on 29 November 2026')]),
  )

  const visit = await anonymous()
  const found = await visit.get(`/certificates?number=${old.number}`).expect(303)
  expect(found.headers.location).toBe(`/certificates/${old._id}`)
  const replaced = (await visit.get(found.headers.location!).expect(200)).text
  expect(replaced).toContain('<h1>Replaced</h1>')
  expect(replaced).toContain(`Replaced by no. ${current!.number}`)
  expect(replaced).toContain(`href="/certificates/${current!._id}"`)
  expect(replaced).not.toContain('Download PDF')
  await visit.get(`/certificates/${old._id}/certificate.pdf`).expect(404)

  const newList = (await visitor.get('/account/certificates')).text
  expect(newList).toContain(current!.number)
  expect(newList).not.toContain(old.number)
  expect(newList).not.toContain('Reissue with your current name')
  const own = await visitor.get(`/courses/${course.slug}/certificate`).expect(303)
  expect(own.headers.location).toBe(`/certificates/${current!._id}`)
})

test('pressing twice makes one certificate, and completes, scores and sends nothing again', async () => {
  const { person, visitor, old } = await renamed()
  const before = await happened(person)
  const answers = await Promise.all([
    visitor.post(`/certificates/${old._id}/reissue`),
    visitor.post(`/certificates/${old._id}/reissue`),
  ])
  answers.push(await visitor.post(`/certificates/${old._id}/reissue`))
  expect(new Set(answers.map(answer => answer.headers.location)).size).toBe(1)
  expect(answers.map(answer => answer.status)).toEqual([303, 303, 303])
  expect(await versionsOf(person)).toHaveLength(2)
  const after = await happened(person)
  expect(after.filter(name => name === 'certificate.reissued')).toHaveLength(1)
  expect(after.filter(name => name !== 'certificate.reissued')).toEqual(before)
})

test('a name that is corrected twice has one valid certificate, and both old numbers lead to it', async () => {
  const { person, visitor, old } = await renamed()
  const first = await visitor.post(`/certificates/${old._id}/reissue`).expect(303)
  await visitor
    .post('/account')
    .type('form')
    .send({ name: 'Amara Weber', title: '', country: '' })
    .expect(303)
  const second = await visitor.post(`${first.headers.location}/reissue`).expect(303)
  const [current] = await Certificates.find({ person: person._id, replacedBy: null })
  expect(second.headers.location).toBe(`/certificates/${current!._id}`)
  expect(current!.name).toBe('Amara Weber')
  for (const path of [`/certificates/${old._id}`, first.headers.location!]) {
    expect((await visitor.get(path)).text).toContain(`Replaced by no. ${current!.number}`)
  }
})

test('only the owner reissues a certificate, with another name, and not a revoked one', async () => {
  const { old, visitor } = await renamed()
  const reissue = `/certificates/${old._id}/reissue`
  await (await anonymous()).post(reissue).expect(401)
  const stranger = await as(await make.person({ name: 'Amara Okonkwo-Weber' }))
  await stranger.post(reissue).expect(404)
  expect((await stranger.get(`/certificates/${old._id}`)).text).not.toContain('Reissue')
  await visitor.post('/certificates/nothing/reissue').expect(404)

  await Certificates.updateOne({ _id: old._id }, { $set: { revokedAt: new Date('2026-11-29') } })
  expect((await visitor.post(reissue).expect(409)).text).toContain('can&#39;t be reissued')
  expect((await visitor.get(`/certificates/${old._id}`)).text).not.toContain('Reissue')
  expect(await Certificates.count({ person: old.person })).toBe(1)

  const same = await renamed('Amara Okonkwo')
  await same.visitor.post(`/certificates/${same.old._id}/reissue`).expect(409)
  expect((await same.visitor.get('/account/certificates')).text).not.toContain('Reissue')
})

test('a reissue that was interrupted after its event is completed by the worker', async () => {
  const { person, visitor, old } = await renamed()
  await visitor.post(`/certificates/${old._id}/reissue`).expect(303)
  const [, current] = await versionsOf(person)
  await Certificates.deleteOne({ _id: current!._id })
  await Certificates.updateOne({ _id: old._id }, { $set: { replacedBy: null } })
  await happened(person)
  expect(await Certificates.findById(current!._id)).toEqual(current)
  expect((await Certificates.findById(old._id))!.replacedBy).toBe(current!._id)
})

test('every version is in the export of the person, and erased with them for good', async () => {
  const { person, visitor, old } = await renamed()
  const { headers } = await visitor.post(`/certificates/${old._id}/reissue`).expect(303)
  const { body } = await visitor.get('/account/data.json').expect(200)
  expect((body as { certificates: unknown[] }).certificates).toHaveLength(2)
  const reissued = await Events.findOne({ person: person._id, name: 'certificate.reissued' })
  const completed = await Events.findOne({ person: person._id, name: 'course.completed' })
  const { email } = (await People.findById(person._id))!
  await visitor.post('/account/erasure').type('form').send({ confirmation: email }).expect(303)
  await happened(person)
  await replaceCertificate(reissued as Parameters<typeof replaceCertificate>[0])
  await issueCertificate(completed as Parameters<typeof issueCertificate>[0])
  expect(await Certificates.count({ person: person._id })).toBe(0)
  await (await anonymous()).get(headers.location!).expect(404)
})

test('someone who is erased while their certificate is being issued keeps none', async () => {
  const { person, old } = await renamed()
  const completed = await Events.findOne({ person: person._id, name: 'course.completed' })
  await Certificates.deleteOne({ _id: old._id })
  const { insertOnce } = Certificates
  jest.spyOn(Certificates, 'insertOnce').mockImplementationOnce(async certificate => {
    await erasePerson(person._id)
    await happened(person)
    return insertOnce(certificate)
  })
  await issueCertificate(completed as Parameters<typeof issueCertificate>[0])
  expect(await Certificates.count({ person: person._id })).toBe(0)
})
