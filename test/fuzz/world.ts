import { createHmac } from 'node:crypto'
import mongoose, { Types } from 'mongoose'
import { Webhook } from 'standardwebhooks'
import { requestSignUp } from '../../src/account/request-sign-up'
import { giveFeedback } from '../../src/community/give-feedback'
import { addComment, Comments } from '../../src/courses/comment'
import { answerQuestion } from '../../src/community/answer-question'
import { askQuestion } from '../../src/community/ask-question'
import { changeGroup, createGroup } from '../../src/community/change-group'
import { joinGroup } from '../../src/community/join-group'
import { writeReview } from '../../src/community/review'
import { PostImages } from '../../src/community/post-image'
import { Threads } from '../../src/community/thread'
import { frameToken } from '../../src/courses/preview-link'
import { ReplacedDrafts } from '../../src/courses/replace-draft'
import { Outcomes } from '../../src/crm/outcome'
import { saveAsset } from '../../src/courses/asset'
import { publishedCourse } from '../../src/courses/published'
import { record } from '../../src/events/record'
import { bookDemo, demoSlots } from '../../src/leads/demo-booking'
import { saveDemoHours } from '../../src/leads/demo-hours'
import { saveView } from '../../src/leads/saved-view'
import { startReplay } from '../../src/leads/scoring-replay'
import { createLeadActionLink } from '../../src/leads/lead-action-link'
import { certificateIdentity, Certificates } from '../../src/learning/certificate'
import { saveNote } from '../../src/learning/lesson-notes'
import { createSession, publishSession } from '../../src/sessions/change-session'
import { LiveSessions, SessionSeries } from '../../src/sessions/live-session'
import { Playlists, playlistToken } from '../../src/learning/playlist'
import { createPodcastFeed, podcastFeedOf, podcastToken } from '../../src/learning/podcast-feed'
import { enrol } from '../../src/learning/enrol'
import { calendarToken, createCalendar } from '../../src/sessions/session-calendar'
import { Emails } from '../../src/mail/email'
import { Orders } from '../../src/orders/order'
import { invitationToken, inviteToCourse } from '../../src/courses/invitation'
import { stopInvitationsToken } from '../../src/people/invitation-stop'
import { issueLink } from '../../src/people/link'
import { People, roles, type Role } from '../../src/people/person'
import { unsubscribeToken } from '../../src/people/unsubscribe-token'
import { days, later, minutes, now } from '../../src/platform/clock'
import { brandOf, defaultBrandId, readBrand } from '../../src/brand/brand'
import { config } from '../../src/platform/config'
import { bookSeat } from '../../src/sessions/book-seat'
import { checkInCode } from '../../src/sessions/check-in-code'
import { paymentDue } from '../../src/sessions/pay-seat'
import { preparePoll, setPollState } from '../../src/sessions/poll'
import { askSessionQuestion } from '../../src/sessions/session-question'
import { createSeats } from '../../src/sessions/seats'
import { modelDraft } from '../../src/scoring/model-draft'
import { requestContact } from '../../src/signals/request-contact'
import { addEndpoint } from '../../src/webhooks/add-endpoint'
import { Deliveries } from '../../src/webhooks/delivery'
import { liveSecrets } from '../../src/webhooks/endpoint'
import { Messages } from '../../src/webhooks/message'
import { outcomeNames } from '../../src/leads/apply-outcome'
import { resetRateLimits } from '../account/browser'
import { anonymous, as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

/** Real values of the parameters of paths, by name. */
export type World = { parameters: Record<string, readonly string[]>; webhookSecret: string }

const price = { amount: 24_000, currency: 'EUR' }

/** A learner asks about the course, and finds the answer. */
async function addQuestion(course: Types.ObjectId, person: Types.ObjectId) {
  const question = { _id: new Types.ObjectId(), course, lesson: 'lesson-1', second: null, person }
  await askQuestion({ ...question, isNameHidden: false, title: 'Why?', text: 'Because.' }, 'Lesson 1')
  const post = { _id: new Types.ObjectId(), person, text: 'So.', via: 'web', answer: null } as const
  await answerQuestion((await Threads.findById(question._id))!, post, 'Lesson 1')
  await writeReview({ person, course, stars: 4, text: 'Clear.', isNameHidden: false }, 'Pumps')
  for (const _id of [question._id, post._id]) {
    await PostImages.create({ _id, thread: question._id, person, bytes: Buffer.from('a picture') })
  }
  return { thread: String(question._id), post: String(post._id) }
}

/** Fills the academy with one of everything: courses, a lead, an endpoint, deliveries, an order, a certificate. */
export async function fillAcademy(): Promise<World> {
  const picture = await image()
  const pumps = await make.course({
    ...{ slug: 'pumps', quiz: 2, assets: [picture] },
    lesson: n => (n === 2 ? { kind: 'tour', completion: 'read', body: tourOf(picture.path) } : {}),
  })
  const valves = await make.course({ slug: 'valves', price })
  await make.path({ slug: 'both', title: 'Both', audience: '', summary: '', courses: ['pumps', 'valves'] })
  const endpoint = await addEndpoint({
    name: 'CRM',
    url: 'http://127.0.0.1:9/hooks',
    types: ['lead.contact_requested', 'lead.qualified'],
    inbound: [...outcomeNames],
  })
  const webhookSecret = liveSecrets(endpoint)[0]!
  const replaced = { course: pumps.course, draftNumber: 1, content: pumps.content, replacedAt: now() }
  await ReplacedDrafts.create(replaced)
  const rep = await make.person({ role: 'sales-lead' })
  const { _id: author } = await make.person({ role: 'author' })
  const leads = [await make.person(), await make.person()]
  const hours = {
    weekdays: [1, 2, 3, 4, 5, 6, 7],
    opens: 0,
    closes: 1440,
    length: 60,
    place: '',
    notBefore: null,
    address: 'the-rep',
  }
  await saveDemoHours(rep._id, hours)
  for (const { _id } of leads) {
    const data = { trigger: 'score' as const, band: 'A1', score: 70, fit: 80, sequence: 1 }
    await record({ name: 'lead.qualified', person: _id, idempotencyKey: [1], data })
    await enrol({ person: _id, published: pumps, paid: false })
    await requestContact({ person: _id, published: pumps, kind: 'demo', text: 'Soon.', occasion: 'form' })
    await make.paidOrder({ _id }, { slug: 'valves', title: valves.content.title, course: valves.course })
  }
  const identity = certificateIdentity(leads[0]!._id, pumps.course)
  await Certificates.create({
    _id: identity.id,
    number: identity.number,
    person: leads[0]!._id,
    course: pumps.course,
    slug: pumps.slug,
    revision: pumps.revision,
    name: 'Ada L.',
    title: pumps.content.title,
    lessons: 3,
    minutes: 20,
    issuedAt: now(),
  })
  await Outcomes.create({
    _id: `${endpoint._id}:unmatched`,
    endpoint: endpoint._id,
    type: 'opportunity.won',
    externalId: 'nobody',
    occurredAt: now(),
    receivedAt: now(),
    state: 'unmatched',
  })
  const live = await openSessions(leads[0]!._id)
  await requestSignUp({
    email: 'grace@northwind.com',
    name: 'Grace',
    password: null,
    consents: [],
    touches: null,
    next: null,
    brand: await brandOf(defaultBrandId),
  })
  const about = { course: pumps.course, title: 'Pumps', text: '', occasion: 'form', timeZone: 'UTC' }
  for (const { _id } of leads) await bookDemo(_id, (await demoSlots(_id))[0]!.startsAt, about)
  const wish = {
    kind: 'wish',
    text: 'A trend on the start screen',
    source: { kind: 'own', id: 'form' },
  } as const
  const wanted = await giveFeedback({ ...wish, person: leads[0]!._id, topic: null, by: null })
  const { base, content, hash } = await modelDraft()
  const replay = await startReplay({ by: rep._id, active: base, draft: { content, hash }, capacity: 3 })
  await runAllDue()
  const ids = async (found: Promise<{ _id: unknown }[]>) =>
    (await found).slice(0, 6).map(({ _id }) => String(_id))
  const people = leads.map(({ _id }) => String(_id))
  const { draft } = await readBrand()
  await mongoose.connection.collection<{ _id: string }>('brand_imports').insertOne({
    ...{ _id: 'staging', brandId: defaultBrandId, expiresAt: later(now(), days(1)), applied: null },
    parts: { content: { ...draft, tagline: 'From staging.' }, plans: null, needs: null },
  } as { _id: string })
  const comment = {
    _id: new Types.ObjectId(),
    lesson: 'lesson-1',
    by: rep._id,
    text: 'Why?',
    replacement: 'It',
  }
  const quote = { exact: 'The text', prefix: '', suffix: ' of lesson 1.' }
  await addComment({ _id: pumps.course, slug: 'pumps' }, { ...comment, quote })
  const playlist = {
    person: leads[0]!._id,
    place: 0,
    title: 'Later',
    items: [{ course: pumps.course, lesson: null }],
  }
  const shared = { audience: 'link', createdAt: now(), changedAt: now() } as const
  const { _id: listId } = await Playlists.create({ ...playlist, ...shared })
  await createPodcastFeed(leads[0]!._id, pumps)
  const podcast = await podcastFeedOf(leads[0]!._id, pumps.course)
  const noted = { person: leads[0]!._id, course: pumps.course, slug: 'pumps', lesson: 'lesson-1' }
  const note = { id: String(new Types.ObjectId()), text: 'Ask about seals.', quote: null, second: null }
  await saveNote(noted, note)
  const invitation = { _id: new Types.ObjectId(), email: null, maximum: 50, by: rep._id, lifetime: 30 }
  await inviteToCourse({ _id: pumps.course, slug: 'pumps' }, invitation)
  const view = new Types.ObjectId()
  const shown = { name: 'Fit ones', isShared: true, page: 'leads' as const, address: 'tab=all&grade=A' }
  await saveView({ _id: view, owner: rep._id, ...shown })
  await addSession(pumps.course, leads[0]!._id)
  const asked = await addQuestion(pumps.course, leads[0]!._id)
  await openSession(author, leads[0]!._id)
  await openGroup(pumps.course, leads[0]!._id)
  const actionLink = await createLeadActionLink(leads[0]!._id, 1, rep._id, config.baseUrl)
  return {
    webhookSecret,
    parameters: {
      slug: ['pumps', 'valves', 'course-that-is-not', 'both', 'on-air', 'pump-people'],
      lesson: ['lesson-1', 'lesson-2', 'final-quiz'],
      question: ['q1', 'q2'],
      step: ['wake', 'open'],
      module: ['01-all'],
      number: ['1', '2'],
      purpose: ['profiling', 'share_with_sales', 'marketing_email'],
      person: people,
      endpoint: [String(endpoint._id)],
      delivery: await ids(Deliveries.find({}).exec()),
      outcome: await ids(Outcomes.find({}).exec()),
      queue: ['emails', 'events', 'deliveries', 'outcomes'],
      id: [
        ...['academy', 'goal', 'work', 'time', 'team', 'slides'],
        ...people,
        ...live.sessions,
        ...(await ids(Orders.find({}).exec())),
        ...(await ids(Messages.find({}).exec())),
        ...(await ids(Emails.find({}).exec())),
        ...(await ids(Certificates.find({}).exec())),
        ...(await ids(Comments.find({}).exec())),
        ...(await ids(Playlists.find({}).exec())),
        ...(await ids(LiveSessions.find({}).exec())),
        asked.thread,
        note.id,
        String(wanted),
        String(view),
        String(replay),
        String(new Types.ObjectId()),
      ],
      token: [
        await issueLink({ purpose: 'sign-in', email: leads[1]!.email, next: null }),
        await issueLink({
          purpose: 'sign-in',
          email: 'nobody@northwind.com',
          next: '/courses/pumps/enrolment',
        }),
        unsubscribeToken(leads[1]!._id),
        actionLink.split('/').pop()!,
        invitationToken(invitation),
        stopInvitationsToken('nobody@northwind.com'),
        frameToken({ _id: pumps.course }, author),
        playlistToken({ _id: listId, revocations: 0 }),
        podcastToken(podcast!),
        `${live.sessions[1]}.${checkInCode(new Types.ObjectId(live.sessions[1]))}`,
        calendarToken({ _id: leads[0]!._id, number: 1 }),
      ],
      import: ['staging'],
      hash: [(await image()).hash],
      upload: ['an-upload-that-is-not'],
      name: ['terms', 'openings.png', 'goal', 'start', 'the-rep', leads[0]!.company!.domain],
      section: ['hero', 'catalogue'],
      look: ['light', 'dark-rtl'],
      list: ['topics', 'audiences', 'levels'],
      entry: ['learning', 'sales', 'l-d', 'beginner', asked.post, ...live.entries],
    },
  }
}

/** A paid live session of a series, with a question, slides, and a learner who is about to pay and has a calendar. */
async function addSession(course: Types.ObjectId, learner: Types.ObjectId): Promise<void> {
  const series = await SessionSeries.create({
    slug: 'pumps',
    title: 'Pumps, live',
    kind: 'dates',
    createdAt: now(),
  })
  const session = await make.liveSession({
    ...{ slug: 'pumps', course, series: series._id, price },
    questions: [{ id: 'why', label: 'Why?', kind: 'text', options: [], isRequired: false }],
    materials: [
      { id: 'slides', kind: 'slides', title: 'Slides', url: 'https://example.com/slides', isPublic: true },
    ],
  })
  await bookSeat(session, learner, { paying: paymentDue(session) })
  await createCalendar(learner)
}

/** A group about a course with a shelf; its curator is in it. */
async function openGroup(course: Types.ObjectId, curator: Types.ObjectId): Promise<void> {
  const _id = new Types.ObjectId()
  const about = { kind: 'course' as const, course, topic: '', domain: '', about: '', curator }
  await createGroup({ _id, brand: defaultBrandId, name: 'Pump people', ...about }, curator)
  const item = { kind: 'course' as const, of: course, lesson: null, note: 'Begin here.' }
  const shelf = [{ ...item, by: curator, at: now() }]
  await changeGroup(_id, () => ({ shelf }), curator)
  await joinGroup(_id, curator, true)
}

/** A live session that someone has booked. */
async function openSession(host: Types.ObjectId, booker: Types.ObjectId): Promise<void> {
  const content = {
    ...{
      course: null,
      topic: 'learning',
      visibility: 'public' as const,
      companies: [],
      excludedCompanies: [],
    },
    ...{ title: 'Ask a field engineer', summary: '', description: '', language: 'en', timeZone: 'UTC' },
    ...{
      startsAt: later(now(), days(3)),
      endsAt: later(now(), days(3) + 3_600_000),
      kind: 'online' as const,
    },
    ...{ joinUrl: 'https://meet.example/abc', meetingService: null, place: null, agenda: [], questions: [] },
    hosts: [{ person: host, name: 'Ines', role: '', isPanel: false }],
    ...{
      price: null,
      refundHours: null,
      minimum: null,
      claimHours: 12,
      isRecorded: true,
      hasCaptions: false,
    },
    ...{ certificate: false, attendedFrom: 0.5 },
  }
  const session = await createSession(new Types.ObjectId(), content, { seats: 5, by: null })
  await publishSession(session, null)
  await bookSeat((await LiveSessions.findById(session._id))!, booker)
}

/** Two live sessions, online and in a room, with a seat, a question and an open poll. */
async function openSessions(person: Types.ObjectId): Promise<{ sessions: string[]; entries: string[] }> {
  const startsAt = later(now(), -minutes(10))
  const shared = {
    ...{ state: 'published' as const, topic: 'learning', title: 'On air', summary: 'Bring a trend.' },
    ...{ language: 'en', startsAt, endsAt: later(now(), days(1)), timeZone: 'UTC', createdAt: now() },
  }
  const joinUrl = 'https://meet.example/on-air'
  const online = await LiveSessions.create({ ...shared, slug: 'on-air', kind: 'online', joinUrl })
  const room = await LiveSessions.create({ ...shared, slug: 'in-the-room', kind: 'room' })
  const over = { startsAt: later(now(), -days(2)), endsAt: later(now(), -days(1.9)) }
  await LiveSessions.create({ ...shared, ...over, slug: 'over', kind: 'room' })
  for (const each of [online, room]) {
    await createSeats(each._id, 5)
    await bookSeat(each, person)
  }
  const question = { _id: new Types.ObjectId(), person, text: 'Does it hold?', isNameHidden: false }
  await askSessionQuestion(online, question)
  const poll = { _id: new Types.ObjectId(), session: online._id, question: 'Which?', options: ['A', 'B'] }
  await preparePoll(poll)
  await setPollState(online._id, String(poll._id), 'open')
  return { sessions: [online, room].map(idOf), entries: [question, poll].map(idOf) }
}

const idOf = ({ _id }: { _id: Types.ObjectId }) => String(_id)

/** A tour of two steps. */
function tourOf(image: string): string {
  const step = (id: string) =>
    `\`\`\`tour\nid: ${id}\ntitle: To ${id}\nimage: ${image}\nalt: A screen\n\`\`\`\n`
  return `${step('wake')}\n${step('open')}`
}

/** A PNG of one pixel. */
async function image() {
  const bytes = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const hash = await saveAsset(bytes, 'image/png')
  const path = 'assets/openings.png'
  return { path, hash, size: bytes.length, type: 'image/png', width: 1, height: 1 }
}

export type Actors = Record<Role | 'anonymous', Visitor>

/** Signs one new person of each role in; they are not among the people whom requests name. */
export async function signActorsIn(): Promise<Actors> {
  const actors = { anonymous: await anonymous() } as Actors
  for (const role of roles) {
    const person = await make.person({ role, passwordHash: null })
    actors[role] = await as(person)
    if (role === 'prospect') await enrolAgain(person._id)
  }
  return actors
}

/** Lets a prospect reach the pages of learners. */
async function enrolAgain(person: Types.ObjectId): Promise<void> {
  const pumps = await publishedCourse('pumps')
  if (pumps) await enrol({ person, published: pumps, paid: false })
}

/** Restores what requests may have taken away, so that later requests still reach every page. */
export async function restoreAcademy(world: World): Promise<void> {
  await resetRateLimits()
  const people = world.parameters.person!.map(id => new Types.ObjectId(id))
  await People.updateMany({ _id: { $in: people } }, { $set: { suspendedAt: null, role: 'prospect' } })
}

/** Signs a body as the CRM does. */
export function signedByCrm({ webhookSecret }: World, id: string, body: string): Record<string, string> {
  const at = new Date()
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1000)),
    'webhook-signature': new Webhook(webhookSecret).sign(id, at, body),
  }
}

/** Signs a body as Stripe does. */
export function signedByStripe(body: string): Record<string, string> {
  const at = Math.floor(Date.now() / 1000)
  const signature = createHmac('sha256', config.stripe.webhookSecret).update(`${at}.${body}`).digest('hex')
  return { 'stripe-signature': `t=${at},v1=${signature}` }
}

export const stripeTypes = [
  'checkout.session.completed',
  'checkout.session.expired',
  'checkout.session.async_payment_failed',
  'charge.refunded',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.closed',
]
