import { Types } from 'mongoose'
import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import { acceptLead, assignLead } from '../../src/leads/change-lead'
import { Leads, type Lead } from '../../src/leads/lead'
import { LeadBatches } from '../../src/leads/lead-batch'
import { People, type Person } from '../../src/people/person'
import { now } from '../../src/platform/clock'
import { wordsToFind } from '../../src/platform/fold'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let petra: Person
let marek: Person
let sales: Visitor
let boss: Person
let salesLead: Visitor

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  petra = await make.person({ role: 'sales', name: 'Petra Novotná' })
  marek = await make.person({ role: 'sales', name: 'Marek Dvořák' })
  boss = await make.person({ role: 'sales-lead', name: 'Lea Lead' })
  ;[sales, salesLead] = [await as(petra), await as(boss)]
})
afterAll(() => academy.close())

let made = 0
async function lead(owner: Person): Promise<Lead> {
  const name = `Attacked Person${++made}`
  const person = await make.person({ name, consents: ['profiling', 'share_with_sales'] })
  const data = { kind: 'demo', text: '', title: null } as const
  await record({ name: 'contact.requested', person: person._id, idempotencyKey: [1], data })
  await runAllDue()
  const given = (await Leads.findById(person._id))!
  if (!given.owner?.equals(owner._id)) await assignLead(given, String(owner._id), owner._id)
  return (await Leads.findById(person._id))!
}
const stored = async ({ _id }: Lead) => (await Leads.findById(_id))!
const idsOf = (leads: Lead[]) => leads.map(({ _id }) => String(_id)).join(',')
const list = '/sales/leads?tab=mine'
const undoIn = (html: string) => /action="(\/sales\/lead-batches\/\w+\/undo[^"]*)"/.exec(html)![1]!
let presses = 0
/** Answers leads together, and returns the path that undoes it. */
async function answer(visitor: Visitor, leads: Lead[], form: Record<string, unknown>): Promise<string> {
  const occasion = String(++presses).padStart(22, 'a')
  await visitor.post('/sales/lead-batches', { leads: idsOf(leads), list, occasion, ...form }).expect(303)
  return undoIn((await visitor.get(list)).text)
}

describe('leads that are answered together', () => {
  test('are not named to sales once they have stopped sharing', async () => {
    const [ada, bo] = [await lead(petra), await lead(petra)]
    const undo = await answer(sales, [ada, bo], { action: 'accept' })
    const page = undo.replace('/undo', '')
    const nameOf = async ({ _id }: Lead) => (await People.findById(_id))!.name
    const [adaName, boName] = [await nameOf(ada), await nameOf(bo)]
    expect((await sales.get(page).expect(200)).text).toContain(`>${adaName}<`)
    await People.updateOne({ _id: ada._id }, { $set: { sharingPausedAt: now() } })
    const { text } = await sales.get(page).expect(200)
    expect(text).not.toContain(adaName)
    expect(text).toContain(boName)
  })

  test('stay as they are when who answered has changed them since, and the undo says so', async () => {
    const [one, two] = [await lead(petra), await lead(petra)]
    const undo = await answer(sales, [one, two], { action: 'snooze', day: '2026-11-26' })
    await acceptLead(await stored(one), petra._id)
    await sales.post(undo).expect(303)
    const { text } = await sales.get(list)
    expect(text).toContain('1 lead is as it was before.')
    expect(text).toContain('1 has changed since and stays as it is.')
    expect([await stored(one), await stored(two)]).toMatchObject([
      { status: 'accepted' },
      { status: 'new', snooze: null },
    ])
  })

  test('and given on to a third teammate since stay with them', async () => {
    const one = await lead(petra)
    const undo = await answer(salesLead, [one], { action: 'reassign', owner: String(marek._id) })
    await assignLead(await stored(one), String(boss._id), boss._id)
    await salesLead.post(undo).expect(303)
    expect((await salesLead.get(list)).text).toContain('1 has changed since and stays as it is.')
    expect((await stored(one)).owner!.equals(boss._id)).toBe(true)
  })

  test('are undone once, also when the button is pressed twice', async () => {
    const leads = [await lead(petra), await lead(petra), await lead(petra)]
    const undo = await answer(sales, leads, { action: 'reject', reason: 'timing' })
    const pressed = await Promise.all([sales.post(undo), sales.post(undo), sales.post(undo)])
    expect(pressed.map(({ status }) => status)).toEqual([303, 303, 303])
    for (const each of leads)
      expect(await stored(each)).toMatchObject({ status: 'new', changeCount: 2 + each.changeCount })
  })

  test('are not answered for someone who has left sales before it was done', async () => {
    const one = await lead(petra)
    const leaver = await make.person({ role: 'sales', name: 'Lou Leaver' })
    await assignLead(one, String(leaver._id), boss._id)
    const { changeCount, sequence } = await stored(one)
    const items = [{ lead: one._id, changeCount, sequence, outcome: null }]
    const batch = { by: leaver._id, at: now(), action: 'accept', step: 'do', dueAt: now(), items } as const
    const _id = new Types.ObjectId()
    await LeadBatches.create({ _id, ...batch, reason: null, text: '', owner: null, until: null })
    await People.updateOne({ _id: leaver._id }, { $set: { suspendedAt: now() } })
    await runAllDue()
    expect(await LeadBatches.findById(_id)).toMatchObject({ step: null, items: [{ outcome: 'changed' }] })
    expect((await stored(one)).status).toBe('new')
  })

  test('keep what was typed when it is too long, and need an owner', async () => {
    const one = await lead(petra)
    const form = { leads: idsOf([one]), list, action: 'reject', reason: 'timing' }
    const long = await sales.post('/sales/lead-batches', { ...form, text: 'Long. '.repeat(1000) }).expect(422)
    expect(long.text).toContain('Long. Long. ')
    await sales.post('/sales/lead-batches', { ...form, action: 'reassign', owner: '' }).expect(422)
    await sales.post('/sales/lead-batches', { ...form, leads: 'x' }).expect(303)
    expect(await stored(one)).toMatchObject({ status: 'new', owner: petra._id })
  })
})

