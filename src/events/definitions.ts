import { z } from 'zod'

/**
 * EVERYTHING THAT CAN HAPPEN, one entry per event: the data it carries, how long it is kept, the consent that is needed
 * to show it to anyone but the learner, and how it reads on a lead's timeline and in a CRM. An event that leaves one of
 * them out does not compile. The ledger of these events is the source of truth: score, progress and reports are
 * computed from it. Ids that an outsider could guess are never in it; names and addresses are stored in `people`. A
 * webhook message that is built from an event names the event itself, as `from` in its file in `webhooks/messages`.
 */
type Definition<Data extends z.ZodType> = {
  data: Data
  /** `account`: as long as the person has an account. `activity`: 13 months, see purge-activity.ts. */
  retention: 'account' | 'activity'
  /** Null when the person asked for it themselves, or a contract or the law requires it. */
  consent: 'profiling' | 'share_with_sales' | null
  /** Null for an event that isn't on the timeline. */
  timeline: ((data: z.output<Data>) => TimelineEntry) | null
  /** A sentence for a CRM's record, in English because a CRM has one language for its fields; null for none. */
  description: ((data: z.output<Data>) => string) | null
}

type Note = { key: string; values?: Record<string, string | number> }
/** `key` is a translation below `sales:timeline.`; the keys of `notes` are below `sales:timelineNote.`. */
type TimelineEntry = {
  /** A lesson has the icon of its kind. */
  icon: string | { lessonKind: string }
  key: string
  values?: Record<string, string | number>
  notes?: Note[]
  /** Id of the teammate who did it, whose name is in the sentence. */
  actor?: string | null
  /** Ids of other teammates whose names are in it, by the name of the value. */
  people?: Record<string, string>
}

const event = <Data extends z.ZodType>(definition: Definition<Data>) => definition

const nothing = z.strictObject({})
const lesson = { lesson: z.string(), title: z.string(), topics: z.array(z.string()) }
const seconds = z.strictObject({ seconds: z.number() })
const order = {
  order: z.string(),
  amount: z.number(),
  currency: z.string(),
  title: z.string(),
  /** What was bought; a course in events from before seats were sold. */
  item: z.enum(['course', 'session']).optional(),
}
const bought = (title: string, item: 'course' | 'session' = 'course') =>
  item === 'session' ? `a seat in "${title}"` : `the course "${title}"`
/** A change of an order, with its number and the state after it; `refunded` is in minor units. */
const orderChange = z.strictObject({ ...order, number: z.number(), state: z.string(), refunded: z.number() })
/** The id of the teammate whom a CRM names as the owner of the lead. */
const crmOwner = z.string().optional()
const deal = z.strictObject({
  /** The CRM's id of the deal; null when it gives none. */
  deal: z.string().nullable(),
  amount: z.number().nullable(),
  currency: z.string().nullable(),
  crmOwner,
})
/** A demo: the id of who gives it, from when to when, and when it was booked. */
const demo = {
  rep: z.string(),
  startsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  bookedAt: z.iso.datetime(),
}
/** A live session, and when it begins. */
const session = {
  session: z.string(),
  title: z.string(),
  topics: z.array(z.string()),
  startsAt: z.iso.datetime(),
}
/** An answer to a question about a lesson, or about a course. */
const answer = {
  thread: z.string(),
  post: z.string(),
  lesson: z.string().nullable(),
  title: z.string(),
}
const sessionAt = (iso: string): Note => ({ key: 'sessionAt', values: { when: inWords(iso) } })
const pause = z.strictObject({ change: z.number() })
const source = z.enum(['sales', 'crm'])
/**
 * The new owner's IANA time zone at that moment, whose office hours decide when the response is due. UTC without one.
 */
const ownerTimeZone = z.string().optional()
/**
 * When the new owner works and how long they have to respond, as of that moment; see leads/response-clock.ts. Missing
 * in assignments from before routing was set.
 */
const responseClock = z
  .strictObject({
    hours: z.number(),
    days: z.array(z.number()),
    opens: z.number(),
    closes: z.number(),
    daysOff: z.array(z.string()),
    remindBefore: z.number().nullable(),
    escalateAfter: z.number().nullable(),
    reassignAfter: z.number().nullable(),
  })
  .optional()
