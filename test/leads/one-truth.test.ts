import { Types } from 'mongoose'
import { days, later } from '../../src/platform/clock'
import type { EventName } from '../../src/events/definitions'
import type { Person } from '../../src/people/person'
import { leadState, leadStateAfter, salesInterestIn, type LeadState } from '../../src/leads/lead-state'
import { canAccept, canReject, canReturn, canSnooze } from '../../src/leads/change-lead'
import { firstModel } from '../../src/scoring/first-model'
import type { Model } from '../../src/scoring/model'
import type { Ledger } from '../../src/scoring/read-ledger'
import { evaluate } from '../../src/scoring/score-person'
import { canSeeLearning } from '../../src/webhooks/delivery-consent'
import { messagesFrom } from '../../src/webhooks/message-types'
import { historyOf, randomOf, type Action } from './histories'

/*
 * Random histories of one lead, computed without a database: the same decisions, the same state and the same messages
 * as in the application, 20,000 times. one-truth-database.test.ts runs some of them through the whole application.
 */

const firstSeed = Number(process.env.HISTORY_SEED ?? 20_261_129)
const count = Number(process.env.HISTORIES ?? 10_000)
const domain = 'northwind-pumps.example'
const teammates = [new Types.ObjectId(), new Types.ObjectId()]

type World = {
  person: Person
  at: Date
  ledger: Ledger
  excluded: boolean
  /** What the CRM was last told about the lead; null before the first message. */
  told: string | null
  serial: number
}

function newWorld(): World {
  const person = {
    _id: new Types.ObjectId(),
    email: `ada@${domain}`,
    name: 'Ada Okafor',
    role: 'prospect',
    title: 'Head of Enablement',
    emailKind: 'company',
    company: { domain, name: 'Northwind Pumps' },
    consents: ['profiling', 'share_with_sales'],
    sharingPausedAt: null,
    needsAssessment: null,
    country: 'GB',
  } as Partial<Person> as Person
  return { person, at: new Date('2026-11-23T09:00:00Z'), ledger: [], excluded: false, told: null, serial: 0 }
}

function add(world: World, name: EventName, key: (string | number)[], data: object, at = world.at): void {
  const _id = [name, world.person._id, ...key].join(':')
  if (world.ledger.some(event => event._id === _id)) return
  world.ledger.push({ _id, name, at, recordedAt: world.at, course: null, data } as Ledger[number])
}

/** Does what a learner, a teammate, a CRM, an administrator or the clock does. False when it isn't possible now. */
function act(world: World, action: Action): boolean {
  const { person } = world
  const state = leadState(world.ledger)
  const change = (name: EventName, data: object) =>
    add(world, name, [state!.sequence, state!.changeCount], data)
  const serial = ++world.serial
  // No two things happen in the same millisecond.
  world.at = later(world.at, 1)
  switch (action.what) {
    case 'learns':
      add(world, 'course.completed', [serial], { revision: 'r', title: 'Pumps', topics: ['pumps'] })
      break
    case 'views pricing':
      add(world, 'pricing.viewed', [serial], { seconds: 60 })
      break
    case 'requests contact':
      add(world, 'contact.requested', [serial], { kind: 'demo', text: '', title: null })
      break
    case 'pauses':
      if (!person.consents.includes('share_with_sales')) return false
      add(world, 'sharing.paused', [serial], { change: serial })
      person.consents = person.consents.filter(each => each !== 'share_with_sales')
      person.sharingPausedAt = world.at
      break
    case 'resumes':
      if (!person.sharingPausedAt) return false
      add(world, 'sharing.resumed', [serial], { change: serial })
      person.consents = [...person.consents, 'share_with_sales']
      person.sharingPausedAt = null
      break
    case 'withdraws':
      if (!person.consents.includes('share_with_sales')) return false
      add(world, 'consent.withdrawn', [serial], { purpose: 'share_with_sales', consent: null })
      person.consents = person.consents.filter(each => each !== 'share_with_sales')
      break
    case 'agrees':
      if (person.consents.includes('share_with_sales') || person.sharingPausedAt) return false
      add(world, 'consent.given', [serial], { purpose: 'share_with_sales', consent: 'c' })
      person.consents = [...person.consents, 'share_with_sales']
      break
    case 'accepts':
      if (!isVisible(world, state) || !canAccept(state!)) return false
      change('lead.accepted', { by: String(teammates[action.teammate]), source: 'sales' })
      break
    case 'rejects':
      if (!isVisible(world, state) || !canReject(state!)) return false
      change('lead.rejected', {
        by: String(teammates[action.teammate]),
        source: 'sales',
        reason: 'timing',
        text: '',
      })
      break
    case 'returns':
      if (!isVisible(world, state) || !canReturn(state!)) return false
      change('lead.returned', { by: String(teammates[action.teammate]), source: 'sales', text: '' })
      break
    case 'undoes': {
      const kind = isVisible(world, state) && state!.disposition?.by ? state!.disposition.kind : null
      if (state?.status !== kind || (kind !== 'accepted' && kind !== 'rejected')) return false
      const by = String(state!.disposition!.by)
      change(kind === 'accepted' ? 'lead.acceptance_undone' : 'lead.rejection_undone', { by })
      break
    }
    case 'reassigns':
      if (!isVisible(world, state)) return false
      change('lead.assigned', {
        owner: String(teammates[action.teammate]),
        from: null,
        by: String(teammates[0]),
      })
      break
    case 'snoozes':
      if (!isVisible(world, state) || !canSnooze(state!)) return false
      change('lead.snoozed', {
        by: String(teammates[action.teammate]),
        until: later(world.at, days(2)).toISOString(),
        text: '',
      })
      break
    case 'wakes':
      if (!isVisible(world, state) || !state!.snooze) return false
      change('lead.snooze_ended', { by: String(teammates[action.teammate]) })
      break
    case 'plans': {
      if (!isVisible(world, state)) return false
      const by = String(teammates[action.teammate])
      add(world, 'lead.next_step_set', [by, serial], { by, text: `Step ${serial}`, due: null })
      break
    }
    case 'excludes':
    case 'includes':
      world.excluded = action.what === 'excludes'
      break
    case 'passes':
      world.at = later(world.at, action.milliseconds)
      break
    default:
      // A CRM only reports about leads that it knows.
      if (!state) return false
      add(world, action.what, [serial], outcomeData(action), later(world.at, -days(action.daysAgo)))
  }
  return true
}

