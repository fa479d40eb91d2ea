import { withoutSecrets } from '../platform/secret-routes'
import { stringify } from 'csv-stringify/sync'
import { now } from '../platform/clock'
import { Events, type Event } from '../events/event'
import { Deliveries } from '../webhooks/delivery'
import { Messages } from '../webhooks/message'
import { FeedbackVoices } from '../community/feedback'
import { getsFeedbackDigest } from '../community/feedback-digest'
import { feedbackReaders } from '../community/feedback-emails'
import { Attempts } from '../learning/attempt'
import { Certificates } from '../learning/certificate'
import { Enrolments } from '../learning/enrolment'
import { Absences } from '../leads/absence'
import { DemoBookings } from '../leads/demo-booking'
import { digestRhythmOf } from '../leads/digest-choice'
import { busyFeedOf } from '../leads/busy-feed'
import { demoHoursOf } from '../leads/demo-hours'
import { batchesAbout } from '../leads/lead-batch'
import { visitTimesOf } from '../leads/lead-visit'
import { savedViewsOf } from '../leads/saved-view'
import { goalOf } from '../learning/goal'
import { KeptAnswers } from '../learning/kept-answers'
import { LessonNotes, RemovedNotes } from '../learning/lesson-notes'
import { Playlists } from '../learning/playlist'
import { PodcastFeeds } from '../learning/podcast-feed'
import { groupsAbout } from '../community/group'
import { digestStateOf } from '../community/digest-queue'
import { Posts } from '../community/post'
import { reportsBy } from '../community/moderation-case'
import { moderationRecordOf } from '../community/moderation-record'
import { Reviews } from '../community/review'
import { Threads } from '../community/thread'
import { InboundEmails } from '../mail/inbound-email'
import { SessionBookings } from '../sessions/booking'
import { LiveSessions } from '../sessions/live-session'
import { PollVotes } from '../sessions/poll'
import { SessionQuestions } from '../sessions/session-question'
import { SessionProposals } from '../sessions/proposal'
import { sessionCalendarOf } from '../sessions/session-calendar'
import { Emails } from '../mail/email'
import { Orders } from '../orders/order'
import { CourseInvitations } from '../courses/invitation'
import { AttentionClocks } from '../people/attention-clock'
import { answersOf, profileQuestions } from '../people/profile-question'
import { Consents } from '../people/consent'
import type { Person } from '../people/person'
import { showsProgress } from '../people/team-member'
import { explainScore } from '../scoring/explain'
import { replaysAbout } from '../leads/scoring-replay'
import { modelCommentsBy } from '../scoring/model-comment'
import type { MemberHandler } from '../web/handler'
import type { Translate } from '../web/i18n'
import { textsOf } from '../web/texts'
import { leadOwnerOf, recipientsOf } from './recipients'

/** Export your data, or delete your account. */
export const show: MemberHandler = (request, response, person) => {
  response.render('account/data', dataPage(person, textsOf(response).t))
}

/** Everything we have about the person, as one JSON document (GDPR Art. 15 and 20). */
export const download: MemberHandler = async (request, response, person) => {
  response.attachment(`my-data-${today()}.json`).type('json')
  response.send(JSON.stringify(await dataOf(person), null, 2))
}

/** Every event of the person as CSV. Values that a spreadsheet would treat as a formula are escaped. */
export const table: MemberHandler = async (request, response, person) => {
  const events = await eventsOf(person._id)
  const rows = events.map(({ at, name, data }) => [at.toISOString(), name, JSON.stringify(data)])
  response.attachment(`my-events-${today()}.csv`).type('csv')
  response.send(stringify([['at', 'event', 'data'], ...rows], { bom: true, escape_formulas: true }))
}

/** Returns what the page shows, with or without an invalid form. */
export function dataPage({ email }: Pick<Person, 'email'>, t: Translate) {
  return {
    head: { title: t('account:data.title'), noindex: true },
    confirmation: {
      name: 'confirmation',
      label: t('account:data.confirmation'),
      hint: t('account:data.confirmationHint', { email }),
      autocomplete: 'off',
      spellcheck: 'false',
      required: true,
    },
  }
}

/** The person's own events. That a colleague learns here is one of them; who the colleague is stays private. */
async function eventsOf(person: Person['_id']): Promise<Event[]> {
  const events = await Events.find({ person }, { name: 1, at: 1, course: 1, data: 1 }).sort({ at: -1 })
  return events.map(event => (event.name === 'colleague.active' ? { ...event, data: {} } : event)) as Event[]
}

