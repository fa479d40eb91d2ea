import { AuditEntries, type AuditEntry } from '../../src/events/audit'
import { Emails, type Email } from '../../src/mail/email'
import { People, type Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Person
let tomasz: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  admin = await make.person({ role: 'admin', name: 'Tomasz Wrona' })
  tomasz = await as(admin)
})
afterAll(() => academy.close())

describe('an administrator', () => {
  test('adds somebody of the team, who gets a letter; it is in the audit log', async () => {
    await tomasz
      .post('/admin/people', { name: 'Petra Novotná', email: ' Petra@Lyceum.example ', role: 'sales' })
      .expect(303)
    await runAllDue()
    const petra = await People.findOne({ email: 'petra@lyceum.example' }).lean<Person>()
    expect(petra).toMatchObject({ role: 'sales', name: 'Petra Novotná' })
    const letters = await Emails.find({ to: 'petra@lyceum.example' }).lean<Email[]>()
    expect(letters.map(({ text }) => text)).toEqual([
      expect.stringMatching(/added you to the team, as sales\. [^]*ask for a link[^]*\/sign-in/),
    ])
    expect((await tomasz.get('/admin/people').expect(200)).text).toContain('Petra Novotná is in.')
    expect((await tomasz.get('/admin/audit').expect(200)).text).toContain('person.added')
  })

  test.each([
    [{ name: '', email: 'a@b.example', role: 'sales' }, 'The name is missing'],
    [{ name: 'Ada', email: 'rubbish', role: 'sales' }, 'not complete'],
    [{ name: 'Ada', email: 'a@b.example', role: 'queen' }, 'Choose a role'],
    [{ name: 'x'.repeat(200), email: 'a@b.example', role: 'sales' }, 'too long'],
    [{}, 'The name is missing'],
  ])('is told what is wrong with %j, and nothing is written', async (fields, sentence) => {
    const before = await People.countDocuments()
    const page = await tomasz.post('/admin/people', fields).expect(422)
    expect(page.text).toContain(sentence)
    if ('email' in fields) expect(page.text).toContain(`value="${fields.email}"`)
    expect(await People.countDocuments()).toBe(before)
  })

  test('is told when an address is here already, with its role', async () => {
    const known = await make.person({ role: 'author' })
    const page = await tomasz
      .post('/admin/people', { name: 'Again', email: known.email, role: 'sales' })
      .expect(422)
    expect(page.text).toContain('here already, as author')
  })

  test('gives somebody another role, and the log says from what to what', async () => {
    const ines = await make.person({ role: 'prospect' })
    await tomasz.post(`/admin/people/${ines._id}/role`, { role: 'author' }).expect(303)
    expect(await People.findById(ines._id).lean<Person>()).toMatchObject({ role: 'author' })
    const entry = await AuditEntries.findOne({ subject: String(ines._id) }).lean<AuditEntry>()
    expect(entry).toMatchObject({
      by: admin._id,
      action: 'role.changed',
      detail: { from: 'prospect', to: 'author' },
    })
    await tomasz.post(`/admin/people/${ines._id}/role`, { role: 'queen' }).expect(404)
  })

  test('suspends somebody, who is out at once, and lets them sign in again', async () => {
    const idris = await make.person({ role: 'sales' })
    const visitor = await as(idris)
    await visitor.get('/sales/leads').expect(200)
    await tomasz.post(`/admin/people/${idris._id}/suspension`).expect(303)
    await visitor
      .get('/sales/leads')
      .expect(303)
      .expect('location', /sign-in/)
    await tomasz.post(`/admin/people/${idris._id}/reactivation`).expect(303)
    await (await as(idris)).get('/sales/leads').expect(200)
  })

  test('who is the last one can neither be demoted nor suspended', async () => {
    const other = await as(await make.person({ role: 'admin', suspendedAt: new Date('2026-01-01') }))
    await other.get('/admin/people').expect(303)
    for (const [deed, fields] of [
      ['role', { role: 'sales' }],
      ['suspension', {}],
    ] as const) {
      const page = await tomasz.post(`/admin/people/${admin._id}/${deed}`, fields).expect(409)
      expect(page.text).toContain('last administrator')
    }
  })

  test('finds people by the beginning of an address and by role, page by page', async () => {
    for (let n = 0; n < 35; n++)
      await make.person({ role: 'reviewer', email: `page-${String(n).padStart(2, '0')}@pages.example` })
    const first = await tomasz.get('/admin/people?role=reviewer').expect(200)
    expect(first.text).toContain('page-34@')
    expect(first.text).not.toContain('page-00@')
    const older = /href="(\/admin\/people\?[^"]*before=[^"]+)"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    expect((await tomasz.get(older).expect(200)).text).toContain('page-00@')
    const found = await tomasz.get('/admin/people?q=PAGE-07').expect(200)
    expect(found.text).toContain('page-07@')
    expect(found.text).not.toContain('page-08@')
    expect((await tomasz.get('/admin/people?q=nobody').expect(200)).text).toContain(
      'Nobody like that is here',
    )
  })

  test('reads the log of one subject page by page, also of deeds done in one moment', async () => {
    const subject = 'a-busy-course'
    const at = new Date('2026-11-20T09:00:00Z')
    const deeds = Array.from({ length: 120 }, (_, n) => ({
      at,
      by: admin._id,
      action: `deed-${n}.done`,
      subject,
    }))
    await AuditEntries.insertMany(deeds)
    const seen = new Set<string>()
    let pages = 0
    for (let path: string | undefined = `/admin/audit?subject=${subject}`; path; pages++) {
      const { text }: { text: string } = await tomasz.get(path).expect(200)
      for (const [deed] of text.matchAll(/deed-\d+\.done/g)) seen.add(deed)
      expect(text).not.toContain('person.added')
      path = /href="(\/admin\/audit\?[^"]*before=[^"]+)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    }
    expect([seen.size, pages]).toEqual([120, 3])
  })

  test('asks for a person who is not there', async () => {
    await tomasz.post('/admin/people/rubbish/role', { role: 'sales' }).expect(404)
    await tomasz.post('/admin/people/0123456789abcdef01234567/suspension').expect(404)
  })
})
