import { Types } from 'mongoose'
import { isAway } from '../../src/leads/absence'
import { chooseOwner, type RoutingLead, type RoutingRep } from '../../src/leads/routing-choice'
import {
  standardPerson,
  standardRouting,
  type RoutingContent,
  type RoutingPerson,
  type RoutingRule,
  type RoutingTarget,
} from '../../src/leads/routing-rules'
import { nextAlert, responseDue, type ResponseClock } from '../../src/leads/response-clock'

const [petra, idris, mei, lena] = ['a', 'b', 'c', 'd'].map(letter => letter.repeat(24)) as [
  string,
  string,
  string,
  string,
]
const size = 'e'.repeat(24)

const rep = (id: string, given: Partial<RoutingRep> = {}): RoutingRep => ({
  ...{ id, role: 'sales', isAbsent: false, open: 0, recent: 0, lastAt: 0 },
  ...given,
})
const team = () => [rep(petra), rep(idris), rep(mei), rep(lena, { role: 'sales-lead' })]
const lead = (given: Partial<RoutingLead> = {}): RoutingLead => ({
  ...{
    company: 'acme.example',
    domain: 'acme.example',
    country: 'GB',
    topics: [],
    answers: {},
    crmOwner: null,
  },
  ...given,
})
const to = (id: string): RoutingTarget => ({ kind: 'teammate', id })
const rule = (
  target: RoutingTarget,
  when: Partial<RoutingRule['when']> = {},
  name = 'Rule',
): RoutingRule => ({
  ...{ id: name.toLowerCase(), name, target, responseHours: null },
  when: { companies: [], domains: [], countries: [], topics: [], answer: null, ...when },
})
const routing = (content: Partial<RoutingContent> = {}) => ({
  number: 4,
  content: { ...standardRouting, ...content },
})
const person = (given: Partial<RoutingPerson>) => ({ ...standardPerson, ...given })
const pool = { id: 'uk', name: 'UK', members: [petra, idris], share: 'turns' as const }

test.each<[string, Partial<RoutingRule['when']>, Partial<RoutingLead>, Partial<RoutingLead>]>([
  ['a named account', { companies: ['acme.example'] }, {}, { company: 'other.example' }],
  [
    'a private address is no named account',
    { companies: ['gmail.com'] },
    { company: 'gmail.com' },
    { company: null },
  ],
  ['a country', { countries: ['GB', 'IE'] }, { country: 'IE' }, { country: 'FR' }],
  ['a region', { countries: ['nordics'] }, { country: 'SE' }, { country: 'DE' }],
  ['an unknown country is nowhere', { countries: ['europe'] }, { country: 'PL' }, { country: null }],
  [
    'the domain of the address',
    { domains: ['gmail.com'] },
    { domain: 'gmail.com' },
    { domain: 'notgmail.com' },
  ],
  ['the ending of the domain', { domains: ['ac.uk'] }, { domain: 'cs.leeds.ac.uk' }, { domain: 'mac.uk' }],
  ['a topic', { topics: ['food', 'drink'] }, { topics: ['pumps', 'drink'] }, { topics: ['pumps'] }],
  [
    'the size of the company, as answered',
    { answer: { question: size, values: ['201–1,000', 'Over 1,000'] } },
    { answers: { [size]: 'Over 1,000' } },
    { answers: { [size]: '1–10' } },
  ],
  [
    'all that is asked',
    { countries: ['GB'], topics: ['food'] },
    { country: 'GB', topics: ['food'] },
    { country: 'GB', topics: ['pumps'] },
  ],
])('%s decides', (_what, when, inside, outside) => {
  const rules = [rule(to(mei), when, 'Mine')]
  const { owner, why } = chooseOwner(routing({ rules }), lead(inside), team())
  expect(owner).toBe(mei)
  const kind = when.companies ? 'account' : 'territory'
  expect(why).toEqual({ kind, rule: 'mine', name: 'Mine', version: 4, cause: 'new', passed: [] })
  expect(chooseOwner(routing({ rules }), lead(outside), team()).why).toMatchObject({
    kind: 'fallback',
    name: '',
  })
})

test('the owner in the CRM gets the lead, unless the CRM names nobody', () => {
  const rules = [rule({ kind: 'crm' }, {}, 'CRM'), rule(to(petra))]
  expect(chooseOwner(routing({ rules }), lead({ crmOwner: idris }), team())).toMatchObject({
    owner: idris,
    why: { kind: 'crm' },
  })
  expect(chooseOwner(routing({ rules }), lead(), team())).toMatchObject({
    owner: petra,
    why: { kind: 'everyLead' },
  })
  // Somebody whom the CRM names, but who isn't in sales any more.
  expect(chooseOwner(routing({ rules }), lead({ crmOwner: 'f'.repeat(24) }), team()).owner).toBe(petra)
})

