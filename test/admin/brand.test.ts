import request from 'supertest'
import { AuditEntries } from '../../src/events/audit'
import { BrandVersions, readBrand } from '../../src/brand/brand'
import { publishBrand } from '../../src/brand/change-brand'
import { measure, nearestPassing, shadesOf } from '../../src/brand/colour'
import { Emails } from '../../src/mail/email'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  admin = await as(await make.person({ role: 'admin', name: 'Aisha Demir' }))
})
afterAll(() => academy.close())

const northwind = {
  academyName: 'Northwind Freight Academy',
  companyName: 'Northwind',
  legalName: 'Northwind Freight & Co. Ltd',
  postalAddress: '1 Quay Street, Bristol',
  tagline: 'Freight, <plainly>.',
  privacyEmail: 'privacy@northwind.example',
  accessibilityEmail: 'access@northwind.example',
  senderName: '',
  senderAddress: '',
  replyTo: 'answers@northwind.example',
}
const base = '/admin/brands/academy'

/** Sends the form of a page as it was opened. */
async function send(page: string, fields: Record<string, string>) {
  const [, basis = ''] = /id="form"[\s\S]*?name="basis" value="([^"]*)"/.exec((await admin.get(page)).text)!
  return admin.post(page, { basis, ...fields })
}

const save = (change: Partial<typeof northwind> = {}) => send(base, { ...northwind, ...change })

const saveColour = (fields: { accent: string; nearest?: string }) =>
  send(`${base}/look`, { typePairing: 'brygada-hanken', covers: 'uploaded', ...fields })

async function publish() {
  const { draftNumber } = await readBrand()
  return admin.post('/admin/brands/academy/publications', { draftNumber: String(draftNumber) })
}

test('a new name is everywhere once it is published, and nowhere before', async () => {
  await save().then(({ status }) => expect(status).toBe(303))
  const visitor = await anonymous()
  expect((await visitor.get('/')).text).not.toContain('Northwind')
  await publish().then(({ status }) => expect(status).toBe(303))

  const home = (await (await anonymous()).get('/')).text
  expect(home).toContain(' · Northwind Freight Academy</title>')
  expect(home).toContain('Freight, &lt;plainly&gt;.')
  for (const path of ['/', '/courses', '/pricing', '/sign-up', '/sign-in', '/privacy', '/accessibility']) {
    expect([path, (await visitor.get(path)).text.match(/lyceum(?!\.example)/gi)]).toEqual([path, null])
  }
  expect((await visitor.get('/privacy')).text).toContain(
    'Northwind Freight &amp; Co. Ltd, 1 Quay Street, Bristol, is the controller',
  )
  expect((await visitor.get('/sign-up')).text).toContain('Northwind may score what I do')

  await visitor.post('/sign-in/link', { email: 'nobody@northwind.example' })
  const email = (await Emails.findOne({ to: 'nobody@northwind.example' }))!
  expect(email.sender).toMatchObject({
    name: 'Northwind Freight Academy',
    address: null,
    replyTo: 'answers@northwind.example',
  })
  expect(email.html).toContain('Northwind Freight &amp; Co. Ltd, 1 Quay Street, Bristol')
  expect(`${email.subject} ${email.text}`).not.toMatch(/lyceum/i)
})

test('the draft is seen only with its link, until the reader stops looking', async () => {
  await save({ academyName: 'Draft Academy' })
  await saveColour({ accent: '#00596B' })
  const [, href] = /href="[^"]*(\/brand-previews\/[^"]+)"/.exec(
    (await admin.get('/admin/brands/academy')).text,
  )!
  const reader = request.agent(academy.app).set('accept', 'text/html')
  await reader.get(href!).expect(303)
  const home = (await reader.get('/').expect(200)).text
  expect(home).toContain(' · Draft Academy</title>')
  expect(home).toContain('You&#39;re looking at the draft')
  const [, sheet] = /href="(\/css\/base\.css[^"]*)"/.exec(home)!
  expect((await reader.get(sheet!)).text).toContain('--pencil: light-dark(#00596B')
  expect((await (await anonymous()).get('/')).text).not.toContain('Draft Academy')

  const [, token] = /name="_csrf" value="([^"]+)"/.exec(home)!
  await reader.post('/brand-preview/end').type('form').send({ _csrf: token }).expect(303)
  expect((await reader.get('/')).text).not.toContain('Draft Academy')
  const forged = `academy.${Date.now() + 9e9}.${href!.split('.').pop()}`
  await request(academy.app).get(`/brand-previews/${forged}`).expect(404)
})

