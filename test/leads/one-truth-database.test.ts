import { later, now, days } from '../../src/platform/clock'
import { HttpError } from '../../src/platform/errors'
import { record } from '../../src/events/record'
import {
  acceptLead,
  assignLead,
  canSnooze,
  endSnooze,
  rejectLead,
  returnLead,
  snoozeLead,
  undoableResponse,
  undoResponse,
} from '../../src/leads/change-lead'
import { applyOutcome } from '../../src/leads/apply-outcome'
import { Leads } from '../../src/leads/lead'
import { setNextStep } from '../../src/leads/lead-note'
import { leadState, type LeadState } from '../../src/leads/lead-state'
import { giveConsent } from '../../src/people/give-consent'
import { pauseSharing } from '../../src/people/pause-sharing'
import type { Person } from '../../src/people/person'
import { resumeSharing } from '../../src/people/resume-sharing'
import { withdrawConsent } from '../../src/people/withdraw-consent'
import { blockCompetitors } from '../../src/scoring/block-competitors'
import { activeModel } from '../../src/scoring/model'
import { readLedger } from '../../src/scoring/read-ledger'
import { openEndpointServer, closeEndpointServers, type EndpointServer } from '../webhooks/endpoint-server'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { advance, setTime } from '../kit/clock'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { historyOf, randomOf, type Action } from './histories'

/* The random histories of one-truth.test.ts, through the whole application: database, worker, messages and pages. */

const firstSeed = Number(process.env.HISTORY_SEED ?? 20_261_129)
const count = Number(process.env.HISTORIES ?? 10)

const firstAction: Action = { by: 'learner', what: 'requests contact' }

let academy: Academy
let crm: EndpointServer
let sales: Visitor
let teammates: Person[]

beforeAll(async () => {
  setTime('2026-11-23T09:00:00Z')
  academy = await openAcademy()
  teammates = [
    await make.person({ role: 'sales', name: 'Petra Novotná' }),
    await make.person({ role: 'sales', name: 'Idris Bello' }),
  ]
  sales = await as(await make.person({ role: 'sales-lead' }))
  crm = await openEndpointServer({ perSecond: 50 })
})
afterAll(async () => {
  await closeEndpointServers()
  await academy.close()
})

test(`in ${count} random histories, the page, the CRM and the ledger show the same lead after every step`, async () => {
  const statuses = new Set<string>()
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const ada = await make.person({ title: 'Head of Enablement' })
    crm.received.length = 0
    const done = [`HISTORY_SEED=${seed} HISTORIES=1`]
    for (const action of [firstAction, ...historyOf(randomOf(seed))]) {
      advance(1)
      await act(ada, action).catch(error => {
        if (!(error instanceof HttpError)) throw error
      })
      await runAllDue()
      done.push(`${action.by} ${action.what}`)
      const state = leadState(await readLedger(ada._id))
      if (state) statuses.add(state.status)
      try {
        await expectOneTruth(ada, state)
      } catch (error) {
        throw new Error(`${done.join('\n')}\n${(error as Error).message}`, { cause: error })
      }
    }
    await includeAgain(ada)
  }
  expect(statuses.size).toBeGreaterThan(5)
}, 300_000)