test('the first rule that holds and has somebody free decides, and the reason says who was passed by', () => {
  const rules = [rule(to(petra), { countries: ['GB'] }, 'UK'), rule(to(idris), {}, 'Rest')]
  const people = { [petra]: person({ capacity: 3 }) }
  const choose = (given: Partial<RoutingRep>) =>
    chooseOwner(routing({ rules, people }), lead(), [rep(petra, given), rep(idris), rep(mei)])
  expect(choose({ open: 2 })).toMatchObject({ owner: petra, why: { name: 'UK', passed: [] } })
  expect(choose({ open: 3 })).toMatchObject({
    owner: idris,
    why: { name: 'Rest', passed: [{ teammate: petra, because: 'full' }] },
  })
  expect(choose({ isAbsent: true }).why.passed).toEqual([{ teammate: petra, because: 'absent' }])
})

test('without rules, the fewest open leads decide; on a tie, who has waited longest', () => {
  const choose = (...reps: RoutingRep[]) => chooseOwner(routing(), lead(), reps).owner
  expect(choose(rep(petra, { open: 2 }), rep(idris, { open: 1 }))).toBe(idris)
  expect(choose(rep(petra, { lastAt: 20 }), rep(idris, { lastAt: 10 }))).toBe(idris)
  expect(choose(rep(idris), rep(petra))).toBe(petra)
  expect(choose(rep(petra, { open: 9 }), rep(lena, { role: 'sales-lead' }))).toBe(petra)
  expect(choose(rep(lena, { role: 'sales-lead' }))).toBe(lena)
  expect(choose()).toBeNull()
})

test.each(['turns', 'load'] as const)('by %s, 1,000 leads go by weight', share => {
  const reps = [rep(petra), rep(idris), rep(mei)]
  const content = {
    rules: [rule({ kind: 'pool', id: 'uk' })],
    pools: [{ ...pool, members: [petra, idris, mei], share }],
    people: { [petra]: person({ weight: 5 }), [idris]: person({ weight: 3 }), [mei]: person({ weight: 2 }) },
  }
  for (let n = 0; n < 1000; n++) {
    const chosen = reps.find(({ id }) => id === chooseOwner(routing(content), lead(), reps).owner)!
    Object.assign(chosen, { open: chosen.open + 1, recent: chosen.recent + 1, lastAt: n + 1 })
  }
  expect(reps.map(({ recent }) => recent)).toEqual([500, 300, 200])
})

test('turns count what somebody was given, and not what they have answered', () => {
  const content = { rules: [rule({ kind: 'pool', id: 'uk' })], pools: [pool] }
  const reps = [rep(petra, { open: 0, recent: 6 }), rep(idris, { open: 5, recent: 5 })]
  expect(chooseOwner(routing(content), lead(), reps).owner).toBe(idris)
  const byLoad = { ...content, pools: [{ ...pool, share: 'load' as const }] }
  expect(chooseOwner(routing(byLoad), lead(), reps).owner).toBe(petra)
})

test('when everybody is at capacity, the overflow decides', () => {
  const full = { people: { [petra]: person({ capacity: 1 }), [idris]: person({ capacity: 1 }) } }
  const reps = [rep(petra, { open: 4 }), rep(idris, { open: 2 }), rep(lena, { role: 'sales-lead' })]
  expect(chooseOwner(routing(full), lead(), reps)).toMatchObject({ owner: idris, why: { kind: 'overflow' } })
  const upwards = routing({ ...full, overflow: 'sales-lead' })
  expect(chooseOwner(upwards, lead(), reps)).toMatchObject({ owner: lena, why: { kind: 'overflow' } })
  const allAway = reps.map(each => ({ ...each, isAbsent: true }))
  expect(chooseOwner(routing(full), lead(), allAway).owner).toBe(idris)
})

test('a lead that is taken from somebody goes to another', () => {
  const rules = [rule(to(petra), {}, 'All')]
  const choice = chooseOwner(routing({ rules }), lead(), team(), { except: petra, cause: 'absence' })
  expect(choice).toMatchObject({ owner: idris, why: { kind: 'fallback', cause: 'absence' } })
})