/** The rule that chose an owner, in the words of then; see leads/routing-choice.ts. */
const assignmentReason = z
  .strictObject({
    kind: z.enum(['account', 'crm', 'territory', 'everyLead', 'fallback', 'overflow', 'demo', 'stays']),
    /** The rule's id and name; empty for what isn't a rule. */
    rule: z.string(),
    name: z.string(),
    /** The number of the published rules; null before the first. */
    version: z.number().nullable(),
    /** Why a lead that had an owner needed another; `new` for one that had none. */
    cause: z.enum(['new', 'overdue', 'absence', 'left']),
    /** Who was passed by, at most a few. */
    passed: z.array(z.strictObject({ teammate: z.string(), because: z.enum(['absent', 'full']) })),
  })
  .optional()

const quote = (text: string): Note[] => (text ? [{ key: 'quote', values: { text } }] : [])
const visible = (duration: number): Note => ({ key: 'visible', values: { time: clock(duration) } })
const because = (reason: string): Note => ({ key: `reason.${reason}` })
const reasonNotes = ({ kind, name, cause }: { kind: string; name: string; cause: string }): Note[] => [
  { key: `why.${kind}`, values: { name } },
  ...(cause === 'new' ? [] : [{ key: `cause.${cause}` }]),
]
const byName = (actor: string | null, byTeammate: string, byCrm: string) =>
  actor ? { key: byTeammate, actor } : { key: byCrm }
const requestKeys = { demo: 'requestedDemo', trial: 'requestedTrial', contact: 'requestedContact' } as const
const requestSentences = {
  demo: 'Requested a demo',
  trial: 'Requested a trial',
  contact: 'Asked to be contacted',
} as const

/** `2026-12-01 10:00 UTC`: a timeline and a CRM have readers in many zones. */
const inWords = (iso: string) => `${iso.slice(0, 16).replace('T', ' ')} UTC`
const demoAt = (iso: string): Note => ({ key: 'demoAt', values: { when: inWords(iso) } })

/** 48 s, 13 min, 2 min 05 s. */
function clock(duration: number): string {
  const whole = Math.round(duration)
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60]
  if (!minutes) return `${rest} s`
  return rest ? `${minutes} min ${String(rest).padStart(2, '0')} s` : `${minutes} min`
}

