import type { Types } from 'mongoose'
import { hours, later, minutes, now, seconds } from '../platform/clock'
import { completeUnlessDue, defineQueue, doubling, work, type Consumer } from '../platform/queue'
import { date, nested, nullable, objectId, oneOf, string, type RecordOf } from '../platform/record'
import { countMeetingTime } from './import-attendance'
import { LiveSessions, overrunMinutes, type LiveSession } from './live-session'
import { MeetingServiceError, type MeetingPlan, type MeetingService } from './meetings/meeting-service'
import { meetingServiceOf } from './meetings/meeting-services'

/**
 * What a meeting service has of a session, and what is still to be done there. The service and the plan are written
 * before a meeting is created, so that one whose answer was lost is found again, and deleted with its session.
 */
export const SessionMeetings = defineQueue(
  'SessionMeeting',
  'session_meetings',
  {
    /** The session's id. */
    _id: objectId(),
    /** Null while no service has anything. */
    service: nullable(oneOf(['zoom', 'teams'])),
    /** The meeting's, at the service; null until it has answered. */
    meeting: nullable(string()),
    plan: nullable(nested({ title: string(), startsAt: date(), endsAt: date(), timeZone: string() })),
    /** When it was read who was there. */
    readAt: nullable(date()),
  },
  { queue: 'session-meetings' },
)
export type SessionMeeting = RecordOf<typeof SessionMeetings>

/** How long whoever calls `arrangeMeeting` has for saving the session. */
const grace = seconds(5)
/** A service knows who was there a while after the end, and sometimes much later. */
const [reportAfter, reportEvery, reportUntil] = [minutes(overrunMinutes + 5), minutes(30), hours(24)]

/**
 * Makes the worker create, change or delete the meeting of a session, as the session says it in a few seconds. It is
 * called before the session is saved, so that nothing is left behind when the process dies in between.
 */
export async function arrangeMeeting(session: Types.ObjectId): Promise<void> {
  const due = { dueAt: later(now(), grace), attempts: 0, failedAt: null, lastError: null }
  await SessionMeetings.updateOne({ _id: session }, { $set: due }, { upsert: true })
}

/**
 * Keeps the meetings at Zoom and Teams as their sessions are, and reads afterwards who was there. Each step may run
 * again after an interruption. 20 attempts take 17 hours, or longer when a service asks for it.
 */
export const keepMeetings: Consumer = work(
  SessionMeetings,
  {
    lease: minutes(5),
    backoff: doubling(minutes(1), hours(1)),
    maxAttempts: 20,
    atOnce: 2,
    isPermanent: error => error instanceof MeetingServiceError && error.isPermanent,
    onFailure: (_meeting, error, { dueAt }) => {
      const wait = error instanceof MeetingServiceError ? error.retryAfter : null
      return dueAt && wait ? { dueAt: new Date(Math.max(dueAt.getTime(), later(now(), wait).getTime())) } : {}
    },
  },
  async entry => completeUnlessDue(SessionMeetings, entry, await followSession(entry)),
)

type State = Pick<SessionMeeting, 'service' | 'meeting' | 'plan' | 'readAt'>

async function followSession(entry: SessionMeeting): Promise<Partial<SessionMeeting>> {
  const session = await LiveSessions.findById(entry._id)
  const state = await withoutOther(entry, session)
  if (!session || !wantedService(session)) return state
  const ended = later(session.endsAt, reportAfter)
  if (now() < session.endsAt) return { ...(await withMeeting(state, session)), dueAt: ended }
  return state.meeting && !state.readAt ? readStays(state, session, ended) : state
}

/** The service that shall have a meeting of the session; null for none. A past meeting stays where it is. */
function wantedService({ state, kind, meetingService }: LiveSession): SessionMeeting['service'] {
  return state === 'published' && kind === 'online' ? meetingService : null
}

/** Deletes the meeting at a service that shall have none. */
async function withoutOther(entry: SessionMeeting, session: LiveSession | null): Promise<State> {
  const { _id, service, meeting, plan, readAt } = entry
  if (!service || !plan || service === (session && wantedService(session))) {
    return { service, meeting, plan, readAt }
  }
  await serviceOf(service).remove(meeting, { ...plan, reference: String(_id) })
  const at = { _id, 'meeting.service': service }
  // A link that the host has typed instead is not the meeting's.
  await LiveSessions.updateOne({ ...at, meetingService: null }, { $set: { meeting: null } })
  await LiveSessions.updateOne(at, { $set: { meeting: null, joinUrl: '' } })
  return { service: null, meeting: null, plan: null, readAt: null }
}

/** Creates the meeting of a session, or changes it when time, title or zone are others. */
async function withMeeting({ meeting, plan: before }: State, session: LiveSession): Promise<State> {
  const service = wantedService(session)!
  const { _id, title, startsAt, endsAt, timeZone } = session
  const plan = { title, startsAt, endsAt, timeZone }
  if (meeting && session.meeting && session.joinUrl && isSame(plan, before)) {
    return { service, meeting, plan, readAt: null }
  }
  await SessionMeetings.updateOne({ _id }, { $set: { service, plan } })
  const asked: MeetingPlan = { ...plan, reference: String(_id) }
  const api = serviceOf(service)
  const { id, joinUrl, hostUrl } =
    (meeting && (await api.update(meeting, asked))) || (await api.create(asked))
  await LiveSessions.updateOne(
    { _id, meetingService: service, state: 'published' },
    { $set: { meeting: { service, id, hostUrl }, joinUrl } },
  )
  return { service, meeting: id, plan, readAt: null }
}

function isSame(plan: Omit<MeetingPlan, 'reference'>, before: State['plan']): boolean {
  return (
    before !== null &&
    plan.title === before.title &&
    plan.timeZone === before.timeZone &&
    plan.startsAt.getTime() === before.startsAt.getTime() &&
    plan.endsAt.getTime() === before.endsAt.getTime()
  )
}

async function readStays(state: State, session: LiveSession, ended: Date): Promise<Partial<SessionMeeting>> {
  const moment = now()
  if (moment < ended) return { ...state, dueAt: ended }
  const stays = await serviceOf(state.service!).stays(state.meeting!)
  const next = later(moment, reportEvery)
  if (!stays.length) return { ...state, dueAt: next < later(ended, reportUntil) ? next : null }
  await countMeetingTime(session, stays)
  return { ...state, readAt: moment }
}

function serviceOf(name: NonNullable<SessionMeeting['service']>): MeetingService {
  const service = meetingServiceOf(name)
  if (!service) throw new MeetingServiceError(`No settings for ${name}`, 400)
  return service
}