test('somebody is away from the first midnight of their own clock to the last', () => {
  const _id = new Types.ObjectId()
  const away = [{ teammate: _id, from: '2026-03-28', until: '2026-03-29' }]
  const isOff = (at: string, timeZone: string) => isAway({ _id, timeZone }, away, new Date(at))
  expect(isOff('2026-03-27T14:59:59Z', 'Asia/Tokyo')).toBe(false)
  expect(isOff('2026-03-27T15:00:00Z', 'Asia/Tokyo')).toBe(true)
  expect(isOff('2026-03-29T14:59:59Z', 'Asia/Tokyo')).toBe(true)
  expect(isOff('2026-03-29T15:00:00Z', 'Asia/Tokyo')).toBe(false)
  expect(isOff('2026-03-28T03:59:59Z', 'America/New_York')).toBe(false)
  expect(isOff('2026-03-28T04:00:00Z', 'America/New_York')).toBe(true)
  // The clocks of Prague change in the last night, so the day ends an hour earlier in UTC.
  expect(isOff('2026-03-29T21:59:59Z', 'Europe/Prague')).toBe(true)
  expect(isOff('2026-03-29T22:00:00Z', 'Europe/Prague')).toBe(false)
  expect(isAway({ _id: new Types.ObjectId(), timeZone: null }, away, new Date('2026-03-28T12:00:00Z'))).toBe(
    false,
  )
})

describe('the response clock', () => {
  const clock = (given: Partial<ResponseClock> = {}): ResponseClock => ({
    ...{ hours: 4, days: [1, 2, 3, 4, 5], opens: 540, closes: 1020, daysOff: [] },
    ...{ remindBefore: 1, escalateAfter: 0, reassignAfter: 8 },
    ...given,
  })
  const wait = (since: string, given: Partial<ResponseClock> = {}, timeZone = 'Europe/London') => ({
    ...{ since: new Date(since), timeZone, clock: clock(given), snoozedUntil: null },
  })
  const due = (...given: Parameters<typeof wait>) => responseDue(wait(...given)).toISOString()

  test('counts the owner’s own hours, days and days off', () => {
    // Christmas Eve, a Thursday, at three in the afternoon.
    expect(due('2026-12-24T15:00:00Z')).toBe('2026-12-25T11:00:00.000Z')
    const daysOff = ['2026-12-25', '2026-12-28']
    expect(due('2026-12-24T15:00:00Z', { daysOff })).toBe('2026-12-29T11:00:00.000Z')
    expect(due('2026-12-24T15:00:00Z', { days: [4, 6] })).toBe('2026-12-26T11:00:00.000Z')
    expect(due('2026-11-23T09:00:00Z', { opens: 600, closes: 720, hours: 3 })).toBe(
      '2026-11-24T11:00:00.000Z',
    )
    // Spring forward on a Sunday that is worked: the office still opens at nine on the clock.
    expect(due('2026-03-28T16:00:00Z', { days: [6, 7], hours: 2 })).toBe('2026-03-29T09:00:00.000Z')
    expect(due('2026-11-23T15:00:00Z', {}, 'Asia/Kolkata')).toBe('2026-11-24T07:30:00.000Z')
  })

  test('reminds before the response is due, then escalates, then takes the lead away; each once', () => {
    const monday = wait('2026-11-23T09:00:00Z')
    const next = (...done: ('remind' | 'escalate' | 'reassign')[]) => {
      const alert = nextAlert(monday, done)
      return alert && [alert.what, alert.at.toISOString()]
    }
    expect(next()).toEqual(['remind', '2026-11-23T12:00:00.000Z'])
    expect(next('remind')).toEqual(['escalate', '2026-11-23T13:00:00.000Z'])
    expect(next('remind', 'escalate')).toEqual(['reassign', '2026-11-24T13:00:00.000Z'])
    expect(next('remind', 'escalate', 'reassign')).toBeNull()
    expect(nextAlert({ ...monday, clock: null }, [])).toBeNull()
    expect(
      nextAlert(
        wait('2026-11-23T09:00:00Z', { remindBefore: null, escalateAfter: null, reassignAfter: null }),
        [],
      ),
    ).toBeNull()
  })

  test('waits while a lead is set aside', () => {
    const snoozedUntil = new Date('2026-11-25T09:00:00Z')
    const aside = { ...wait('2026-11-23T09:00:00Z'), snoozedUntil }
    expect(nextAlert(aside, [])).toEqual({ what: 'remind', at: snoozedUntil })
    expect(nextAlert(aside, ['remind'])).toEqual({ what: 'escalate', at: snoozedUntil })
  })
})