export const definitions = {
  'person.signed_up': event({
    data: z.strictObject({ how: z.enum(['password', 'link', 'invited']) }),
    retention: 'account',
    consent: 'profiling',
    timeline: () => ({ icon: 'user', key: 'signedUp' }),
    description: () => 'Signed up',
  }),
  'person.confirmed': event({
    data: nothing,
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** Changed their name, job title or country, which are in `people`. `change` counts these changes from 1. */
  'person.updated': event({
    data: z.strictObject({ change: z.number() }),
    retention: 'account',
    consent: 'share_with_sales',
    timeline: () => ({ icon: 'user', key: 'profileUpdated' }),
    description: null,
  }),
  'consent.given': event({
    data: z.strictObject({ purpose: z.string(), consent: z.string() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** The second step of a double opt-in: from now on, the consent counts. */
  'consent.confirmed': event({
    data: z.strictObject({ purpose: z.string(), consent: z.string() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** The person was asked again, and agreed to the present text. */
  'consent.renewed': event({
    data: z.strictObject({ purpose: z.string(), consent: z.string(), version: z.number() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  'consent.withdrawn': event({
    data: z.strictObject({ purpose: z.string(), consent: z.string().nullable() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  'needs_assessment.completed': event({
    data: z.strictObject({ path: z.string().nullable() }),
    retention: 'activity',
    consent: 'profiling',
    timeline: () => ({ icon: 'list-checks', key: 'needsAssessed' }),
    description: () => 'Completed the needs assessment',
  }),
  'course.enrolled': event({
    data: z.strictObject({ revision: z.string(), number: z.number(), title: z.string(), paid: z.boolean() }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'book-open', key: 'enrolled', values: { title } }),
    description: ({ title }) => `Started the course "${title}"`,
  }),
  'lesson.opened': event({
    data: z.strictObject(lesson),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'warning-circle', key: 'unfinished', values: { title } }),
    description: ({ title }) => `Opened the lesson "${title}"`,
  }),
  'quiz.attempted': event({
    data: z.strictObject({
      ...lesson,
      attempt: z.string(),
      number: z.number(),
      correct: z.number(),
      total: z.number(),
      passed: z.boolean(),
      /** Topics of the questions that were answered incorrectly, without the answers. */
      weakTopics: z.array(z.string()),
      /** How long it took. */
      seconds: z.number().optional(),
    }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, correct, total, passed }) => ({
      icon: passed ? 'seal-check' : 'x-circle',
      key: passed ? 'passed' : 'failed',
      values: { title, correct, total },
    }),
    description: ({ title, correct, total }) => `Scored ${correct}/${total} in the quiz "${title}"`,
  }),
  'lesson.completed': event({
    data: z.strictObject({
      ...lesson,
      minutes: z.number(),
      seconds: z.number(),
      kind: z.string(),
      /** How many steps of a tour were seen. */
      steps: z.strictObject({ seen: z.number(), total: z.number() }).optional(),
    }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, kind, seconds: attention, minutes: length, steps }) => ({
      icon: { lessonKind: kind },
      key: 'lesson',
      values: { title },
      notes: attention
        ? [{ key: `attention.${kind}`, values: { time: clock(attention), length, ...steps } }]
        : [],
    }),
    description: ({ title }) => `Finished the lesson "${title}"`,
  }),
  'course.completed': event({
    data: z.strictObject({
      revision: z.string(),
      /** Of the revision, within the course; missing in events from before it was recorded. */
      number: z.number().optional(),
      title: z.string(),
      topics: z.array(z.string()),
    }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title, number }) => ({
      icon: 'seal-check',
      key: 'course',
      values: { title },
      notes: number ? [{ key: 'version', values: { number } }] : [],
    }),
    description: ({ title, number }) =>
      `Finished the course "${title}"${number ? ` (version ${number})` : ''}`,
  }),
  'certificate.issued': event({
    data: z.strictObject({ certificate: z.string(), title: z.string() }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'certificate', key: 'certificate', values: { title } }),
    description: ({ title }) => `Earned the certificate "${title}"`,
  }),
  /** Issued again with a corrected name; `replaces` is the certificate before. Sales sees the name, not this. */
  'certificate.reissued': event({
    data: z.strictObject({ certificate: z.string(), replaces: z.string(), title: z.string() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  'pricing.viewed': event({
    data: seconds,
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ seconds: attention }) => ({
      icon: 'currency-eur',
      key: 'pricing',
      notes: [visible(attention)],
    }),
    description: ({ seconds: attention }) => `Viewed pricing for ${attention} seconds`,
  }),
  'plans.compared': event({
    data: seconds,
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ seconds: attention }) => ({ icon: 'rows', key: 'plans', notes: [visible(attention)] }),
    description: ({ seconds: attention }) => `Compared plans for ${attention} seconds`,
  }),
  'question.asked': event({
    data: z.strictObject({
      text: z.string(),
      lesson: z.string().nullable(),
      /** Of the lesson, or of the course. */
      title: z.string().nullable(),
      /** Missing in questions from before they could be answered here. */
      thread: z.string().optional(),
    }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ text }) => ({
      icon: 'chat-circle',
      key: 'asked',
      values: { text },
      notes: [{ key: 'question' }],
    }),
    description: ({ title }) => (title ? `Asked a question about "${title}"` : 'Asked a question'),
  }),
  'question.answered': event({
    data: z.strictObject(answer),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'chat-circle', key: 'answered', values: { title: title ?? '' } }),
    description: ({ title }) => `Answered a question about "${title}"`,
  }),
  /** Someone else's question was answered by this person so well that its asker or the team said so. */
  'answer.accepted': event({
    data: z.strictObject(answer),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'seal-check', key: 'answerAccepted', values: { title: title ?? '' } }),
    description: ({ title }) => `Gave the accepted answer to a question about "${title}"`,
  }),
  /** A learner who has completed a course says under their name what they think of it: the first time. */
  'review.written': event({
    data: z.strictObject({ stars: z.number().int().min(1).max(5), text: z.string(), title: z.string() }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, stars }) => ({ icon: 'star', key: 'reviewed', values: { title, stars } }),
    description: ({ title, stars }) => `Reviewed "${title}" with ${stars} of 5 stars`,
  }),
  'colleague.active': event({
    data: z.strictObject({ colleague: z.string(), name: z.string(), title: z.string().nullable() }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ name, title }) => ({
      icon: 'users',
      key: !name ? 'colleagueUnnamed' : title ? 'colleagueTitled' : 'colleague',
      values: { name, title: title ?? '' },
    }),
    description: () => 'A colleague is learning here too',
  }),
  'contact.requested': event({
    data: z.strictObject({
      kind: z.enum(['demo', 'trial', 'contact']),
      text: z.string(),
      title: z.string().nullable(),
      /** The demo that was booked with it, and the time zone that it was chosen in. */
      demo: z
        .strictObject({
          ...demo,
          timeZone: z.string(),
        })
        .optional(),
    }),
    retention: 'account',
    consent: null,
    timeline: ({ kind, text, demo: booked }) => ({
      icon: kind === 'contact' ? 'chat-circle' : 'calendar-blank',
      key: requestKeys[kind],
      notes: [...(booked ? [demoAt(booked.startsAt)] : []), ...quote(text)],
    }),
    description: ({ kind, demo: booked }) =>
      booked ? `Booked a demo for ${inWords(booked.startsAt)}` : requestSentences[kind],
  }),
  /** A demo that was booked doesn't take place, because the person or the teammate has cancelled it. */
  'demo.cancelled': event({
    data: z.strictObject({
      cancelledBy: z.enum(['lead', 'sales']),
      ...demo,
    }),
    retention: 'account',
    consent: null,
    timeline: ({ cancelledBy, startsAt }) => ({
      icon: 'x-circle',
      key: cancelledBy === 'lead' ? 'demoCancelled' : 'demoCancelledBySales',
      notes: [demoAt(startsAt)],
    }),
    description: ({ startsAt }) => `The demo of ${inWords(startsAt)} was cancelled`,
  }),
  'session.booked': event({
    data: z.strictObject(session),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title, startsAt }) => ({
      icon: 'calendar-check',
      key: 'sessionBooked',
      values: { title },
      notes: [sessionAt(startsAt)],
    }),
    description: ({ title, startsAt }) => `Booked a seat in "${title}" on ${inWords(startsAt)}`,
  }),
  /** No seat was free. */
  'session.waitlisted': event({
    data: z.strictObject(session),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title, startsAt }) => ({
      icon: 'clock',
      key: 'sessionWaitlisted',
      values: { title },
      notes: [sessionAt(startsAt)],
    }),
    description: ({ title }) => `Joined the wait-list of "${title}"`,
  }),
  /** `expired`: a seat that was offered or held for a payment wasn't taken in time. */
  'session.booking_cancelled': event({
    data: z.strictObject({ ...session, by: z.enum(['person', 'academy', 'expired']) }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title, startsAt, by }) => ({
      icon: 'x-circle',
      key: `sessionCancelled.${by}`,
      values: { title },
      notes: [sessionAt(startsAt)],
    }),
    description: ({ title, by }) =>
      by === 'academy' ? `The academy cancelled the seat in "${title}"` : `Gave up the seat in "${title}"`,
  }),
  /** Minutes of the session's length, and how they are known. */
  'session.attended': event({
    data: z.strictObject({
      ...session,
      minutes: z.number(),
      length: z.number(),
      how: z.enum(['page', 'meeting', 'host', 'code']),
    }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, minutes, length }) => ({
      icon: 'users-three',
      key: 'sessionAttended',
      values: { title },
      notes: [{ key: 'sessionMinutes', values: { minutes, length } }],
    }),
    description: ({ title, minutes, length }) => `Attended "${title}" for ${minutes} of ${length} minutes`,
  }),
  /** For a session, or enough parts of a series. Attendance is what can count for the score, and this isn't. */
  'session.certificate_issued': event({
    data: z.strictObject({
      certificate: z.string(),
      title: z.string(),
      of: z.enum(['session', 'series']),
    }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ title }) => ({ icon: 'certificate', key: 'sessionCertificate', values: { title } }),
    description: ({ title }) => `Earned the certificate of attendance "${title}"`,
  }),
  /** Had a seat and did not come. */
  'session.missed': event({
    data: z.strictObject(session),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, startsAt }) => ({
      icon: 'minus-circle',
      key: 'sessionMissed',
      values: { title },
      notes: [sessionAt(startsAt)],
    }),
    description: ({ title }) => `Booked "${title}" and did not come`,
  }),
  /** Asked under their own name; a question that hides it isn't an event. */
  'session.question_asked': event({
    data: z.strictObject({ ...session, question: z.string(), text: z.string() }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, text }) => ({
      icon: 'chat-circle',
      key: 'sessionAsked',
      values: { title, text },
    }),
    description: ({ title }) => `Asked a question in "${title}"`,
  }),
  /**
   * Told the product team what they want, or that they want what someone else has asked for. `title` is that of a new
   * topic when a teammate has chosen it, and `by` the teammate who has put it on the list.
   */
  'feedback.given': event({
    data: z.strictObject({
      feedback: z.string(),
      kind: z.enum(['wish', 'complaint', 'question', 'search', 'course']),
      text: z.string(),
      title: z.string().nullable(),
      area: z.string(),
      source: z.enum(['own', 'vote', 'question', 'contact']),
      sourceId: z.string(),
      by: z.string().nullable(),
    }),
    retention: 'account',
    consent: 'profiling',
    timeline: ({ text, source }) => ({
      icon: 'megaphone',
      key: source === 'vote' ? 'feedbackVoted' : 'feedbackGiven',
      notes: quote(text),
    }),
    description: () => 'Told the product team what they want',
  }),
  /** A topic is new on the product team's list. The person has begun it: a learner, or a teammate. */
  'feedback.created': event({
    data: z.strictObject({ feedback: z.string() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** A teammate has changed a topic of the product team's list; `change` counts its changes from 1. */
  'feedback.updated': event({
    data: z.strictObject({
      feedback: z.string(),
      change: z.number(),
      fields: z.array(z.string()),
      state: z.string().nullable(),
    }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** Opened the recording or the slides, for the first time. */
  'session.materials_opened': event({
    data: z.strictObject({
      ...session,
      kind: z.enum(['recording', 'slides', 'link']),
      attended: z.boolean(),
    }),
    retention: 'activity',
    consent: 'profiling',
    timeline: ({ title, kind }) => ({
      icon: 'play-circle',
      key: `sessionMaterials.${kind}`,
      values: { title },
    }),
    description: ({ title, kind }) => `Opened the ${kind} of "${title}"`,
  }),
  'sharing.paused': event({
    data: pause,
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'pause-circle', key: 'paused' }),
    description: null,
  }),
  'sharing.resumed': event({
    data: pause,
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'eye', key: 'resumed' }),
    description: null,
  }),
  /** A person asks for a human review of their score (GDPR Art. 22); to be answered by `due`, ISO 8601. */
  'score_review.requested': event({
    data: z.strictObject({ due: z.iso.datetime() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  'person.erased': event({
    data: nothing,
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  'lead.qualified': event({
    data: z.strictObject({
      /** `resumed`: back with sales as before, for example after a pause. */
      trigger: z.enum(['score', 'contact_request', 'resumed']),
      band: z.string(),
      score: z.number().nullable(),
      fit: z.number(),
      sequence: z.number(),
      /** While some leads are ordered by chance, which group a new one is in (scoring/hold-out.ts). */
      group: z.enum(['score', 'chance']).optional(),
    }),
    retention: 'account',
    consent: 'share_with_sales',
    timeline: ({ band, trigger }) => ({
      icon: 'flag',
      key: { score: 'qualified', contact_request: 'qualifiedByRequest', resumed: 'resumedLead' }[trigger],
      values: { band },
    }),
    description: null,
  }),
  'lead.disqualified': event({
    data: z.strictObject({ reason: z.string(), score: z.number().nullable() }),
    retention: 'account',
    consent: null,
    timeline: ({ reason }) => ({ icon: 'flag', key: `disqualified.${reason}` }),
    description: null,
  }),
  'lead.assigned': event({
    /**
     * `owner` is null when the previous one left and nobody else is in sales. `by` is null for the rule that
     * distributes leads among the team.
     */
    data: z.strictObject({
      owner: z.string().nullable(),
      from: z.string().nullable(),
      by: z.string().nullable(),
      timeZone: ownerTimeZone,
      clock: responseClock,
      why: assignmentReason,
    }),
    retention: 'account',
    consent: null,
    timeline: ({ owner, by, why }) => ({
      icon: 'users',
      key: !owner ? 'unassigned' : by ? 'assigned' : 'assignedByRule',
      actor: by,
      ...(owner && { people: { owner } }),
      ...(why && { notes: reasonNotes(why) }),
    }),
    description: null,
  }),
  /** The response is due soon, and its owner gets a reminder. `since` is when the wait for it started. */
  'lead.reminded': event({
    data: z.strictObject({ owner: z.string(), since: z.iso.datetime() }),
    retention: 'account',
    consent: null,
    timeline: ({ owner }) => ({ icon: 'clock', key: 'reminded', people: { owner } }),
    description: null,
  }),
  /** The response is late, and the sales leads hear of it. */
  'lead.escalated': event({
    data: z.strictObject({ owner: z.string(), since: z.iso.datetime() }),
    retention: 'account',
    consent: null,
    timeline: ({ owner }) => ({ icon: 'warning', key: 'escalated', people: { owner } }),
    description: null,
  }),
  'lead.accepted': event({
    data: z.strictObject({ by: z.string().nullable(), source, timeZone: ownerTimeZone, crmOwner }),
    retention: 'account',
    consent: null,
    timeline: ({ by }) => ({ icon: 'check', ...byName(by, 'accepted', 'acceptedByCrm') }),
    description: null,
  }),
  'lead.rejected': event({
    data: z.strictObject({
      by: z.string().nullable(),
      source,
      reason: z.string(),
      text: z.string(),
      crmOwner,
    }),
    retention: 'account',
    consent: null,
    timeline: ({ by, reason, text }) => ({
      icon: 'x',
      ...byName(by, 'rejected', 'rejectedByCrm'),
      notes: [because(reason), ...quote(text)],
    }),
    description: null,
  }),
  'lead.acceptance_undone': event({
    data: z.strictObject({ by: z.string() }),
    retention: 'account',
    consent: null,
    timeline: ({ by }) => ({ icon: 'arrow-counter-clockwise', key: 'acceptanceUndone', actor: by }),
    description: null,
  }),
  'lead.rejection_undone': event({
    data: z.strictObject({ by: z.string() }),
    retention: 'account',
    consent: null,
    timeline: ({ by }) => ({ icon: 'arrow-counter-clockwise', key: 'rejectionUndone', actor: by }),
    description: null,
  }),
  /** Sales returns a lead to marketing: not now, but perhaps later. */
  'lead.returned': event({
    data: z.strictObject({ by: z.string().nullable(), source, text: z.string(), crmOwner }),
    retention: 'account',
    consent: null,
    timeline: ({ by, text }) => ({
      icon: 'arrow-left',
      ...byName(by, 'returned', 'returnedByCrm'),
      notes: quote(text),
    }),
    description: null,
  }),
  /** A teammate sets a new lead aside until a moment, when it comes back by itself. */
  'lead.snoozed': event({
    data: z.strictObject({ by: z.string(), until: z.iso.datetime(), text: z.string() }),
    retention: 'account',
    consent: null,
    timeline: ({ by, until, text }) => ({
      icon: 'bell-z',
      key: 'snoozed',
      actor: by,
      notes: [{ key: 'until', values: { moment: until } }, ...quote(text)],
    }),
    description: null,
  }),
  /** `isUndo`: what the snooze replaced is back, such as an earlier snooze. */
  'lead.snooze_ended': event({
    data: z.strictObject({ by: z.string(), isUndo: z.boolean().optional() }),
    retention: 'account',
    consent: null,
    timeline: ({ by }) => ({ icon: 'bell', key: 'snoozeEnded', actor: by }),
    description: null,
  }),
  'lead.noted': event({
    data: z.strictObject({ by: z.string(), text: z.string() }),
    retention: 'account',
    consent: null,
    timeline: ({ by, text }) => ({ icon: 'note', key: 'noted', actor: by, notes: quote(text) }),
    description: null,
  }),
  /** `note` is the id of the event of the note. */
  'lead.note_removed': event({
    data: z.strictObject({ by: z.string(), note: z.string() }),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** What sales does next, and by when; an empty text once it's done. */
  'lead.next_step_set': event({
    data: z.strictObject({ by: z.string(), text: z.string(), due: z.iso.date().nullable() }),
    retention: 'account',
    consent: null,
    timeline: ({ by, text }) => ({
      icon: 'list-checks',
      key: text ? 'nextStepSet' : 'nextStepDone',
      actor: by,
      notes: quote(text),
    }),
    description: null,
  }),
  'lead.contacted': event({
    data: z.strictObject({ source: z.literal('crm'), crmOwner }),
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'phone', key: 'contacted' }),
    description: null,
  }),
  'opportunity.opened': event({
    data: deal,
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'briefcase', key: 'opened' }),
    description: null,
  }),
  'opportunity.won': event({
    data: deal,
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'star', key: 'won' }),
    description: null,
  }),
  'opportunity.lost': event({
    data: z.strictObject({ deal: z.string().nullable(), reason: z.string(), text: z.string(), crmOwner }),
    retention: 'account',
    consent: null,
    timeline: ({ reason }) => ({ icon: 'x-circle', key: 'lost', notes: [because(reason)] }),
    description: null,
  }),
  'opportunity.reopened': event({
    data: z.strictObject({ deal: z.string().nullable(), crmOwner }),
    retention: 'account',
    consent: null,
    timeline: () => ({ icon: 'arrow-counter-clockwise', key: 'reopened' }),
    description: null,
  }),
  'order.placed': event({
    data: z.strictObject(order),
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
  /** The course opens for the first time, or the seat is theirs. */
  'order.paid': event({
    data: orderChange,
    retention: 'account',
    consent: null,
    timeline: ({ title, item }) => ({
      icon: 'receipt',
      key: item === 'session' ? 'boughtSeat' : 'bought',
      values: { title },
    }),
    description: ({ title, item }) => `Bought ${bought(title, item)}`,
  }),
  /** The course closes, or the seat is free again, because the money was sent back. */
  'order.refunded': event({
    data: orderChange,
    retention: 'account',
    consent: null,
    timeline: ({ title }) => ({ icon: 'receipt', key: 'refunded', values: { title } }),
    description: ({ title, item }) => `Got a refund for ${bought(title, item)}`,
  }),
  /** The same, because the buyer's bank took the money back. */
  'order.disputed': event({
    data: orderChange,
    retention: 'account',
    consent: null,
    timeline: ({ title }) => ({ icon: 'receipt', key: 'paymentDisputed', values: { title } }),
    description: ({ title, item }) => `Disputed the payment for ${bought(title, item)}`,
  }),
  /** The course opens again, because a refund failed or a dispute was won. */
  'order.reinstated': event({
    data: orderChange,
    retention: 'account',
    consent: null,
    timeline: ({ title }) => ({ icon: 'receipt', key: 'reinstated', values: { title } }),
    description: ({ title, item }) => `Got ${bought(title, item)} back`,
  }),
  /** Any change that neither opens nor closes the course, such as a partial refund. */
  'order.updated': event({
    data: orderChange,
    retention: 'account',
    consent: null,
    timeline: null,
    description: null,
  }),
}

export type EventName = keyof typeof definitions
export type EventData = { [N in EventName]: z.output<(typeof definitions)[N]['data']> }

/** What sales and the CRM do with a lead, in contrast to what its person does. */
export const leadEvents: ReadonlySet<EventName> = new Set(
  (Object.keys(definitions) as EventName[]).filter(name => /^(lead|opportunity)\./.test(name)),
)

/** The definition of an event as functions of any data: `event.data` always matches `event.name`. */
export function definitionOf(name: EventName): Definition<z.ZodType> {
  return definitions[name] as Definition<z.ZodType>
}