async function expectOneTruth({ _id }: Person, state: LeadState | null): Promise<void> {
  const stored = await Leads.findById(_id)
  expect(stored === null).toBe(state === null)
  if (!state) return
  expect(stored).toMatchObject({ ...state, shared: state.shared })
  const last = crm.received
    .map(({ body }) => JSON.parse(body) as Message)
    .filter(({ data }) => (data.external_id ?? data.person?.external_id) === String(_id))
    .sort((a, b) => a.sequence - b.sequence)
    .at(-1)
  if (last) {
    const told =
      last.type === 'lead.disqualified' ? { status: 'closed', snoozed_until: null } : last.data.lead
    if (state.status === 'closed') expect(told!.status).toBe('closed')
    else {
      expect(told).toMatchObject({
        status: state.status,
        next_step: state.nextStep && { text: state.nextStep.text },
        response: state.disposition && { kind: state.disposition.kind, source: state.disposition.source },
        deals: state.deals.map(({ id, state: dealState, amount }) => ({
          id,
          state: dealState,
          amount_minor: amount,
        })),
      })
      expect(told!.snoozed_until).toBe(state.snooze && state.snooze.until.toISOString())
      const owner = teammates.find(teammate => teammate._id.equals(state.owner ?? undefined))
      expect(last.data.routing!.owner).toBe(owner?.email)
    }
  }
  const page = await sales.get(`/sales/leads/${_id}`)
  expect(page.status).toBe(state.shared ? 200 : 410)
  if (state.shared) expect(page.text).toContain(`data-status="${state.status}"`)
}

type Message = {
  type: string
  sequence: number
  data: {
    external_id?: string
    person?: { external_id: string }
    lead?: { status: string; snoozed_until: string | null }
    routing?: { owner: string | null }
  }
}

let serial = 0
async function act(ada: Person, action: Action): Promise<void> {
  const person = ada._id
  const key = { person, idempotencyKey: [++serial] }
  const teammate = 'teammate' in action ? teammates[action.teammate]!._id : null
  const lead = await Leads.findOne({ _id: person, shared: true })
  switch (action.what) {
    case 'learns':
      return void (await record({
        name: 'course.completed',
        ...key,
        data: { revision: 'r', title: 'Pumps', topics: [] },
      }))
    case 'views pricing':
      return void (await record({ name: 'pricing.viewed', ...key, data: { seconds: 60 } }))
    case 'requests contact':
      return void (await record({
        name: 'contact.requested',
        ...key,
        data: { kind: 'demo', text: '', title: null },
      }))
    case 'pauses':
      return pauseSharing(person)
    case 'resumes':
      return resumeSharing(person)
    case 'withdraws':
      return void (await withdrawConsent(person, 'share_with_sales'))
    case 'agrees':
      return void (await giveConsent(person, {
        purpose: 'share_with_sales',
        text: 'I agree',
        locale: 'en',
        page: '/account',
      }))
    case 'accepts':
      return void (lead && (await acceptLead(lead, teammate!)))
    case 'rejects':
      return void (lead && (await rejectLead(lead, teammate!, 'timing', '')))
    case 'returns':
      return void (lead && (await returnLead(lead, teammate!, '')))
    case 'undoes': {
      const response = lead && undoableResponse(lead, teammate!)
      return void (response && (await undoResponse(lead, teammate!, response)))
    }
    case 'reassigns':
      return void (lead && (await assignLead(lead, String(teammate), teammate!)))
    case 'snoozes':
      return void (lead && canSnooze(lead) && (await snoozeLead(lead, teammate!, later(now(), days(2)), '')))
    case 'wakes':
      return void (lead && (await endSnooze(lead, teammate!)))
    case 'plans':
      return void (lead && (await setNextStep(person, teammate!, `Step ${serial}`, null, `key-${serial}`)))
    case 'excludes':
      await block([ada.company!.domain])
      return void advance(days(1))
    case 'includes':
      return includeAgain(ada)
    case 'passes':
      return void advance(action.milliseconds)
    default:
      if (await Leads.exists({ _id: person }))
        await applyOutcome({
          id: `o${serial}`,
          name: action.what,
          person,
          at: later(now(), -days(action.daysAgo)),
          deal: action.deal,
          amount: action.amount,
          currency: action.amount === null ? null : 'EUR',
          reason: 'timing',
          text: '',
        })
  }
}

async function includeAgain(ada: Person): Promise<void> {
  if (!(await activeModel()).content.blocked.domains.includes(ada.company!.domain)) return
  await block([])
  advance(days(1))
  await runAllDue()
}

async function block(domains: string[]): Promise<void> {
  await blockCompetitors(domains, (await activeModel())._id)
}
