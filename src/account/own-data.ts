import { stringify } from 'csv-stringify/sync'
import type { RequestHandler, Response } from 'express'
import { now } from '../platform/clock'
import { Events, type Event } from '../events/event'
import { Deliveries, type Delivery } from '../webhooks/delivery'
import { Messages, withoutTokens, type Message } from '../webhooks/message'
import { Attempts, type Attempt } from '../learning/attempt'
import { Certificates, type Certificate } from '../learning/certificate'
import { Enrolments, type Enrolment } from '../learning/enrolment'
import { Emails, type Email } from '../mail/email'
import { Orders, type Order } from '../orders/order'
import { Consents, type Consent } from '../people/consent'
import type { Person } from '../people/person'
import { explainScore } from '../scoring/explain'
import type { Translate } from '../web/i18n'
import { recipientsOf, deliveriesAbout } from './recipients'

/** What there is of somebody, and the two doors: take it along, or have it erased. */
export const show: RequestHandler = (_request, response) => {
  response.render('account/data', shown(response))
}

/** All of it, as one JSON document. */
export const download: RequestHandler = async (request, response) => {
  const day = now().toISOString().slice(0, 10)
  response.attachment(`lyceum-${day}.json`).type('json')
  response.send(JSON.stringify(await dataOf(request.user!), null, 2))
}

/** Every event of theirs as a table; what a spreadsheet would take for a formula is made text. */
export const table: RequestHandler = async (request, response) => {
  const events = await eventsOf(request.user!._id)
  const rows = events.map(({ at, name, data }) => [at.toISOString(), name, JSON.stringify(data)])
  response.attachment(`lyceum-events-${now().toISOString().slice(0, 10)}.csv`).type('csv')
  response.send(stringify([['at', 'event', 'data'], ...rows], { bom: true, escape_formulas: true }))
}

/** What the page needs, also when its form comes back. */
export function shown(response: Response) {
  return { head: { title: (response.locals.t as Translate)('account:data.title'), noindex: true } }
}

/** What somebody did and what happened to them. That a colleague learns here is part of it; who that is, is the colleague's own. */
async function eventsOf(person: Person['_id']): Promise<Event[]> {
  const events = await Events.find({ person }, { name: 1, at: 1, course: 1, data: 1 })
    .sort({ at: -1 })
    .lean<Event[]>()
  return events.map(event => (event.name === 'colleague.active' ? { ...event, data: {} } : event)) as Event[]
}

async function dataOf(record: Person) {
  const { passwordHash, ...person } = record
  const about = { person: person._id }
  const [consents, events, enrolments, attempts, certificates, orders, letters, deliveries, messages] =
    await Promise.all([
      Consents.find(about).sort({ givenAt: -1 }).lean<Consent[]>(),
      eventsOf(person._id),
      Enrolments.find(about),
      Attempts.find(about),
      Certificates.find(about),
      Orders.find(about).lean<Order[]>(),
      Emails.find(about, { html: 0, leaseToken: 0, leaseUntil: 0 }).sort({ createdAt: -1 }).lean<Email[]>(),
      Deliveries.find(about, { attemptLog: 0, leaseToken: 0, leaseUntil: 0 })
        .sort({ createdAt: -1 }),
      Messages.find(about).sort({ sequence: -1 }),
    ])
  return {
    madeAt: now(),
    person: { ...person, hasPassword: passwordHash !== null },
    consents,
    score: await explainScore(person._id),
    recipients: { systems: await recipientsOf(person._id), sales: await deliveriesAbout(person._id) },
    events,
    enrolments,
    attempts,
    certificates,
    orders,
    letters,
    deliveries,
    messages: messages.map(({ body, ...message }) => ({
      ...message,
      body: body && JSON.parse(withoutTokens(body)),
    })),
  }
}
