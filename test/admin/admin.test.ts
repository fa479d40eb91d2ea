import { audit, AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { applyOutcome } from '../../src/leads/apply-outcome'
import { assignLead } from '../../src/leads/change-lead'
import { Leads } from '../../src/leads/lead'
import { Emails } from '../../src/mail/email'
import { erasePerson } from '../../src/people/erase-person'
import { People, type Person } from '../../src/people/person'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let admin: Person
let tomasz: Visitor

/** The link to the page before or after this one in a list. */
function linkTo(rel: 'prev' | 'next', page: string): string | undefined {
  return new RegExp(`href="([^"]+)" rel="${rel}"`).exec(page)?.[1]?.replaceAll('&amp;', '&')
}

beforeAll(async () => {
  academy = await openAcademy()
  admin = await make.person({ role: 'admin', name: 'Tomasz Wrona' })
  tomasz = await as(admin)
})
afterAll(() => academy.close())

describe('an admin', () => {
  test('invites a teammate, who gets an email, and the audit log shows it', async () => {
    await tomasz
      .post('/admin/people', { name: 'Petra Novotná', email: ' Petra@Lyceum.example ', role: 'sales' })
      .expect(303)
    await runAllDue()
    const petra = await People.findOne({ email: 'petra@lyceum.example' })
    expect(petra).toMatchObject({ role: 'sales', name: 'Petra Novotná' })
    const emails = await Emails.find({ to: 'petra@lyceum.example' })
    expect(emails.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /added you to the team\. Your role: Sales rep[^]*Email me a sign-in link[^]*\/sign-in/,
      ),
    ])
    expect((await tomasz.get('/admin/people').expect(200)).text).toContain('Petra Novotná invited.')
    expect((await tomasz.get('/admin/audit').expect(200)).text).toContain('person.invited')
  })

  test.each([
    [{ name: '', email: 'a@b.example', role: 'sales' }, 'Enter a name'],
    [{ name: 'Ada', email: 'rubbish', role: 'sales' }, 'Enter a valid email address'],
    [{ name: 'Ada', email: 'a@b.example', role: 'queen' }, 'Choose a role'],
    [
      { name: 'x'.repeat(200), email: 'a@b.example', role: 'sales' },
      'Use at most 100 characters. You&#39;ve used 200',
    ],
    [{}, 'Enter a name'],
  ])('sees what is wrong with %j, and nothing is saved', async (fields, sentence) => {
    const before = await People.count()
    const page = await tomasz.post('/admin/people', fields).expect(422)
    expect(page.text).toContain(sentence)
    if ('email' in fields) expect(page.text).toContain(`value="${fields.email}"`)
    expect(await People.count()).toBe(before)
  })

  test('learns that an email already has an account, and with which role', async () => {
    const known = await make.person({ role: 'author' })
    const page = await tomasz
      .post('/admin/people', { name: 'Again', email: known.email, role: 'sales' })
      .expect(422)
    expect(page.text).toContain('An account with this email already exists (Author)')
  })

  test('changes a role, and the log shows the old one and the new one', async () => {
    const ines = await make.person({ role: 'prospect' })
    const visitor = await as(ines)
    await visitor.get('/learning').expect(200)
    await tomasz.post(`/admin/people/${ines._id}/role`, { role: 'author' }).expect(303)
    expect(await People.findById(ines._id)).toMatchObject({ role: 'author' })
    const entry = await AuditEntries.findOne({ subject: String(ines._id) })
    expect(entry).toMatchObject({
      actor: admin._id,
      action: 'role.changed',
      detail: { from: 'prospect', to: 'author' },
    })
    // She signs in again, so no session outlives the role that it began with.
    await visitor.get('/learning').expect(303)
    await tomasz.post(`/admin/people/${ines._id}/role`, { role: 'queen' }).expect(404)
  })

  test('suspends a teammate, who is signed out immediately, and reactivates them later', async () => {
    const idris = await make.person({ role: 'sales' })
    const visitor = await as(idris)
    await visitor.get('/sales/leads').expect(200)
    await tomasz.post(`/admin/people/${idris._id}/suspension`).expect(303)
    await visitor
      .get('/sales/leads')
      .expect(303)
      .expect('location', /sign-in/)
    await tomasz.post(`/admin/people/${idris._id}/reactivation`).expect(303)
    await visitor.get('/sales/leads').expect(303)
    await (await as(idris)).get('/sales/leads').expect(200)
  })

  test('cannot demote or suspend the only admin left', async () => {
    const other = await as(await make.person({ role: 'admin', suspendedAt: new Date('2026-01-01') }))
    await other.get('/admin/people').expect(303)
    for (const [resource, fields] of [
      ['role', { role: 'sales' }],
      ['suspension', {}],
    ] as const) {
      const page = await tomasz.post(`/admin/people/${admin._id}/${resource}`, fields).expect(409)
      expect(page.text).toContain('This is the only admin left.')
    }
  })

  test('finds people by any word of their name, company or email and by role, page by page', async () => {
    for (let n = 0; n < 35; n++)
      await make.person({ role: 'reviewer', email: `page-${String(n).padStart(2, '0')}@pages.example` })
    const first = await tomasz.get('/admin/people?role=reviewer').expect(200)
    expect(first.text).toContain('page-34@')
    expect(first.text).not.toContain('page-00@')
    const older = linkTo('next', first.text)!
    const second = await tomasz.get(older).expect(200)
    expect(second.text).toContain('page-00@')
    const newer = linkTo('prev', second.text)!
    expect((await tomasz.get(newer).expect(200)).text.match(/page-\d+@/g)).toEqual(
      first.text.match(/page-\d+@/g),
    )
    const found = await tomasz.get('/admin/people?q=PAGE-07').expect(200)
    expect(found.text).toContain('page-07@')
    expect(found.text).not.toContain('page-08@')
    await make.person({
      name: 'Nguyễn Thị Ánh',
      email: 'anh@xn--bcher-handel-dlb.example',
      company: { domain: 'xn--bcher-handel-dlb.example', name: 'Bücher Handel' },
    })
    for (const typed of ['nguyen anh', 'Thị', 'bucher handel', 'bücher-handel.example', 'anh@xn--bcher']) {
      const { text } = await tomasz.get(`/admin/people?q=${encodeURIComponent(typed)}`).expect(200)
      expect(text).toContain('Nguyễn Thị Ánh')
      expect(text).toContain('anh@bücher-handel.example')
    }
    expect((await tomasz.get('/admin/people?q=nobody').expect(200)).text).toContain('No people found')
  })

  test('reads the log of one subject page by page, even when many actions share one moment', async () => {
    const subject = 'a-busy-course'
    const at = new Date('2026-11-20T09:00:00Z')
    const actions = Array.from({ length: 120 }, (_, n) => ({
      at,
      actor: admin._id,
      action: `action-${n}.done`,
      subject,
      detail: {},
    }))
    await AuditEntries.insertMany(actions)
    const pages: string[][] = []
    let last = ''
    for (
      let path: string | undefined = `/admin/audit?subject=${subject}`;
      path;
      path = linkTo('next', last)
    ) {
      last = (await tomasz.get(path).expect(200)).text
      pages.push(last.match(/action-\d+\.done/g)!)
      expect(last).not.toContain('person.invited</code>')
    }
    expect([new Set(pages.flat()).size, pages.length]).toEqual([120, 3])
    const back = await tomasz.get(linkTo('prev', last)!).expect(200)
    expect(back.text.match(/action-\d+\.done/g)).toEqual(pages[1])
    const first = await tomasz.get(linkTo('prev', back.text)!).expect(200)
    expect(first.text.match(/action-\d+\.done/g)).toEqual(pages[0])
    expect(linkTo('prev', first.text)).toBeUndefined()
  })

  test('reads names in the audit log: of people, courses, endpoints and roles, never their ids', async () => {
    const petra = await make.person({ role: 'sales', name: 'Petra Audited' })
    const course = await make.course({ title: 'Pumps, plainly audited' })
    const endpoint = await addEndpoint({ name: 'Audited CRM', url: 'https://crm.example/hooks', types: [] })
    const actor = petra._id
    const person = await make.person({ name: 'Ada Audited' })
    await audit({ actor, action: 'course.published', subject: course.slug, detail: { number: 1 } })
    await audit({
      actor,
      action: 'endpoint.paused',
      subject: String(endpoint._id),
      detail: { name: endpoint.name },
    })
    await audit({ actor, action: 'delivery.resent', subject: `msg_abc.${endpoint._id}` })
    await audit({
      actor,
      action: 'lead.rejected',
      subject: String(person._id),
      detail: { reason: 'no_budget' },
    })
    await audit({
      actor,
      action: 'outcome.matched',
      subject: String(person._id),
      detail: { external_id: '00Q {{x}}', endpoint: String(endpoint._id) },
    })
    await audit({ actor, action: 'role.changed', subject: String(person._id), detail: { to: 'sales-lead' } })
    const page = (await tomasz.get('/admin/audit').expect(200)).text
    for (const text of [
      'Pumps, plainly audited',
      'Published a course',
      'Audited CRM',
      'msg_abc.Audited CRM',
      'Rejected a lead',
      'reason: No budget',
      'to: Sales lead',
      'reported id: 00Q {{x}}, reported by: Audited CRM',
    ])
      expect(page).toContain(text)
    const main = /<main[^]*<\/main>/.exec(page)![0].replace(/(?:href|value)="[^"]*"/g, '')
    expect(main).not.toMatch(/[0-9a-f]{24}/)
  })

  test('filters the audit log by person, action, subject and day, and takes what it shows as CSV', async () => {
    await AuditEntries.deleteMany({})
    const [ann, bob] = [
      await make.person({ role: 'sales', name: 'Ann Auditor' }),
      await make.person({ role: 'author', name: 'Bob Auditor' }),
    ]
    const at = (day: string) => new Date(`${day}T12:00:00Z`)
    const entry = { subject: 'one', detail: {} }
    await AuditEntries.insertMany([
      { ...entry, actor: ann._id, action: 'lead.accepted', at: at('2026-11-01') },
      { ...entry, actor: ann._id, action: 'lead.rejected', at: at('2026-11-02'), detail: { note: '=1+1' } },
      { ...entry, actor: bob._id, action: 'course.published', at: at('2026-11-02'), subject: 'two' },
    ])
    const found = async (query: string) =>
      [
        ...(await tomasz.get(`/admin/audit?${query}`).expect(200)).text.matchAll(
          /second">([a-z]+\.[a-z]+)</g,
        ),
      ].map(([, action]) => action)
    expect((await found('')).sort()).toEqual(['course.published', 'lead.accepted', 'lead.rejected'])
    expect(await found(`actor=${ann._id}`)).toEqual(['lead.rejected', 'lead.accepted'])
    expect(await found('action=lead.accepted')).toEqual(['lead.accepted'])
    expect(await found('subject=two')).toEqual(['course.published'])
    expect(await found(`actor=${ann._id}&from=2026-11-02&to=2026-11-02`)).toEqual(['lead.rejected'])
    expect(await found('to=2026-11-01&from=nonsense')).toEqual(['lead.accepted'])
    const none = (await tomasz.get('/admin/audit?action=endpoint.added').expect(200)).text
    expect(none).toContain('No entries match')
    const csv = (await tomasz.get(`/admin/audit.csv?actor=${ann._id}`).expect(200)).text
    const lines = csv.trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toContain('2026-11-02T12:00:00.000Z,Ann Auditor,lead.rejected,one')
    expect(await found('action=audit.exported')).toEqual(['audit.exported'])
  })

  test('gets a 404 for a person who does not exist', async () => {
    await tomasz.post('/admin/people/rubbish/role', { role: 'sales' }).expect(404)
    await tomasz.post('/admin/people/0123456789abcdef01234567/suspension').expect(404)
  })
})

