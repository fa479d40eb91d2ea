import { shared } from './platform/batched'
import { days, later, now } from './platform/clock'
import { config } from './platform/config'
import { localTimeOf } from './platform/zoned-time'
import { brandOf } from './brand/brand'
import { secretPath, secretRoutes, secretUrl } from './platform/secret-routes'
import { ownersOf, reviewersOf } from './courses/change-team'
import type { CommentNotice } from './courses/comment-notice'
import { coursePermissions } from './courses/course-role'
import { Courses, type Course, type CourseReview, type ReviewAction } from './courses/course'
import type { Published } from './courses/published'
import { shows } from './courses/shown-courses'
import { viewerOf } from './courses/viewer'
import { sees } from './courses/visibility'
import { Events, isNamed, type Event } from './events/event'
import { causeOf, type Alert } from './webhooks/alert'
import type { orderEvents } from './webhooks/order-data'
import type { Endpoint } from './webhooks/endpoint'
import { deleteEmailsOf } from './mail/delete-emails'
import { finishDatesIn } from './academy/finish-dates'
import { learnerCourses } from './academy/learner-courses'
import { pathSummaries } from './academy/stats'
import { goalsToRemind, noteReminder, type LearningGoal } from './learning/goal'
import { queueEmail, type NewEmail } from './mail/queue-email'
import { activeConsent } from './people/consent'
import { shownEmail } from './people/email-address'
import { firstNameOf } from './people/first-name'
import { issueLink } from './people/link'
import { People, type Person } from './people/person'
import { hasObjected } from './people/suppression'
import { unsubscribeToken } from './people/unsubscribe-token'
import { itemOf, itemPath, Orders, type OrderChange } from './orders/order'
import { hasArrived } from './orders/payment'
import type { PaymentMismatch } from './checkout/apply-stripe-event'
import { Leads, type Lead } from './leads/lead'
import { createLeadActionLink } from './leads/lead-action-link'
import { leadEmail } from './sales/lead-email'
import { renderEmail } from './web/render-email'

/**
 * Every email that an event triggers: which event, to whom, with which view (views/mail). Each function is a reaction
 * and may run twice; the id of the email comes from the event, so it is sent once. Each has the name, the colours and
 * the address of its recipient's brand. Emails with a link to sign in or sign up are in account/sign-in-emails.ts.
 */

/**
 * Welcomes a learner and shows where to stop sharing. Tells an invited teammate how to sign in. The administrator who
 * sets the academy up is neither, and has no company name yet that an email could end with.
 */
export async function sendWelcome(event: Event<'person.signed_up'>) {
  const person = await People.findOne({ _id: event.person, erasedAt: null })
  if (!person) return
  if (event.data.how !== 'invited') {
    if (person.role === 'prospect') await sendTo('welcome', event, {})
    return
  }
  const { role, email } = person
  await queueTo(person, 'invited', `invited:${event._id}`, { role, email, path: '/sign-in' })
}

/** Asks for the second step of the double opt-in. Contains no promotion. */
export async function askToConfirmMarketing(event: Event<'consent.given'>) {
  if (event.data.purpose !== 'marketing_email') return
  const consent = await activeConsent(event.person, 'marketing_email')
  if (!consent || consent._id !== event.data.consent || consent.confirmedAt) return
  const token = await issueLink({ purpose: 'marketing', consent: consent._id })
  const values = { path: secretPath(secretRoutes.link, token), consent: consent.text }
  await sendTo('confirmMarketing', event, values, `confirmMarketing:${consent._id}`)
}

/**
 * Announces a new course to a subscriber whose brand shows it to them: the only marketing email, with a one-click
 * unsubscribe.
 */
export async function announceCourse(published: Published, id: Person['_id']) {
  const { course, slug, content, lessons, minutes } = published
  const person = await People.findOne({ _id: id, erasedAt: null, suspendedAt: null })
  if (!person) return
  const brand = await brandOf(person.brand)
  if (!(await shows(brand, published)) || !sees(await viewerOf(person), published)) return
  const unsubscribe = secretUrl(brand.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(person._id))
  const { title, summary, price } = content
  const href = `${brand.baseUrl}/courses/${slug}?utm_medium=newsletter&utm_campaign=new-course`
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
    ...renderEmail('newCourse', values, brand),
  })
}

