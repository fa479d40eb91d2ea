import type { EventName } from '../../src/events/definitions'
import { leadState } from '../../src/leads/lead-state'
import { addOfficeHours } from '../../src/leads/office-hours'

const due = (at: string, timeZone: string, officeHours = 4) =>
  addOfficeHours(new Date(at), officeHours, timeZone).toISOString()

test.each([
  [
    'on a Monday morning in London, a rep has until the afternoon',
    '2026-11-23T09:42:00Z',
    '2026-11-23T13:42:00.000Z',
  ],
  [
    'at three in the afternoon, two hours are left for tomorrow',
    '2026-11-23T15:00:00Z',
    '2026-11-24T11:00:00.000Z',
  ],
  [
    'exactly four hours before the office closes, it is due then',
    '2026-11-23T13:00:00Z',
    '2026-11-23T17:00:00.000Z',
  ],
  ['at night, the clock starts in the morning', '2026-11-23T02:00:00Z', '2026-11-23T13:00:00.000Z'],
  ['on a Friday afternoon, the rest is due on Monday', '2026-11-27T15:30:00Z', '2026-11-30T11:30:00.000Z'],
  [
    'on a Saturday night, nobody has to answer before Monday',
    '2026-11-28T23:10:00Z',
    '2026-11-30T13:00:00.000Z',
  ],
  ['when the office has just closed for the week', '2026-11-27T17:00:00Z', '2026-11-30T13:00:00.000Z'],
])('%s', (_what, at, expected) => {
  expect(due(at, 'Europe/London')).toBe(expected)
})

test('the same moment leads to another due time for a rep in another time zone', () => {
  const at = '2026-11-23T20:00:00Z'
  expect(due(at, 'America/New_York')).toBe('2026-11-24T16:00:00.000Z')
  expect(due(at, 'Europe/Prague')).toBe('2026-11-24T12:00:00.000Z')
  expect(due(at, 'Asia/Tokyo')).toBe('2026-11-24T04:00:00.000Z')
  expect(due(at, 'Asia/Kolkata')).toBe('2026-11-24T07:30:00.000Z')
  // It is Saturday in Auckland already.
  expect(due('2026-11-27T12:00:00Z', 'Pacific/Auckland')).toBe('2026-11-30T00:00:00.000Z')
})

test.each([
  [
    'in spring, when the night of Sunday has no third hour',
    '2026-03-27T15:00:00Z',
    'Europe/Prague',
    '2026-03-30T10:00:00.000Z',
  ],
  [
    'in autumn, when the night of Sunday has one hour twice',
    '2026-10-23T14:00:00Z',
    'Europe/Prague',
    '2026-10-26T11:00:00.000Z',
  ],
  ['where the clocks skip midnight', '2018-11-02T19:00:00Z', 'America/Sao_Paulo', '2018-11-05T14:00:00.000Z'],
])('the office keeps its hours across a clock change: %s', (_what, at, timeZone, expected) => {
  expect(due(at, timeZone)).toBe(expected)
})

test('as many office hours lie before the due time as were asked for, from any start and in any zone', () => {
  for (const timeZone of [
    'UTC',
    'Europe/Prague',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  ]) {
    const start = Date.UTC(2026, 2, 20)
    for (let quarter = 0; quarter < 4 * 24 * 21; quarter += 7) {
      const at = new Date(start + quarter * 900_000)
      expect(minutesInOffice(at, addOfficeHours(at, 4, timeZone), timeZone)).toBe(240)
    }
  }
})

/** Counts the office minutes between two moments one by one, in steps of 15. */
function minutesInOffice(from: Date, until: Date, timeZone: string): number {
  const format = new Intl.DateTimeFormat('en-GB', {
    weekday: 'short',
    hour: '2-digit',
    hourCycle: 'h23',
    timeZone,
  })
  let count = 0
  for (let moment = from.getTime(); moment < until.getTime(); moment += 900_000) {
    const [weekday, hour] = format.format(moment).split(/,? /)
    if (!/Sat|Sun/.test(weekday!) && Number(hour) >= 9 && Number(hour) < 17) count += 15
  }
  return count
}

describe('the response to a lead', () => {
  const owner = '6921f0c2a4b1d3e5f7a90b12'
  const event = (name: EventName, at: string, data: object, number = 0) => ({
    _id: `${name}:ada:1:${number}`,
    name,
    at: new Date(at),
    data,
  })
  const qualified = (trigger: string, at: string) => event('lead.qualified', at, { trigger, sequence: 1 })
  const assigned = (at: string, timeZone: string | null, number = 0) =>
    event('lead.assigned', at, { owner, from: null, by: null, timeZone }, number)
  const dueOf = (...events: object[]) =>
    leadState(events as Parameters<typeof leadState>[0])!.respondBy.toISOString()

  test('is due in the office hours of its owner, however often the ledger is replayed', () => {
    const saturday = qualified('score', '2026-11-28T20:00:00Z')
    const events = [saturday, assigned('2026-11-28T20:00:01Z', 'America/New_York')]
    expect(dueOf(...events)).toBe('2026-11-30T18:00:00.000Z')
    expect(dueOf(...[...events].reverse())).toBe('2026-11-30T18:00:00.000Z')
    expect(dueOf(saturday, assigned('2026-11-28T20:00:01Z', null))).toBe('2026-11-30T13:00:00.000Z')
  })

  test('is due four hours after the hand-off for the next owner too, who starts no new clock', () => {
    const monday = qualified('score', '2026-11-23T08:00:00Z')
    const first = assigned('2026-11-23T08:00:01Z', 'Europe/Prague')
    const second = assigned('2026-11-24T15:00:00Z', 'Europe/Prague', 1)
    expect(dueOf(monday, first, second)).toBe('2026-11-23T12:00:00.000Z')
  })

  test('starts a new clock when the lead is back after a pause', () => {
    const events = [
      qualified('score', '2026-11-23T08:00:00Z'),
      assigned('2026-11-23T08:00:01Z', 'Europe/Prague'),
      event('lead.disqualified', '2026-11-23T09:00:00Z', { reason: 'paused', score: null }),
      qualified('resumed', '2026-11-25T08:00:00Z'),
    ]
    expect(dueOf(...events)).toBe('2026-11-25T12:00:00.000Z')
  })
})
