import { config } from './platform/config'
import type { Published } from './courses/published'
import type { Event } from './events/event'
import { causeOf, type Alert } from './webhooks/alert'
import type { Endpoint } from './webhooks/endpoint'
import { deleteEmailsOf } from './mail/delete-emails'
import { queueEmail } from './mail/queue-email'
import { activeConsent } from './people/consent'
import { firstNameOf } from './people/first-name'
import { issueLink } from './people/link'
import { People, type Person } from './people/person'
import { hasObjected } from './people/suppression'
import { unsubscribeToken } from './people/unsubscribe-token'
import { headlineOf } from './scoring/evidence'
import { Leads, type Lead } from './leads/lead'
import { readLedger } from './scoring/read-ledger'
import { createLeadActionLink } from './leads/lead-action-link'
import { translator, languages } from './web/i18n'
import { renderEmail } from './web/render-email'

/**
 * EVERY LETTER that follows from something that happens: which event, to whom, which view (views/mail). Each is a reaction, so it may run
 * twice; its id comes from the event, so it is sent once. The letters that somebody asks for at the door (links to sign in and to
 * join) are in account/letters.ts.
 */

/** You are in, and this is where to stop the sharing; whom an administrator has added to the team learns how to sign in. */
export async function sendWelcome(event: Event<'person.signed_up'>) {
  if (event.data.how !== 'invited') return sendTo('welcome', event, {})
  const person = await People.findOne({ _id: event.person, erasedAt: null }).lean<Person>()
  if (!person) return
  const { role, email } = person
  await queueTo(person, 'invited', `invited:${event._id}`, { role, email, href: `${config.baseUrl}/sign-in` })
}

/** The second step of the double opt-in, without advertising. */
export async function askToConfirmMarketing(event: Event<'consent.given'>) {
  if (event.data.purpose !== 'marketing_email') return
  const consent = await activeConsent(event.person, 'marketing_email')
  if (!consent || consent._id !== event.data.consent || consent.confirmedAt) return
  const token = await issueLink({ purpose: 'marketing', consent: consent._id })
  const values = { href: `${config.baseUrl}/links/${token}`, consent: consent.text }
  await sendTo('confirmMarketing', event, values, `confirmMarketing:${consent._id}`)
}

/** A course is new: the only letter that promotes anything, to whoever asked for it, with one click to end it. */
export async function announceCourse(
  { course, slug, content, lessons, minutes }: Published,
  id: Person['_id'],
) {
  const person = await People.findOne({ _id: id, erasedAt: null, suspendedAt: null }).lean<Person>()
  if (!person) return
  const unsubscribe = `${config.baseUrl}/unsubscribe/${unsubscribeToken(person._id)}`
  const { title, summary, price } = content
  const href = `${config.baseUrl}/courses/${slug}?utm_medium=newsletter&utm_campaign=new-course`
  const values = {
    name: firstNameOf(person.name),
    title,
    summary,
    price,
    lessons: lessons.length,
    length: minutes,
    href,
    unsubscribe,
  }
  await queueEmail({
    _id: `newCourse:${course}:${person._id}`,
    person: person._id,
    to: person.email,
    kind: 'marketing',
    listUnsubscribe: unsubscribe,
    ...renderEmail('newCourse', values),
  })
}

export function sendCertificate(event: Event<'certificate.issued'>) {
  const { certificate, title } = event.data
  return sendTo('certificate', event, { title, href: `${config.baseUrl}/certificates/${certificate}` })
}

export function sendReceipt(event: Event<'order.paid'>) {
  const { order, amount, currency, title } = event.data
  const href = `${config.baseUrl}/orders/${order}`
  return sendTo('receipt', event, { order, amount, currency, title, at: event.at, href })
}

export function sendRefundReceipt(event: Event<'order.refunded'>) {
  const { amount, currency, title } = event.data
  return sendTo('refund', event, { amount, currency, title, at: event.at, href: `${config.baseUrl}/orders` })
}

/** Tells the owner of a lead who is ready, and why now; not if its person has changed their mind meanwhile. */
export async function emailOwner(event: Event<'lead.qualified'>) {
  const lead = await Leads.findOne({ _id: event.person, shared: true, owner: { $ne: null } }).lean<Lead>()
  const person = lead && (await People.findOne({ _id: event.person, erasedAt: null }).lean<Person>())
  if (!person || (await hasObjected(person.email))) return
  const owner = await People.findOne({ _id: lead.owner, suspendedAt: null }).lean<Person>()
  if (!owner) return
  await queueTo(owner, 'leadQualified', `leadQualified:${event._id}`, {
    about: person._id,
    lead: person.name,
    company: person.company?.name ?? person.email.split('@')[1],
    band: event.data.band,
    score: Math.round(event.data.score ?? 0),
    reasons: await reasonsOf(event),
    href: `${config.baseUrl}/sales/leads/${person._id}`,
    answer: await createLeadActionLink(person._id, event.data.sequence, owner._id),
  })
}

/** Tells those who lead sales that somebody wants a person to look at their score. */
export async function emailReviewers(event: Event<'score_review.requested'>) {
  const person = await People.findOne({ _id: event.person, erasedAt: null }).lean<Person>()
  if (!person) return
  const leads = await People.find({ role: 'sales-lead', suspendedAt: null }).lean<Person[]>()
  for (const each of leads) {
    await queueTo(each, 'scoreReview', `scoreReview:${event._id}:${each._id}`, {
      about: person._id,
      lead: person.name,
      email: person.email,
      due: new Date(event.data.due),
      href: `${config.baseUrl}/sales/leads/${person._id}`,
    })
  }
}

/** Tells those who may repair it that a receiver takes no messages. Not of an event but of an alert: see handoff/alert.ts. */
export async function emailEndpointAlert(alert: Alert, { _id: endpoint, name }: Endpoint) {
  const team = await People.find({ role: { $in: ['sales-lead', 'admin'] }, suspendedAt: null }).lean<
    Person[]
  >()
  for (const each of team) {
    await queueTo(each, 'endpointAlert', `endpointAlert:${alert._id}:${each._id}`, {
      endpoint: name,
      kind: alert.kind,
      status: alert.status,
      at: alert.at,
      cause: causeOf(alert),
      href: `${config.baseUrl}/integrations/endpoints/${endpoint}`,
    })
  }
}

/** Deletes what was written to, and about, somebody who had themselves erased. */
export function deleteEmailsOfErased(event: Event<'person.erased'>) {
  return deleteEmailsOf(event.person)
}

async function reasonsOf(event: Event<'lead.qualified'>): Promise<string[]> {
  const t = translator(languages[0])
  const reasons = headlineOf(await readLedger(event.person), event.at)
  return reasons.map(({ key, values }) => t(`sales:headline.${key}`, values))
}

async function sendTo(
  name: string,
  event: Event,
  values: Record<string, unknown>,
  id?: string,
): Promise<void> {
  const person = await People.findOne({ _id: event.person, erasedAt: null }).lean<Person>()
  if (person) await queueTo(person, name, id ?? `${name}:${event._id}`, values)
}

async function queueTo(
  to: Person,
  name: string,
  id: string,
  { about, ...values }: { about?: Person['_id'] } & Record<string, unknown>,
): Promise<void> {
  const letter = renderEmail(name, { name: firstNameOf(to.name), ...values })
  await queueEmail({ _id: id, person: to._id, to: to.email, kind: 'service', about, ...letter })
}