describe('colours', () => {
  test('one that is too light is refused with its pairs, and the nearest that passes is offered', async () => {
    const { draftNumber } = await readBrand()
    const refused = await saveColour({ accent: '1f98a8' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('#1F98A8 is too light for text. Link on a page: 3.2, needs 4.5;')
    expect(refused.text).toContain('value="#1F98A8"')
    expect(refused.text).toContain('Fix 1 colour first')
    const nearest = nearestPassing('#1F98A8')
    expect(refused.text).toContain(`Use ${nearest}`)
    expect((await readBrand()).draftNumber).toBe(draftNumber)
    await saveColour({ accent: '#1F98A8', nearest }).then(({ status }) => expect(status).toBe(303))
    expect((await readBrand()).draft.accent).toBe(nearest)
  })

  test.each([
    '#00596B',
    '#1F98A8',
    '#FFD34D',
    '#000000',
    '#FFFFFF',
    '#FF0000',
    '#00FF00',
    '#808080',
    '#123456',
  ])('the nearest to %s passes everywhere, in the light and in the dark', accent => {
    const passing = nearestPassing(accent)
    expect(measure(passing).filter(({ passes }) => !passes)).toEqual([])
    for (const shades of Object.values(shadesOf(passing)))
      for (const colour of Object.values(shades)) expect(colour).toMatch(/^#[0-9A-F]{6}$/)
  })

  test.each(['blue', '#12', 'url(x)', '#00596B;}'])('%s is not a colour', async accent => {
    const refused = await saveColour({ accent })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('Enter a colour such as #00596B')
  })
})

test('two administrators do not overwrite each other', async () => {
  const [, basis] = /id="form"[\s\S]*?name="basis" value="([^"]*)"/.exec((await admin.get(base)).text)!
  const answers = await Promise.all(
    ['One', 'Two'].map(tagline => admin.post(base, { ...northwind, basis, tagline })),
  )
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
  const { tagline } = (await readBrand()).draft
  const refused = answers.find(({ status }) => status === 409)!.text
  expect(refused).toContain(`value="${tagline === 'One' ? 'Two' : 'One'}"`)
  expect(refused).toContain('Save again to replace it with yours')
  const publications = await Promise.all([publish(), publish()])
  expect(publications.map(({ status }) => status)).toEqual([303, 303])
  const newest = await BrandVersions.find().sort({ _id: -1 }).limit(2)
  expect(newest[0]!.draftNumber).not.toBe(newest[1]!.draftNumber)
})

test('names that would break texts are refused with what was typed', async () => {
  for (const academyName of ['{{count}}', '$t(brand:legalName)', 'a\nb']) {
    const refused = await save({ academyName })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('Write it on one line')
  }
  const refused = await save({ privacyEmail: 'not an address' })
  expect([refused.status, refused.text.includes('Enter a valid email address')]).toEqual([422, true])
})

test('an earlier version comes back as the draft', async () => {
  const [version] = await BrandVersions.find().sort({ _id: 1 }).limit(1)
  const history = (await admin.get('/admin/brands/academy/versions').expect(200)).text
  expect(history).toContain('Aisha Demir')
  expect(history).toContain('Academy, Company')
  const { draftNumber } = await readBrand()
  await admin
    .post(`/admin/brands/academy/versions/${version!._id}/restoration`, { draftNumber: String(draftNumber) })
    .expect(303)
  expect((await readBrand()).draft).toEqual(version!.content)
  await admin.post('/admin/brands/academy/versions/999/restoration', { draftNumber: '1' }).expect(404)
})

test('the changes of a draft can be given up where they are listed', async () => {
  const { draftNumber } = await readBrand()
  await publishBrand('academy', draftNumber, null)
  const before = (await readBrand()).draft
  await save({ tagline: 'A line that nobody will read' })
  const page = (await admin.get('/admin/brands/academy/publications/new').expect(200)).text
  const [, action] = /action="([^"]+\/restoration)"/.exec(page)!
  expect(page).toContain('Discard these changes')
  await admin.post(action!, { draftNumber: String((await readBrand()).draftNumber) }).expect(303)
  expect((await readBrand()).draft).toEqual(before)
  const after = (await admin.get('/admin/brands/academy/publications/new').expect(200)).text
  expect(after).toContain('already live')
  expect(after).not.toContain('Discard these changes')
})

test('a further brand begins with the company of the first one, and with a name and look of its own', async () => {
  await save({ legalName: 'Harbour Cranes Ltd' })
  await admin.post('/admin/brands', { academyName: 'Second School', hosts: 'second.localhost' }).expect(303)
  const [first, { draft }] = [(await readBrand()).draft, await readBrand('second-school')]
  expect(draft).toMatchObject({ academyName: 'Second School', legalName: 'Harbour Cranes Ltd', accent: null })
  expect(draft.legalPages).toEqual(first.legalPages)
})

test('an exported brand is another academy’s draft, and other files are refused', async () => {
  await save({ academyName: 'Exported Academy' })
  const file = (await admin.get('/admin/brands/academy/export.json').expect(200)).text
  await save({ academyName: 'Another' })
  const upload = async (text: string) => {
    const { draftNumber } = await readBrand()
    return request(academy.app)
      .post('/admin/brands/academy/imports')
      .set('cookie', admin.cookie)
      .set('accept', 'text/html')
      .field('_csrf', admin.csrf)
      .field('draftNumber', String(draftNumber))
      .attach('file', Buffer.from(text), 'brand.json')
  }
  const { status, headers } = await upload(file)
  expect(status).toBe(303)
  const { text: page } = await admin.get(headers.location!).expect(200)
  const [, drafts] = /name="drafts" value="([^"]+)"/.exec(page)!
  await admin.post(`${headers.location!}/confirmation`, { drafts, takeName: 'on' }).expect(303)
  expect((await readBrand()).draft.academyName).toBe('Exported Academy')
  for (const text of [
    '',
    '{}',
    'hello',
    file.replace('Exported', '{{x}}'),
    file.replace('"tagline"', '"other"'),
    '{"format": "academy-brand-1", "content": []}',
    '{"format": "academy-brand-3", "content": {}}',
  ]) {
    const refused = await upload(text)
    expect(refused.status).toBe(422)
    expect(refused.text).toMatch(/<input[^>]*name="file"[^>]*aria-invalid="true"/)
    expect(refused.text).toContain('value="Exported Academy"')
  }
  expect((await upload('{}')).text).toContain('isn&#39;t an exported brand. Choose one')
  expect(await AuditEntries.count({ action: 'brand.exported' })).toBe(1)
})
