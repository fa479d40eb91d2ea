import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())
beforeEach(() => setTime('2026-11-23T09:00:00Z'))

async function graduate(input: make.CourseInput = {}, name = 'Amara Okonkwo') {
  const [person, course] = [await make.person({ name }), await make.course({ lessons: 2, ...input })]
  await enrol({ person: person._id, published: course, paid: false })
  const visitor = await as(person)
  for (const n of [1, 2])
    await visitor.post(`/courses/${course.slug}/lessons/lesson-${n}/completion`).expect(303)
  return { person, course, visitor }
}
const certificateOf = (person: Pick<Person, '_id'>) => Certificates.findOne({ person: person._id }).orFail()

test('a learner gets one certificate per completed course, however often they ask for it', async () => {
  const { person, course, visitor } = await graduate()
  const [first, second] = await Promise.all([
    visitor.get(`/courses/${course.slug}/certificate`),
    visitor.get(`/courses/${course.slug}/certificate`),
  ])
  expect(first.headers.location).toBe(second.headers.location)
  expect((await happened(person)).filter(name => name === 'certificate.issued')).toHaveLength(1)
  expect(await Certificates.count({ person: person._id })).toBe(1)
})

test('anyone with the link can verify a certificate; search engines do not index it', async () => {
  const { person, course } = await graduate({ title: 'Pumps, plainly' })
  await happened(person)
  const { _id, number } = await certificateOf(person)
  const { text } = await (await anonymous()).get(`/certificates/${_id}`).expect(200)
  expect(text).toContain('<h1>Verified</h1>')
  expect(text).toContain('Amara Okonkwo')
  expect(text).toContain('2 lessons, 10 minutes in all.')
  expect(text).toContain('23 November 2026')
  expect(text).toContain(number)
  expect(text).toContain('<meta name="robots" content="noindex">')
  expect(text).toContain(`href="/courses/${course.slug}"`)
  expect(text).not.toContain('linkedin')
  expect((await (await as(person)).get(`/certificates/${_id}`)).text).toContain(
    'https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME',
  )
})

test('anyone can find a certificate by its printed number, however they type it', async () => {
  const { person } = await graduate()
  await happened(person)
  const { _id, number } = await certificateOf(person)
  const visitor = await anonymous()
  const typed = encodeURIComponent(` ${number.toLowerCase().replace('-', ' ')}`)
  const found = await visitor.get(`/certificates?number=${typed}`).expect(303)
  expect(found.headers.location).toBe(`/certificates/${_id}`)
  expect((await visitor.get('/certificates?number=ZZZZ-ZZZZ').expect(404)).text).toContain(
    'no certificate with this number',
  )
  expect((await visitor.get('/certificates?number=hello').expect(404)).text).toContain('value="hello"')
  await visitor.get('/certificates').expect(200)
})

test('a learner downloads a tagged PDF that a screen reader reads in order and that prints any name', async () => {
  const { person } = await graduate({}, 'Łukasz Ďurič-Žižka Ωmega Журавль')
  await happened(person)
  const { _id } = await certificateOf(person)
  const answer = await (
    await anonymous()
  )
    .get(`/certificates/${_id}/certificate.pdf`)
    .buffer(true)
    .expect(200)
  expect(answer.headers['content-type']).toBe('application/pdf')
  expect(answer.headers['content-disposition']).toMatch(/^attachment; .*\.pdf/)
  const pdf = (answer.body as Buffer).toString('latin1')
  expect(pdf).toMatch(/^%PDF-1\.7/)
  expect(pdf).toContain('/MarkInfo')
  expect(pdf).toContain('/StructTreeRoot')
  expect(pdf).toContain('/Lang (en)')
})

test('a revoked certificate says so, and has no PDF any more', async () => {
  const { person } = await graduate()
  await happened(person)
  const { _id } = await certificateOf(person)
  await Certificates.updateOne(
    { _id },
    { $set: { revokedAt: new Date('2026-11-24'), revocationReason: 'Issued in error.' } },
  )
  const visitor = await anonymous()
  const { text } = await visitor.get(`/certificates/${_id}`).expect(200)
  expect(text).toContain('<h1>Revoked</h1>')
  expect(text).toContain('Issued in error.')
  await visitor.get(`/certificates/${_id}/certificate.pdf`).expect(404)
})

test('a learner gets no certificate before completing the course, or from a course without one', async () => {
  const [ada, course] = [await make.person(), await make.course()]
  await enrol({ person: ada._id, published: course, paid: false })
  await (await as(ada)).get(`/courses/${course.slug}/certificate`).expect(404)
  const { person, visitor, course: plain } = await graduate({ certificate: false })
  await visitor.get(`/courses/${plain.slug}/certificate`).expect(404)
  expect(await happened(person)).not.toContain('certificate.issued')
  await (await anonymous()).get('/certificates/nothing').expect(404)
})