function outcomeData({ what, deal, amount }: Extract<Action, { by: 'crm' }>): object {
  if (what === 'lead.rejected') return { by: null, source: 'crm', reason: 'timing', text: '' }
  if (what === 'lead.returned') return { by: null, source: 'crm', text: '' }
  if (what === 'lead.accepted') return { by: null, source: 'crm' }
  if (what === 'lead.contacted') return { source: 'crm' }
  if (what === 'opportunity.lost') return { deal, reason: 'price', text: '' }
  return what === 'opportunity.reopened'
    ? { deal }
    : { deal, amount, currency: amount === null ? null : 'EUR' }
}

const isVisible = (world: World, state: LeadState | null) =>
  state !== null && state.shared && canSeeLearning(world.person)

/** Scores the person until nothing more is decided, as `scorePerson` does. */
function settle(world: World): void {
  const blocked = { ...firstModel.blocked, domains: world.excluded ? [domain] : [], titles: [] }
  const model = { _id: 1, content: { ...firstModel, blocked } } as Partial<Model> as Model
  for (let round = 0; round < 3; round++) {
    const { ledger, at } = world
    const { decision, sequence, changes, fit, grade, scored } = evaluate(
      world.person,
      ledger,
      model,
      { objected: false, colleagueDeals: [], answers: {} },
      at,
      salesInterestIn(ledger),
    )
    if (decision.action === 'none') return
    if (decision.action === 'qualify') {
      const data = {
        trigger: decision.trigger,
        band: grade,
        score: scored.points,
        fit,
        sequence: sequence + 1,
      }
      add(world, 'lead.qualified', [sequence + 1], data)
      if (!leadState(world.ledger)!.owner) {
        const { changeCount } = leadState(world.ledger)!
        add(world, 'lead.assigned', [sequence + 1, changeCount], {
          owner: String(teammates[0]),
          from: null,
          by: null,
        })
      }
    } else {
      const { reason } = decision
      add(world, 'lead.disqualified', [sequence, reason, changes], { reason, score: scored.points })
    }
  }
}

/** Sends the CRM the messages that follow from new events, as `queueDeliveries` does. */
function tell(world: World, events: Ledger): void {
  for (const event of events) {
    for (const { basis, recipients } of messagesFrom(event.name)) {
      if (recipients !== 'subscribers' && world.told === null) continue
      if (basis === 'consent' && !canSeeLearning(world.person)) continue
      if (basis === 'request' && world.person.sharingPausedAt) continue
      const state = leadState(world.ledger)
      if (event.name === 'lead.disqualified' && state?.status !== 'closed') continue
      world.told = whatSalesSees(state)
    }
  }
}