/** Says where the certificate is, of a course or of attendance. */
export function sendCertificate(event: Event<'certificate.issued' | 'session.certificate_issued'>) {
  const { certificate, title } = event.data
  const did = event.name === 'certificate.issued' ? 'completed' : 'attended'
  return sendTo('certificate', event, { title, did, path: `/certificates/${certificate}` })
}

/**
 * Tells the buyer how an order stands after a change. A change that another one has followed is skipped: the email of
 * that one says how it stands.
 */
export async function emailBuyer(event: Event<(typeof orderEvents)[number]>) {
  const { number } = event.data
  const order = await Orders.findById(event.data.order)
  const change = order?.changes.at(-1)
  if (!order || change?.number !== number) return
  const view = orderEmail(change, order.changes.at(-2))
  if (!view) return
  const { _id, amount, currency, title } = order
  const { at, refunded } = change
  const paths: Record<string, string> = {
    receipt: `/orders/${_id}`,
    paymentFailed: `${itemPath(order)}/checkout`,
  }
  const path = paths[view] ?? '/orders'
  const item = itemOf(order)
  const series = { name: `order:${_id}`, number }
  const values = { series, order: String(_id), item, amount, currency, title, refunded, at, path }
  await sendTo(view, event, values, `${view}:${_id}:${number}`)
}

/** Returns the view of the email about a change of an order; null when there is nothing to say. */
function orderEmail({ state }: OrderChange, before: OrderChange | undefined): string | null {
  if (state === before?.state && state !== 'partially_refunded') return null
  switch (state) {
    case 'paid':
      if (!before || !hasArrived(before.state)) return 'receipt'
      return before.state.startsWith('dispute') ? 'disputeClosed' : 'refundFailed'
    case 'pending':
      return 'paymentPending'
    case 'failed':
      return 'paymentFailed'
    case 'partially_refunded':
      return 'partialRefund'
    case 'refunded':
      return 'refund'
    case 'disputed':
      return 'dispute'
    case 'dispute_lost':
      return 'disputeLost'
    default:
      return null
  }
}

/** Tells administrators about a payment that doesn't match its order. */
export async function emailPaymentMismatch({ order, payment }: PaymentMismatch) {
  const buyer = await People.findById(order.person)
  const admins = await People.find({ role: 'admin', suspendedAt: null })
  for (const admin of admins) {
    await queueTo(admin, 'paymentMismatch', `paymentMismatch:${payment.session}:${order._id}:${admin._id}`, {
      about: order.person,
      order: String(order._id),
      title: order.title,
      buyer: buyer?.email ?? '',
      amount: order.amount,
      currency: order.currency,
      paidAmount: payment.amount ?? 0,
      paidCurrency: (payment.currency ?? order.currency).toUpperCase(),
      session: payment.session,
      isOwn: payment.session === order.session,
      at: payment.at,
      path: '/admin/background-jobs',
    })
  }
}

/**
 * Tells the owner about a qualified lead, or one that is back after a pause, unless the person has stopped sharing in
 * the meantime.
 */
export async function emailOwner(event: Event<'lead.qualified'>) {
  const lead = await Leads.load(event.person)
  if (!lead?.shared || !lead.owner) return
  const { trigger, sequence, band } = event.data
  await emailAboutLead(
    trigger === 'resumed' ? 'leadResumed' : 'leadQualified',
    lead,
    `lead:${event.person}:${sequence}:${lead.owner}`,
    {
      band,
      score: event.data.score,
      at: event.at,
      after: trigger === 'resumed' ? await lastEndOf(event) : null,
    },
  )
}