async function dataOf({ passwordHash, ...person }: Person) {
  const about = { person: person._id }
  const [
    consents,
    events,
    enrolments,
    attempts,
    keptAnswers,
    certificates,
    playlists,
    notes,
    removedNotes,
    podcastFeeds,
    sessionBookings,
    sessionQuestions,
    sessionQuestionVotes,
    sessionAnswers,
    hostedSessions,
    pollVotes,
    sessionCalendar,
    sessionProposals,
    wishes,
    wishEmails,
    feedbackDigest,
    questions,
    answers,
    questionVotes,
    answerVotes,
    followedQuestions,
    repliesByEmail,
    reviews,
    reports,
    moderationRecord,
    groups,
    communityDigest,
    learningGoal,
    attentionClocks,
    demo,
    demoHours,
    busyFeed,
    digest,
    absences,
    leadVisits,
    answersTogether,
    savedViews,
    scoringComments,
    scoringReplays,
    orders,
    emails,
    deliveries,
    messages,
    profileAnswers,
    showsProgressToColleagues,
    invitations,
  ] = await Promise.all([
    Consents.find(about).sort({ givenAt: -1 }),
    eventsOf(person._id),
    Enrolments.find(about),
    Attempts.find(about),
    KeptAnswers.find(about),
    Certificates.find(about),
    Playlists.find(about),
    LessonNotes.find(about),
    RemovedNotes.find(about),
    PodcastFeeds.find(about),
    SessionBookings.find(about, { leaseToken: 0, leaseUntil: 0 }),
    SessionQuestions.find(about, { voters: 0 }),
    SessionQuestions.find({ voters: person._id }, { session: 1 }),
    SessionQuestions.find({ 'answer.by': person._id }, { session: 1, answer: 1 }),
    LiveSessions.find({ 'hosts.person': person._id }, { title: 1, startsAt: 1, endsAt: 1 }),
    PollVotes.find(about),
    sessionCalendarOf(person._id),
    SessionProposals.find(about, { decidedBy: 0 }),
    FeedbackVoices.find(about),
    feedbackReaders([person._id]).then(readers => readers.length > 0),
    getsFeedbackDigest(person._id),
    Threads.find(about, { voters: 0, followers: 0, search: 0, leaseToken: 0, leaseUntil: 0 }),
    Posts.find(about, { voters: 0, leaseToken: 0, leaseUntil: 0 }),
    Threads.find({ voters: person._id }, { title: 1 }),
    Posts.find({ voters: person._id }, { thread: 1 }),
    Threads.find({ followers: person._id }, { title: 1 }),
    InboundEmails.find(about, { receivedAt: 1, result: 1 }),
    Reviews.find(about, { 'answer.by': 0 }),
    reportsBy(person._id),
    moderationRecordOf(person._id),
    groupsAbout(person._id),
    digestStateOf(person._id),
    goalOf(person._id),
    AttentionClocks.find(about, { taken: 1, reports: 1, changedAt: 1 }),
    DemoBookings.findById(person._id, { rep: 0, leaseToken: 0, leaseUntil: 0 }),
    demoHoursOf(person._id),
    busyFeedOf(person._id),
    digestRhythmOf(person._id),
    Absences.find({ teammate: person._id }, { by: 0, handedOver: 0 }),
    visitTimesOf(person._id),
    batchesAbout(person._id),
    savedViewsOf(person._id),
    modelCommentsBy(person._id),
    replaysAbout(person._id),
    Orders.find(about),
    Emails.find(about, { html: 0, leaseToken: 0, leaseUntil: 0 }).sort({ createdAt: -1 }),
    Deliveries.find(about, { attemptLog: 0, leaseToken: 0, leaseUntil: 0 }).sort({ createdAt: -1 }),
    Messages.find(about).sort({ sequence: -1 }),
    answersAbout(person),
    showsProgress(person._id),
    CourseInvitations.find({ $or: [{ people: person._id }, { email: person.email }] }, { people: 0, by: 0 }),
  ])
  return {
    exportedAt: now(),
    person: { ...person, hasPassword: passwordHash !== null },
    consents,
    score: await explainScore(person._id),
    recipients: { systems: await recipientsOf(person._id), sales: await leadOwnerOf(person._id) },
    events,
    enrolments,
    attempts,
    keptAnswers,
    certificates,
    playlists,
    notes,
    removedNotes,
    podcastFeeds,
    sessionBookings,
    sessionQuestions,
    sessionQuestionVotes,
    sessionAnswers,
    hostedSessions,
    pollVotes,
    sessionCalendar,
    sessionProposals,
    wishes,
    wishEmails,
    feedbackDigest,
    questions,
    answers,
    questionVotes,
    answerVotes,
    followedQuestions,
    repliesByEmail,
    reviews,
    reports,
    moderationRecord,
    groups,
    communityDigest,
    learningGoal,
    attentionClocks,
    demo,
    demoHours,
    busyFeed,
    digest,
    absences,
    leadVisits,
    answersTogether,
    savedViews,
    scoringComments,
    scoringReplays,
    profileAnswers,
    showsProgressToColleagues,
    invitations,
    orders,
    emails: emails.map(({ text, listUnsubscribe: _token, ...email }) => ({
      ...email,
      text: withoutSecrets(text),
    })),
    deliveries,
    messages: messages.map(({ body, ...message }) => ({
      ...message,
      body: body && JSON.parse(withoutSecrets(body)),
    })),
  }
}

/** The questions about the person that they have answered or skipped. */
async function answersAbout(person: Pick<Person, '_id'>) {
  const [questions, answers] = await Promise.all([profileQuestions(), answersOf(person)])
  return answers.map(({ question, value, at }) => ({
    question: questions.find(({ _id }) => _id.equals(question))?.label ?? null,
    value,
    at,
  }))
}

/** Today in UTC, `YYYY-MM-DD`. */
function today(): string {
  return now().toISOString().slice(0, 10)
}