test('all leads of a list are those of the list that was seen, however long its address is', async () => {
  const [one] = [await lead(petra), await lead(petra)]
  const name = '検索'.repeat(50)
  await People.updateOne({ _id: one!._id }, { $set: { name } })
  await Leads.updateOne({ _id: one!._id }, { $set: { search: wordsToFind(name) } })
  const long = `/sales/leads?tab=mine&q=${encodeURIComponent(name)}`
  const page = (address: string) => sales.get(`/sales/lead-batches/new?action=reject&all=1&list=${address}`)
  const { text } = await page(encodeURIComponent(long)).expect(200)
  expect(/name="leads" value="([^"]*)"/.exec(text)![1]).toBe(String(one!._id))
  await page('').expect(404)
  await page('//evil.example/sales/leads').expect(404)
  const form = { action: 'reject', reason: 'timing', leads: String(one!._id), list: long }
  const { headers } = await sales.post('/sales/lead-batches', form).expect(303)
  expect(headers.location).toBe(long)
  await sales.post(undoIn((await sales.get(list)).text)).expect(303)
  expect((await stored(one!)).status).toBe('new')
})

test('a search without a letter finds nobody, in the list, its counts, its file and what is answered', async () => {
  await lead(petra)
  const search = '/sales/leads?tab=all&q=%25%20-'
  expect((await sales.get(search).expect(200)).text).toContain('No leads match')
  const file = (await sales.get(search.replace('leads?', 'leads.csv?')).expect(200)).text
  expect(file.trim().split('\n')).toHaveLength(1)
  const path = `/sales/lead-batches/new?action=reject&all=1&list=${encodeURIComponent(search)}`
  expect((await sales.get(path).expect(303)).headers.location).toBe('/sales/leads?tab=all&q=%25%20-')
})

test('who has just stopped sharing is in no row, file or digest, before the worker has seen it', async () => {
  const { _id } = await lead(petra)
  await People.updateOne({ _id }, { $set: { name: 'Wanda Withdrawn', sharingPausedAt: now() } })
  for (const path of ['/sales/leads?tab=mine', '/sales/leads.csv?tab=mine', '/sales/digest'])
    expect((await sales.get(path).expect(200)).text).not.toContain('Wanda')
  const prepared = await sales.get(`/sales/lead-batches/new?action=accept&lead=${String(_id)}&list=${list}`)
  expect(prepared.text).not.toContain('Wanda')
})

test('a lead of the team who deletes a shared view of a colleague can undo it', async () => {
  const form = { page: 'leads', address: 'tab=all', name: 'Shared by Petra', isShared: '1' }
  await sales.post('/sales/views', form).expect(303)
  const row = (html: string) =>
    html.split('<li>').find(each => each.includes('Shared by Petra') && each.includes('/default'))
  const id = /\/sales\/views\/(\w+)\/default/.exec(
    row((await sales.get('/sales/views?page=leads')).text)!,
  )![1]!
  const other = await as(marek)
  await other.post(`/sales/views/${id}/removal`).expect(403)
  await salesLead.post(`/sales/views/${id}/removal`).expect(303)
  await other.post(`/sales/views/${id}/restoration`).expect(403)
  await other.post(`/sales/views/${id}/default`).expect(404)
  await salesLead.post(`/sales/views/${id}/restoration`).expect(303)
  expect(row((await sales.get('/sales/views?page=leads')).text)).toBeDefined()
})

test('a view keeps a long search in letters that an address spells with nine characters each', async () => {
  const q = '検索'.repeat(50)
  const address = String(new URLSearchParams({ tab: 'all', q }))
  const { headers } = await sales.post('/sales/views', { page: 'leads', address, name: 'Long' }).expect(303)
  expect(new URL(headers.location!, 'http://here').searchParams.get('q')).toBe(q)
})

test('an export keeps no search for a person in the audit log', async () => {
  await sales.get('/sales/leads.csv?tab=all&sort=name&after=x&grade=A&q=ada.lovelace@example.com').expect(200)
  const [entry] = await AuditEntries.find({ action: 'leads.exported' }).sort({ at: -1 }).limit(1)
  expect(entry!.detail).toMatchObject({ list: '/sales/leads?tab=all&sort=name&grade=A&q=%E2%80%A6' })
})

test('people close to qualifying have no facets: an address with one shows and counts them as it says', async () => {
  const { text } = await sales.get('/sales/leads?tab=nearThreshold&grade=A').expect(200)
  expect(text).not.toContain('grade=A')
})