/** Tells the new owner about a lead that a teammate assigned to them, or that the previous owner left behind. */
export async function emailNewOwner(event: Event<'lead.assigned'>) {
  const { owner, from, by, why } = event.data
  if (!owner || owner === by || owner === from || !(by || from)) return
  const lead = await Leads.findOne({ _id: event.person, shared: true, owner })
  if (!lead || lead.rank > 1) return
  const teammate = by ? await People.findById(by, { name: 1 }) : null
  // If the rule assigned it, the hand-off may have told them already.
  const id = by ? `lead:${event._id}` : `lead:${event.person}:${lead.sequence}:${owner}`
  const view = teammate ? 'leadAssigned' : 'leadInherited'
  await emailAboutLead(view, lead, id, { by: teammate?.name, cause: why?.cause ?? 'left' })
}

/** Reminds the owner of a lead whose response is due soon. */
export async function emailReminder(event: Event<'lead.reminded'>) {
  const lead = await unansweredLead(event)
  if (lead) await emailAboutLead('leadReminder', lead, `leadReminder:${event._id}`, {})
}

/** Tells the sales leads about a lead whose owner hasn't responded in time. */
export async function emailEscalation(event: Event<'lead.escalated'>) {
  const [lead, person, owner] = await Promise.all([
    unansweredLead(event),
    People.load(event.person),
    People.load(event.data.owner),
  ])
  if (!lead || !person || person.erasedAt || (await hasObjected(person.email))) return
  for (const recipient of (await salesLeads()).filter(({ _id }) => String(_id) !== event.data.owner)) {
    await queueTo(recipient, 'leadEscalated', `leadEscalated:${event._id}:${recipient._id}`, {
      ...(await leadEmail(person, null, await brandOf(recipient.brand))),
      about: person._id,
      owner: owner?.name ?? '',
      due: lead.respondBy,
      path: `/sales/leads/${person._id}`,
    })
  }
}

/** Returns the lead that an alert is about; null once someone has responded, or sales may no longer see it. */
async function unansweredLead({ person }: Event<'lead.reminded' | 'lead.escalated'>): Promise<Lead | null> {
  const lead = await Leads.load(person)
  return lead?.shared && lead.rank === 0 ? lead : null
}

/** Returns why the hand-off before this one ended. */
async function lastEndOf({ person, at }: Event<'lead.qualified'>): Promise<string> {
  const ends = await Events.find({ person, name: 'lead.disqualified', at: { $lte: at } }).sort({ at: -1 })
  const reason = ends.find(isNamed('lead.disqualified'))?.data.reason ?? ''
  return ['paused', 'consent', 'objection'].includes(reason) ? reason : 'exclusion'
}

async function emailAboutLead(view: string, lead: Lead, id: string, values: Record<string, unknown>) {
  const [person, owner] = await Promise.all([People.load(lead._id), lead.owner && People.load(lead.owner)])
  if (!person || person.erasedAt || !owner || owner.suspendedAt || (await hasObjected(person.email))) return
  const brand = await brandOf(owner.brand)
  await queueTo(owner, view, id, {
    ...values,
    ...(await leadEmail(person, lead, brand)),
    about: person._id,
    path: `/sales/leads/${person._id}`,
    actionHref: await createLeadActionLink(person._id, lead.sequence, owner._id, brand.baseUrl),
    canRespond: lead.status === 'new',
  })
}

/**
 * Tells sales about a contact request that hands nobody off, such as one of a customer: the owner of the lead, or else
 * every sales lead. Someone has to reply, and nothing else in the academy shows it.
 */
export async function emailContactRequest(event: Event<'contact.requested'>) {
  const [person, lead, handOffs] = await Promise.all([
    People.load(event.person),
    Leads.load(event.person),
    handOffsOf(event.person),
  ])
  // The teammate who gives the demo gets another email about it (sales/demo-emails.ts).
  const isHandOff = event.data.demo !== undefined || handOffs.some(({ at }) => at >= event.at)
  if (!person || person.erasedAt || !person.consents.includes('share_with_sales') || isHandOff) return
  if (await hasObjected(person.email)) return
  const owner = lead?.owner && (await People.load(lead.owner))
  const recipients = owner && !owner.suspendedAt ? [owner] : await salesLeads()
  for (const recipient of recipients) {
    await queueTo(recipient, 'contactRequested', `contactRequested:${event._id}:${recipient._id}`, {
      ...(await leadEmail(person, null, await brandOf(recipient.brand))),
      about: person._id,
      email: shownEmail(person.email),
      course: event.data.title,
      kind: event.data.kind,
      path: `/sales/leads/${person._id}`,
    })
  }
}

