import { erasePerson } from '../../src/people/erase-person'
import type { Person } from '../../src/people/person'
import { minutes } from '../../src/platform/clock'
import { maxViews, savedViewsOf } from '../../src/leads/saved-view'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let sales: Visitor
let colleague: Visitor
let salesLead: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  sales = await as(petra)
  colleague = await as(await make.person({ role: 'sales', name: 'Marek Dvořák' }))
  salesLead = await as(await make.person({ role: 'sales-lead' }))
})
afterAll(() => academy.close())

const form = { page: 'leads', address: 'tab=all&grade=A&sort=-name&after=xyz&evil=1' }
const address = '/sales/leads?tab=all&amp;grade=A&amp;sort=-name'

test('the filters and the order of a list are kept under a name, for oneself or for everyone in sales', async () => {
  await sales.post('/sales/views', { ...form, name: ' ' }).expect(422)
  const { headers } = await sales.post('/sales/views', { ...form, name: 'Fit ones' }).expect(303)
  expect(headers.location).toBe('/sales/leads?tab=all&grade=A&sort=-name')
  await sales.post('/sales/views', { ...form, name: 'Shared ones', isShared: '1' }).expect(303)
  const mine = (await sales.get('/sales/leads?tab=all')).text
  expect(mine).toContain('Fit ones')
  expect(mine).toContain(address)
  const theirs = (await colleague.get('/sales/leads?tab=all')).text
  expect(theirs).not.toContain('Fit ones')
  expect(theirs).toContain('Shared ones')
  expect((await colleague.get('/sales/views?page=leads')).text).toContain('shared by Petra Novotná')
})

const idOf = async (visitor: Visitor, name: string) => {
  const { text } = await visitor.get('/sales/views?page=leads').expect(200)
  const row = text.split('<li>').find(each => each.includes(name))!
  return /\/sales\/views\/(\w+)\/default/.exec(row)![1]!
}

test('whoever made a view changes it, and of a shared one who leads the team; for others it is not there', async () => {
  const [own, shared] = [await idOf(sales, 'Fit ones'), await idOf(sales, 'Shared ones')]
  await colleague.post(`/sales/views/${own}`, { name: 'Mine now' }).expect(404)
  await colleague.post(`/sales/views/${shared}`, { name: 'Mine now' }).expect(403)
  await colleague.post(`/sales/views/${shared}/removal`).expect(403)
  await salesLead.post(`/sales/views/${own}/removal`).expect(404)
  await sales.post(`/sales/views/${own}`, { name: 'Best fit' }).expect(303)
  await salesLead.post(`/sales/views/${shared}`, { name: 'For all', isShared: '1' }).expect(303)
  expect((await savedViewsOf(petra._id)).map(({ name }) => name).sort()).toEqual(['Best fit', 'For all'])
  await sales.post('/sales/views/x/removal').expect(404)
})

test('one view can open first, and only an address without filters leads there', async () => {
  const shared = await idOf(colleague, 'For all')
  await colleague.post(`/sales/views/${shared}/default`).expect(303)
  const { headers } = await colleague.get('/sales/leads').expect(303)
  expect(headers.location).toBe('/sales/leads?tab=all&grade=A&sort=-name')
  await colleague.get('/sales/leads?tab=mine').expect(200)
  await sales.get('/sales/leads').expect(200)
  await sales.post(`/sales/views/${shared}`, { name: 'For all' }).expect(303)
  await colleague.get('/sales/leads').expect(200)
})

test('a view that was deleted can be restored for ten minutes', async () => {
  const id = await idOf(sales, 'Best fit')
  await sales.post(`/sales/views/${id}/removal`).expect(303)
  const { text } = await sales.get('/sales/views?page=leads')
  expect(text).toContain('View “Best fit” deleted.')
  expect(text).toContain(`/sales/views/${id}/restoration`)
  await sales.post(`/sales/views/${id}/restoration`).expect(303)
  expect((await sales.get('/sales/leads?tab=all')).text).toContain('Best fit')
  await sales.post(`/sales/views/${id}/removal`).expect(303)
  advance(minutes(11))
  await sales.post(`/sales/views/${id}/restoration`).expect(409)
})

test('a view that names someone goes when they are erased, and one that names nobody stays', async () => {
  const ada = await make.person({ name: 'Ada O’Shea', company: { domain: 'moor.example', name: 'Moor' } })
  const kept = async () => (await savedViewsOf(petra._id)).map(({ name }) => name).sort()
  for (const [name, q] of [
    ['Calls', 'oshea'],
    ['Ask Ada O’Shea again', ''],
    ['Moor', 'moor'],
    ['Ada and others', 'a'],
  ])
    await sales.post('/sales/views', { page: 'queue', address: `q=${q}&grade=A`, name: name! }).expect(303)
  expect((await savedViewsOf(ada._id)).map(({ name }) => name).sort()).toContain('Calls')
  await erasePerson(ada._id)
  await runAllDue()
  expect(await kept()).toEqual(expect.arrayContaining(['Ada and others', 'Moor']))
  expect(await kept()).not.toContain('Calls')
  expect(await kept()).not.toContain('Ask Ada O’Shea again')
})

test('nobody has more views than places, and they go with their owner', async () => {
  const names = Array.from({ length: maxViews + 3 }, (_, n) => `View ${n}`)
  const responses = await Promise.all(names.map(name => sales.post('/sales/views', { ...form, name })))
  expect(responses.filter(({ status }) => status === 422).length).toBeGreaterThan(0)
  expect((await savedViewsOf(petra._id)).length).toBe(maxViews)
  await erasePerson(petra._id)
  await runAllDue()
  expect(await savedViewsOf(petra._id)).toEqual([])
})