describe('a teammate who owns open leads', () => {
  const ownerOf = async (person: Person) => (await Leads.findById(person._id))?.owner

  async function ownerWithLead() {
    const petra = await make.person({ role: 'sales', name: 'Petra Leaving' })
    const ada = await make.person({ name: 'Ada Lead', title: 'Head of Enablement' })
    const data = { kind: 'demo' as const, text: '', title: null }
    await record({ name: 'contact.requested', person: ada._id, idempotencyKey: [1], data })
    await runAllDue()
    await assignLead((await Leads.findById(ada._id))!, String(petra._id), admin._id)
    await runAllDue()
    return { petra, ada }
  }

  test('is suspended only with someone who takes the leads, and none is left behind', async () => {
    const idris = await make.person({ role: 'sales', name: 'Idris Staying' })
    const { petra, ada } = await ownerWithLead()
    const path = `/admin/people/${petra._id}/suspension`
    await tomasz.post(path).expect(303).expect('location', `${path}/new`)
    expect(await People.findById(petra._id)).toMatchObject({ suspendedAt: null })
    const page = (await tomasz.get(`${path}/new`).expect(200)).text
    expect(page).toContain('Petra Leaving owns 1 open lead.')
    expect(page).toContain('Idris Staying')
    const refused = await tomasz.post(path, { successor: String(petra._id) }).expect(422)
    expect(refused.text).toContain('Choose who takes over the leads')
    expect(await ownerOf(ada)).toEqual(petra._id)
    await tomasz.post(path, { successor: String(idris._id) }).expect(303)
    expect(await ownerOf(ada)).toEqual(idris._id)
    expect(await People.findById(petra._id)).toMatchObject({ suspendedAt: expect.any(Date) })
    const list = (await tomasz.get('/admin/people')).text
    expect(list).toContain('Petra Leaving suspended.')
    expect(list).toContain('1 open lead now belongs to Idris Staying.')
    expect(await AuditEntries.count({ action: 'leads.reassigned', subject: String(petra._id) })).toBe(1)
  })

  test('leaves their leads to the routing rules, and the page says who got how many', async () => {
    await make.person({ role: 'sales', name: 'Mei Free' })
    const { petra, ada } = await ownerWithLead()
    const path = `/admin/people/${petra._id}/suspension`
    expect((await tomasz.get(`${path}/new`).expect(200)).text).toContain(
      'Share them out by the routing rules',
    )
    await tomasz.post(path, { successor: 'rules' }).expect(303)
    const owner = (await People.findById(await ownerOf(ada)))!
    expect(owner._id).not.toEqual(petra._id)
    expect((await tomasz.get('/admin/people')).text).toContain(
      `1 open lead went to a colleague by the routing rules: ${owner.name} (1).`,
    )
    expect(await Leads.findById(ada._id)).toMatchObject({ assignedWhy: { cause: 'left' } })
  })

  test('is asked about in the same way when their new role is not in sales', async () => {
    const idris = await make.person({ role: 'sales-lead', name: 'Idris Taking' })
    const { petra, ada } = await ownerWithLead()
    const path = `/admin/people/${petra._id}/role`
    await tomasz.post(path, { role: 'sales-lead' }).expect(303)
    expect(await ownerOf(ada)).toEqual(petra._id)
    await tomasz.post(path, { role: 'author' }).expect('location', `${path}/new?role=author`)
    expect((await tomasz.get(`${path}/new?role=author`).expect(200)).text).toContain('value="author"')
    await tomasz.get(`${path}/new?role=queen`).expect(404)
    await tomasz.post(path, { role: 'author', successor: String(idris._id) }).expect(303)
    expect(await People.findById(petra._id)).toMatchObject({ role: 'author' })
    expect(await ownerOf(ada)).toEqual(idris._id)
  })

  test('who is the only one in sales can still be suspended immediately, and the leads have no owner', async () => {
    const { petra, ada } = await ownerWithLead()
    await People.updateMany(
      { role: { $in: ['sales', 'sales-lead'] }, _id: { $ne: petra._id } },
      { $set: { suspendedAt: new Date('2026-01-01') } },
    )
    const path = `/admin/people/${petra._id}/suspension`
    expect((await tomasz.get(`${path}/new`).expect(200)).text).toContain('nobody else is in sales')
    await tomasz.post(path, { successor: '' }).expect(303)
    expect(await ownerOf(ada)).toBeNull()
    expect((await tomasz.get(`/sales/leads/${ada._id}`)).text).toContain('Owner removed by Tomasz Wrona')
  })

  test('who deletes their own account leaves no lead behind', async () => {
    const idris = await make.person({ role: 'sales', name: 'Idris Back' })
    const { petra, ada } = await ownerWithLead()
    await erasePerson(petra._id)
    await runAllDue()
    expect(await ownerOf(ada)).toEqual(idris._id)
  })

  test('gets none back when the CRM reopens a deal after they left', async () => {
    const { petra, ada } = await ownerWithLead()
    const deal = { person: ada._id, deal: 'D-1', amount: null, currency: null, reason: 'price', text: '' }
    await applyOutcome({ ...deal, id: 'lost', name: 'opportunity.lost', at: new Date() })
    await runAllDue()
    await tomasz.post(`/admin/people/${petra._id}/suspension`).expect(303)
    expect(await ownerOf(ada)).toEqual(petra._id)
    await applyOutcome({ ...deal, id: 'again', name: 'opportunity.reopened', at: new Date() })
    await runAllDue()
    expect(await Leads.findById(ada._id)).toMatchObject({ status: 'opportunity' })
    expect(await ownerOf(ada)).not.toEqual(petra._id)
  })
})

test('a teammate chooses a time zone for their office hours; a learner has none', async () => {
  const idris = await make.person({ role: 'sales', name: 'Idris Bello' })
  const ada = await make.person({ name: 'Ada Lovelace' })
  const [rep, learner] = [await as(idris), await as(ada)]
  const profile = { name: 'Idris Bello', title: '', country: '' }
  expect((await rep.get('/account').expect(200)).text).toContain('<option value="Europe/Prague"')
  await rep.post('/account', { ...profile, timeZone: 'Europe/Prague' }).expect(303)
  expect(await People.findById(idris._id)).toMatchObject({ timeZone: 'Europe/Prague' })
  expect((await rep.get('/account')).text).toContain('<option value="Europe/Prague" selected')
  const refused = await rep.post('/account', { ...profile, timeZone: 'Mars/Olympus' }).expect(422)
  expect(refused.text).toContain('Choose a time zone from the list')
  expect((await learner.get('/account').expect(200)).text).not.toContain('Time zone')
  await learner.post('/account', { ...profile, timeZone: 'Europe/Prague' }).expect(303)
  expect(await People.findById(ada._id)).toMatchObject({ timeZone: null })
})