const handOffsOf = Events.loaderBy('person', { name: 'lead.qualified' }, { at: 1 })

/** Asks the sales leads to review a person's score. */
export async function emailReviewers(event: Event<'score_review.requested'>) {
  const person = await People.findOne({ _id: event.person, erasedAt: null })
  if (!person) return
  const reviewers = await salesLeads()
  for (const reviewer of reviewers) {
    await queueTo(reviewer, 'scoreReview', `scoreReview:${event._id}:${reviewer._id}`, {
      about: person._id,
      lead: person.name,
      email: shownEmail(person.email),
      due: new Date(event.data.due),
      path: `/sales/leads/${person._id}`,
    })
  }
}

/**
 * Tells sales leads and administrators that deliveries to an endpoint are failing. Follows an alert, see
 * webhooks/alert.ts.
 */
export async function emailEndpointAlert(alert: Alert, { _id: endpoint, name }: Endpoint) {
  const team = await People.find({ role: { $in: ['sales-lead', 'admin'] }, suspendedAt: null })
  for (const teammate of team) {
    await queueTo(teammate, 'endpointAlert', `endpointAlert:${alert._id}:${teammate._id}`, {
      endpoint: name,
      kind: alert.kind,
      status: alert.status,
      at: alert.at,
      cause: causeOf(alert),
      path: `/integrations/endpoints/${endpoint}`,
    })
  }
}

/** Returns the sales leads; in an academy without any, the administrators. */
const salesLeads = shared(async () => {
  const leads = await People.find({ role: 'sales-lead', suspendedAt: null })
  return leads.length ? leads : People.find({ role: 'admin', suspendedAt: null })
})

/**
 * Tells people about a step of a course's draft: its reviewers about a request, and its authors about a reply and about
 * a publication at its time, or why there was none.
 */
export async function emailCourseStep(course: Course) {
  const { review } = course
  const view = review && stepEmails[review.action]
  if (!review || !view) return
  const actor = review.by && (await People.findById(review.by, { name: 1 }))
  const recipients = view === 'reviewRequested' ? await reviewersOf(course) : await authorsOf(course, review)
  for (const recipient of recipients.filter(({ _id }) => !review.by?.equals(_id))) {
    await queueTo(recipient, view, `courseStep:${course._id}:${review.number}:${recipient._id}`, {
      title: course.draft.title,
      by: actor?.name ?? '',
      note: review.action === 'schedule-refused' ? '' : review.note,
      reason: review.note,
      path: `/studio/courses/${course.slug}/review`,
    })
  }
}

/** The view of the email about a step; steps without one need nobody to do anything. */
const stepEmails: Partial<Record<ReviewAction, string>> = {
  requested: 'reviewRequested',
  approved: 'draftApproved',
  'changes-requested': 'changesRequested',
  'schedule-refused': 'scheduleRefused',
}

/** Returns who answers for a course, and who asked for the review. */
async function authorsOf(course: Course, { requestedBy }: CourseReview): Promise<Person[]> {
  const owners = await ownersOf(course)
  const asker = requestedBy && (await People.findOne({ _id: requestedBy, suspendedAt: null, erasedAt: null }))
  return asker && !owners.some(({ _id }) => _id.equals(asker._id)) ? [...owners, asker] : owners
}

/** Tells a person what others have written to them in the comments of a course: one email about a burst. */
export async function emailCommentNotice(notice: CommentNotice) {
  const [person, course] = await Promise.all([
    People.findOne({ _id: notice.person, suspendedAt: null, erasedAt: null }),
    Courses.findById(notice.course),
  ])
  if (!person || !course || !coursePermissions(person, course).has('comment')) return
  const writers = await People.find({ _id: { $in: notice.items.map(({ by }) => by) } }, { name: 1 })
  const nameOf = (id: Person['_id']) => writers.find(({ _id }) => _id.equals(id))?.name ?? ''
  const { key, lesson } = notice.items.at(-1)!
  await queueTo(person, 'comments', `comments:${notice._id}:${key}`, {
    title: course.draft.title,
    comments: notice.items.map(({ by, text }) => ({ by: nameOf(by), text })),
    count: notice.items.length,
    path: `/studio/courses/${course.slug}/lessons/${lesson}/preview#comments`,
  })
}