/** What both sales pages and a CRM show about a lead. */
function whatSalesSees(state: LeadState | null): string {
  if (!state) return 'not a lead'
  if (state.status === 'closed') return 'closed'
  const { status, owner, disposition, deals, snooze, nextStep } = state
  const response = disposition && [disposition.kind, String(disposition.by), disposition.reason]
  return JSON.stringify([
    status,
    String(owner),
    response,
    snooze?.until,
    nextStep?.text,
    deals.map(deal => [deal.id, deal.state, deal.amount]),
  ])
}

test(`in ${count} random histories, sales, CRM and a replay of the ledger agree after every step`, () => {
  const counts = new Map<string, number>()
  for (let n = 0; n < count; n++) {
    const seed = firstSeed + n
    const world = newWorld()
    const done: string[] = [`HISTORY_SEED=${seed}`]
    for (const action of historyOf(randomOf(seed))) {
      const before = world.ledger.length
      if (!act(world, action)) continue
      done.push(`${action.by} ${action.what}`)
      settle(world)
      tell(world, world.ledger.slice(before))
      const state = leadState(world.ledger)
      const wrong = contradiction(world, state, action)
      if (wrong) throw new Error(`${wrong}\n${done.join('\n')}\n${JSON.stringify(state, null, 1)}`)
      if (state) counts.set(state.status, (counts.get(state.status) ?? 0) + 1)
    }
    const difference = replayDifference(world)
    if (difference) throw new Error(`${difference}\n${done.join('\n')}`)
  }
  // Every status occurs, so that none is left untested.
  for (const status of [
    'new',
    'accepted',
    'contacted',
    'opportunity',
    'won',
    'lost',
    'rejected',
    'returned',
    'closed',
  ])
    expect(counts.get(status) ?? 0).toBeGreaterThan(count / 100)
})

function contradiction(world: World, state: LeadState | null, action: Action): string | null {
  const sees = whatSalesSees(state)
  if (world.told !== null && state && world.told !== sees)
    return `the CRM was told ${world.told}, sales sees ${sees}`
  if (!state) return null
  const { consents, sharingPausedAt } = world.person
  if (state.shared && (sharingPausedAt || !consents.includes('share_with_sales')))
    return 'sales sees what is not shared'
  if (state.closed?.reason === 'cooled' && salesInterestIn(world.ledger).isWithSales)
    return 'a lead cooled while sales works on it'
  if (action.what === 'resumes' && state.closed?.reason === 'paused') return 'a resumed lead is still paused'
  return null
}

/** Returns whether the ledger leads to a different state when its events arrive in another order, or one by one. */
function replayDifference({ ledger }: World): string | null {
  const state = JSON.stringify(leadState(ledger))
  if (JSON.stringify(leadState([...ledger].reverse())) !== state)
    return 'the state depends on the order of arrival'
  return JSON.stringify(stepByStep(ledger)) === state ? null : 'a replay comes to another state'
}

/** The state computed event by event, from the ledger in its order. */
function stepByStep(ledger: Ledger): LeadState | null {
  const first = ledger.findIndex(({ name }) => name === 'lead.qualified')
  if (first < 0) return null
  let prefix: Ledger = []
  let state: LeadState | null = null
  for (const event of ledger) {
    const isLatest = prefix.every(each => each.at < event.at)
    prefix = [...prefix, event]
    state = isLatest && state ? leadStateAfter(state, event) : leadState(prefix)
  }
  return state
}

test('a pause that ends leaves a lead as it was, whatever its state', () => {
  for (let n = 0; n < count / 10; n++) {
    const world = newWorld()
    for (const action of historyOf(randomOf(firstSeed + n))) if (act(world, action)) settle(world)
    const before = leadState(world.ledger)
    if (!before?.shared) continue
    act(world, { by: 'learner', what: 'pauses' })
    settle(world)
    expect(leadState(world.ledger)).toMatchObject({ status: 'closed', shared: false })
    act(world, { by: 'learner', what: 'resumes' })
    settle(world)
    const {
      sequence: _sequence,
      respondBy: _respondBy,
      awaitedSince: _since,
      closed,
      ...after
    } = leadState(world.ledger)!
    const {
      sequence: _before,
      respondBy: _dueBefore,
      awaitedSince: _sinceBefore,
      closed: closedBefore,
      ...expected
    } = before
    if (JSON.stringify(after) !== JSON.stringify(expected) || !closed !== !closedBefore) {
      throw new Error(
        `HISTORY_SEED=${firstSeed + n}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`,
      )
    }
  }
})
