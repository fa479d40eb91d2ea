import { AuditEntries } from '../../src/events/audit'
import { record } from '../../src/events/record'
import type { Person } from '../../src/people/person'
import { hours, later, now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { setTime } from '../kit/clock'
import * as make from '../kit/make'

let academy: Academy
let admin: Visitor
const acme = { domain: 'acme.com', name: 'Acme' }
const url = '/admin/outside-views'

beforeAll(async () => {
  academy = await openAcademy()
  setTime('2026-11-23T09:00:00Z')
  const boss = await make.person({ role: 'admin', name: 'The Boss' })
  admin = await as(boss)
  const [pumps, valves] = [await make.course({ title: 'Pumps' }), await make.course({ title: '=Valves' })]
  const open = (person: Person, course: typeof pumps, lesson: string, hoursAgo: number) =>
    record({
      name: 'lesson.opened',
      person: person._id,
      course: course.course,
      idempotencyKey: [course.course, lesson],
      at: later(now(), -hours(hoursAgo)),
      data: { lesson, title: `${course.content.title}: ${lesson}`, topics: [] },
    })
  const ada = await make.person({ name: 'Ada Lovelace', company: acme })
  const shy = await make.person({ name: 'Shy Person', company: acme, consents: [] })
  const bo = await make.person({ name: 'Bo Free', email: 'bo@gmail.com', company: null })
  await open(ada, pumps, 'seals', 1)
  await open(shy, valves, 'springs', 2)
  await open(bo, pumps, 'rotors', 50)
  await open(boss, pumps, 'secret of the boss', 3)
  for (let n = 0; n < 60; n++) await open(bo, valves, `part-${n}`, 100 + n)
})
afterAll(() => academy.close())

const rowsOf = ({ text }: { text: string }) => text.match(/<tr>[\s\S]*?<\/tr>/g)!.slice(1)

test('an administrator sees what outsiders opened, with the names of those who share theirs', async () => {
  const page = await admin.get(url).expect(200)
  expect(page.text).toContain('Pumps: seals')
  expect(page.text).toContain('Ada Lovelace')
  expect(page.text).toContain('=Valves: springs')
  expect(page.text).not.toContain('Shy Person')
  expect(page.text).not.toContain('secret of the boss')
  expect(rowsOf(page)).toHaveLength(50)
  const older = /href="([^"]*after=[^"]*)"/.exec(page.text)![1]!.replaceAll('&amp;', '&')
  const second = await admin.get(older).expect(200)
  expect(rowsOf(second)).toHaveLength(13)
  expect(second.text).toContain('part-59')
})

test.each([
  ['company=ACME.com', 2],
  ['company=bob@mail.acme.com', 2],
  ['company=nobody.com', 0],
  ['company=%3Cb%3E', 0],
  ['from=2026-11-22&to=2026-11-23', 2],
  ['to=2026-11-21', 50],
  ['from=nonsense', 50],
  ['course=no-such-course', 0],
  ['company=acme.com&after=nonsense', 2],
])('the filter %s finds %i rows', async (filter, count) => {
  const page = await admin.get(`${url}?${filter}`).expect(200)
  if (count) expect(rowsOf(page)).toHaveLength(count)
  else expect(page.text).toContain('No matching views')
})

test('one course is found by its link, and the file has the same rows', async () => {
  const { text } = await admin.get(url).expect(200)
  const href = /href="(\/admin\/outside-views\?course=[^"]+)"/.exec(text)![1]!
  expect(rowsOf(await admin.get(href).expect(200))).toHaveLength(2)
  const csv = await admin.get(href.replace(url, `${url}.csv`)).expect(200)
  expect(csv.text.trim().split('\n')).toHaveLength(3)
  expect(csv.text).toContain('acme.com,Ada Lovelace,Pumps,Pumps: seals')
  const all = await admin.get(`${url}.csv`).expect(200)
  expect(all.text.trim().split('\n')).toHaveLength(64)
  expect(all.text).toContain("'=Valves")
  expect(all.text).not.toContain('Shy Person')
  expect(await AuditEntries.count({ action: 'outside_views.exported' })).toBe(2)
})

test.each(['author', 'sales-lead', 'prospect', 'contributor'] as const)(
  'a person of the role %s sees nothing of it',
  async role => {
    const visitor = await as(await make.person({ role }))
    await visitor.get(url).expect(403)
    await visitor.get(`${url}.csv`).expect(403)
  },
)