/** Reminds those who answer for a course of its review date, once a week before and once on the day or after it. */
export async function remindOfReviews() {
  const [today, inAWeek] = [now(), later(now(), days(7))].map(at => at.toISOString().slice(0, 10))
  const fields = { slug: 1, team: 1, reviewOn: 1, 'draft.title': 1 } as const
  for (const course of await Courses.find({ reviewOn: { $type: 'string', $lte: inAWeek! } }, fields)) {
    const day = course.reviewOn!
    const view = day <= today! ? 'reviewDue' : 'reviewSoon'
    for (const owner of await ownersOf(course)) {
      await queueTo(owner, view, `${view}:${course._id}:${day}:${owner._id}`, {
        title: course.draft.title,
        day: new Date(day),
        path: `/studio/courses/${course.slug}/team`,
      })
    }
  }
}

/**
 * Reminds learners who asked for it of their own dates: at most one email a week, in the daytime, about what is due
 * within a week. The email's id counts them, so a crash between the two writes sends none twice.
 */
export async function remindOfFinishDates() {
  for await (const goal of goalsToRemind()) {
    const timeZone = goal.timeZone ?? config.timeZone
    const hour = new Date(localTimeOf(now().getTime(), timeZone)).getUTCHours()
    if (hour >= 8 && hour < 20) await remindOfDates(goal, timeZone)
  }
}

async function remindOfDates(goal: LearningGoal, timeZone: string) {
  const person = await People.findOne({ _id: goal._id, erasedAt: null, suspendedAt: null })
  const brand = await brandOf(person?.brand)
  if (!person || !brand.content.motivation) return
  const [learned, paths] = await Promise.all([learnerCourses(brand, person), pathSummaries(brand, person)])
  const close = finishDatesIn(learned, paths, goal, timeZone).filter(
    ({ daysLeft }) => daysLeft >= 0 && daysLeft <= 7,
  )
  if (!close.length) return
  const stop = `${secretUrl(brand.baseUrl, secretRoutes.unsubscribe, unsubscribeToken(person._id))}?what=dates`
  const values = {
    name: firstNameOf(person.name),
    title: close[0]!.title,
    count: close.length,
    dates: close.map(({ title, day }) => ({ title, day: new Date(day) })),
    href: `${brand.baseUrl}/learning`,
    stopReminders: stop,
  }
  await queueEmail({
    _id: `finishDates:${person._id}:${goal.reminderCount + 1}`,
    person: person._id,
    to: person.email,
    kind: 'service',
    listUnsubscribe: stop,
    ...renderEmail('finishDates', values, brand),
  })
  await noteReminder(goal)
}

/** Deletes every email to and about an erased person. */
export function deleteEmailsOfErased(event: Event<'person.erased'>) {
  return deleteEmailsOf(event.person)
}

/** Queues an email to the person of an event, unless they are erased. */
async function sendTo(
  view: string,
  event: Event,
  values: Record<string, unknown>,
  id?: string,
): Promise<void> {
  const person = await People.load(event.person)
  if (person && !person.erasedAt) await queueTo(person, view, id ?? `${view}:${event._id}`, values)
}

/** `path` is where the email's link leads, at the recipient's brand. */
async function queueTo(
  to: Person,
  view: string,
  id: string,
  {
    about,
    series,
    path,
    ...values
  }: Pick<NewEmail, 'about' | 'series'> & { path?: string } & Record<string, unknown>,
): Promise<void> {
  const brand = await brandOf(to.brand)
  const link = path === undefined ? {} : { href: brand.baseUrl + path }
  const rendered = renderEmail(view, { name: firstNameOf(to.name), ...values, ...link }, brand)
  await queueEmail({ _id: id, person: to._id, to: to.email, kind: 'service', about, series, ...rendered })
}
