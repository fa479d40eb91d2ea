import { Types } from 'mongoose'
import QRCode from 'qrcode'
import request from 'supertest'
import { certificateIdentity, Certificates, parseCertificateNumber } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import type { Person } from '../../src/people/person'
import { config } from '../../src/platform/config'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous } from '../kit/as'
import { setTime } from '../kit/clock'
import { happened, runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

// Behind one trusted proxy, which names the caller's address.
config.demo = false
config.trustProxy = 1

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
  const typed = encodeURIComponent(` ${number.toLowerCase().replaceAll('-', ' ')}`)
  const found = await visitor.get(`/certificates?number=${typed}`).expect(303)
  expect(found.headers.location).toBe(`/certificates/${_id}`)
  expect((await visitor.get('/certificates?number=ZZZZ-ZZZZ-ZZZZ-ZZZZ').expect(404)).text).toContain(
    'no certificate with this number',
  )
  expect((await visitor.get('/certificates?number=hello').expect(404)).text).toContain('value="hello"')
  expect((await visitor.get('/certificates?number=K7QM-2FXA').expect(404)).text).toContain(
    'Enter all 16 letters and digits',
  )
  await visitor.get('/certificates').expect(200)
})

test('a certificate has a number of 80 random bits, in groups that can be typed', async () => {
  const numbers = Array.from({ length: 1000 }, () => {
    const { number } = certificateIdentity(new Types.ObjectId(), new Types.ObjectId())
    expect(number).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/)
    return number.replaceAll('-', '')
  })
  // Each of the 16 places takes all 32 values.
  for (let place = 0; place < 16; place++) {
    expect(new Set(numbers.map(number => number[place])).size).toBe(32)
  }
})

test.each([
  ['without hyphens', (number: string) => number.replaceAll('-', '')],
  ['with en dashes', (number: string) => number.replaceAll('-', '–')],
  ['in lower case with spaces', (number: string) => number.toLowerCase().replaceAll('-', ' ')],
  ['with O for 0 and l for 1', (number: string) => number.replaceAll('0', 'O').replaceAll('1', 'l')],
])('a number typed %s is the same number', (_how, typed) => {
  const number = 'K7QM-2FX0-9T1W-0B3N'
  expect(parseCertificateNumber(typed(number))).toBe(number)
})

test('whoever guesses numbers is stopped, and someone at another address still verifies theirs', async () => {
  const { person } = await graduate()
  await happened(person)
  const { _id, number } = await certificateOf(person)
  const guess = (address: string, typed: string) =>
    request(academy.app)
      .get(`/certificates?number=${typed}`)
      .set({ accept: 'text/html', 'x-forwarded-for': address })
  const statuses: number[] = []
  for (let n = 0; n < 40; n++) {
    const { status } = await guess(`2001:db8:0:1::${n + 1}`, `ZZZZ-ZZZZ-ZZZZ-Z${100 + n}`)
    statuses.push(status)
  }
  expect(statuses.filter(status => status === 404)).toHaveLength(30)
  expect(statuses.slice(30)).toEqual(Array.from({ length: 10 }, () => 429))
  expect((await guess('2001:db8:0:1::ffff', number).expect(429)).headers['retry-after']).toMatch(/^\d+$/)
  const found = await guess('2001:db8:0:2::1', number).expect(303)
  expect(found.headers.location).toBe(`/certificates/${_id}`)
  await request(academy.app)
    .get('/certificates')
    .set({ accept: 'text/html', 'x-forwarded-for': '2001:db8:0:1::1' })
    .expect(200)
})

test('20 people who download a certificate at the same time wait for one PDF, which is made once', async () => {
  const { person } = await graduate()
  await happened(person)
  const { _id } = await certificateOf(person)
  const draw = jest.spyOn(QRCode, 'create')
  const download = async (n: number) => {
    const answer = await request(academy.app)
      .get(`/certificates/${_id}/certificate.pdf`)
      .set('x-forwarded-for', `198.51.100.${n}`)
      .buffer(true)
      .expect(200)
    return answer.body as Buffer
  }
  const all = await Promise.all(Array.from({ length: 20 }, (_, n) => download(n)))
  all.push(await download(21))
  expect(draw).toHaveBeenCalledTimes(1)
  expect(new Set(all.map(pdf => pdf.toString('latin1'))).size).toBe(1)
  draw.mockRestore()
})

test('an address that downloads PDFs again and again is stopped', async () => {
  const { person } = await graduate()
  await happened(person)
  const { _id } = await certificateOf(person)
  const download = (address: string) =>
    request(academy.app).get(`/certificates/${_id}/certificate.pdf`).set('x-forwarded-for', address)
  for (let n = 0; n < 60; n++) await download('203.0.113.5').expect(200)
  await download('203.0.113.5').expect(429)
  await download('203.0.113.6').expect(200)
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

test('a certificate is signed by the first author, without what the course says about them', async () => {
  const ines = { name: 'Ines Halvorsen', role: 'learning' }
  const { person } = await graduate({ authors: [{ ...ines, about: 'Has seen 90 stations.' }] })
  await runAllDue()
  expect((await certificateOf(person)).signedBy).toEqual(ines)
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
