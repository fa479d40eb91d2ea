import type { Request, Response } from 'express'
import type { QueryFilter } from 'mongoose'
import { Endpoints, type Endpoint } from '../webhooks/endpoint'
import { Outcomes, type Outcome } from '../crm/outcome'
import { People, type Person } from '../people/person'
import { Leads, type Lead } from '../leads/lead'
import { parametersOf } from '../web/parameters'

const pageSize = 30

/** `GET /integrations/inbound-events`: what came back from CRMs, newest first. */
export async function index(request: Request, response: Response): Promise<void> {
  const { before } = parametersOf(request)
  const [found, counted] = await Promise.all([
    Outcomes.find(olderThan(before))
      .sort({ receivedAt: -1, _id: -1 })
      .limit(pageSize + 1)
      .lean<Outcome[]>(),
    Promise.all([
      Outcomes.countDocuments({ state: 'applied' }),
      Outcomes.countDocuments({ state: 'unmatched' }),
      Outcomes.countDocuments({ type: 'opportunity.won' }),
    ]),
  ])
  const [applied, unmatched, won] = counted
  const shown = found.slice(0, pageSize)
  const last = shown.at(-1)
  response.render('integrations/inbound-events', {
    layout: 'workspace',
    nav: 'outcomes',
    head: { title: response.locals.t('integrations:outcomes.title') },
    outcomes: shown,
    names: await namesOf(shown),
    senders: await sendersOf(shown),
    numbers: { applied, unmatched, won },
    pages: {
      newer: before ? '/integrations/inbound-events' : null,
      older:
        found.length > pageSize && last
          ? `/integrations/inbound-events?before=${encodeURIComponent(`${last.receivedAt.toISOString()}_${last._id}`)}`
          : null,
    },
  })
}

function olderThan(before: string | undefined): QueryFilter<Outcome> {
  const [moment, ...rest] = (before ?? '').split('_')
  const receivedAt = new Date(moment ?? '')
  if (Number.isNaN(receivedAt.getTime())) return {}
  return { $or: [{ receivedAt: { $lt: receivedAt } }, { receivedAt, _id: { $lt: rest.join('_') } }] }
}

/** Names of those who still share with sales. */
async function namesOf(outcomes: Outcome[]): Promise<Map<string, string>> {
  const ids = outcomes.flatMap(({ person }) => (person ? [person] : []))
  const leads = await Leads.find({ _id: { $in: ids }, shared: true }, { _id: 1 }).lean<Lead[]>()
  const people = await People.find({ _id: { $in: leads.map(({ _id }) => _id) } }, { name: 1 }).lean<
    Person[]
  >()
  return new Map(people.map(person => [String(person._id), person.name]))
}

async function sendersOf(outcomes: Outcome[]): Promise<Map<string, string>> {
  const ids = outcomes.map(({ endpoint }) => endpoint)
  const endpoints = await Endpoints.find({ _id: { $in: ids } }, { name: 1 }).lean<Endpoint[]>()
  return new Map(endpoints.map(endpoint => [String(endpoint._id), endpoint.name]))
}
