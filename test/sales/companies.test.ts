import { record } from '../../src/events/record'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let sales: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  sales = await as(await make.person({ role: 'sales' }))
})
afterAll(() => academy.close())

const company = { domain: 'hartley-dairies.example', name: 'Hartley Dairies' }
const sharing = { company, consents: ['profiling' as const, 'share_with_sales' as const] }

test('the page of a company names who shares with sales, counts the others, and is linked from theirs', async () => {
  const amara = await make.person({ ...sharing, name: 'Amara Okonkwo', title: 'Maintenance manager' })
  await make.person({ company, name: 'Silent Sam', consents: [] })
  const data = { kind: 'demo', text: '', title: null } as const
  await record({ name: 'contact.requested', person: amara._id, idempotencyKey: [1], data })
  await runAllDue()
  const lead = (await sales.get(`/sales/leads/${amara._id}`).expect(200)).text
  expect(lead).toMatch(/Maintenance manager at <a href="[^"]*hartley-dairies.example">Hartley Dairies<\/a>/)
  const { text } = await sales.get('/sales/companies/Hartley-Dairies.example').expect(200)
  expect(text).toContain(`href="/sales/leads/${amara._id}"`)
  expect(text).toContain('active today at 09:00')
  expect(text).toContain('1 more person from this company')
  expect(text).not.toContain('Silent Sam')
})

test('a company of which nobody shares with sales has no page', async () => {
  await make.person({ company: { domain: 'quiet.example', name: 'Quiet' }, consents: [] })
  for (const name of ['quiet.example', 'unknown.example', '%00', '..'])
    await sales.get(`/sales/companies/${name}`).expect(404)
})

test('names with markup are text in the link', async () => {
  const odd = { domain: 'odd.example', name: '<b>Odd</b> & Co' }
  const person = await make.person({ ...sharing, company: odd, title: '"Chief"' })
  const data = { kind: 'demo', text: '', title: null } as const
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  const { text } = await sales.get(`/sales/leads/${person._id}`)
  expect(text).toContain('>&lt;b&gt;Odd&lt;/b&gt; &amp; Co</a>')
})
