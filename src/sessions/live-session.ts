import { minutes, now } from '../platform/clock'
import { defineQueue } from '../platform/queue'
import {
  boolean,
  date,
  free,
  list,
  nested,
  nullable,
  number,
  objectId,
  oneOf,
  optional,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'
import type { CourseVisibility } from '../courses/visibility'

/** Who can find a session of its own; one of a course is for whoever sees the course. */
export const sessionVisibilities = [
  'public',
  'signed-in',
  'verified-company',
  'listed-companies',
] as const satisfies CourseVisibility[]

/** A draft is seen by the team only. A cancelled session keeps its page, which says so. */
const sessionStates = ['draft', 'published', 'cancelled'] as const

/** The most of each. */
export const sessionCaps = {
  seats: 5_000,
  waiting: 2_000,
  hosts: 12,
  agenda: 30,
  questions: 10,
  options: 30,
  materials: 20,
  series: 60,
}

/**
 * Several sessions with one page: the parts of a training, all of which one attends, or other dates of the same one.
 * Due when a change of several sessions was interrupted (series.ts), or people have to be told about dates that were
 * added (series-news.ts).
 */
export const SessionSeries = defineQueue(
  'SessionSeries',
  'session_series',
  {
    slug: string(),
    title: string(),
    kind: oneOf(['parts', 'dates']),
    /** Whether those who attend enough of its parts get a certificate. */
    certificate: withDefault(boolean(), false),
    /** How many parts have to be attended for it; all without a number. */
    required: nullable(number()),
    /** What is being written to its sessions; null once it is. */
    plan: nullable(
      nested({
        by: nullable(objectId()),
        seats: number(),
        /** The fields of a session that all of them get. */
        shared: free<Record<string, unknown>>(),
        each: list(
          nested({
            session: objectId(),
            /** The number of changes of a session before; null for one to be created. */
            base: nullable(number()),
            part: nullable(number()),
            startsAt: date(),
            endsAt: date(),
          }),
        ),
        /** Whether they are added to a series that people may have booked. */
        isNews: withDefault(boolean(), false),
      }),
    ),
    /** The dates that its people are being told about, and the last booking whose person was told. */
    news: nullable(nested({ sessions: list(objectId()), after: string() })),
    createdAt: date(),
  },
  {
    queue: 'session-series',
    indexes: [[{ slug: 1 }, { unique: true }], [{ 'plan.shared.hosts.person': 1 }]],
  },
)
export type SessionSeries = RecordOf<typeof SessionSeries>

/** What people plan by: they are told about each change of it. */
const timeAndPlace = {
  startsAt: date(),
  endsAt: date(),
  /** IANA time zone in which the host chose the time; a series stays at its hour there when clocks change. */
  timeZone: string(),
  kind: oneOf(['online', 'room']),
  /** Null online. */
  place: nullable(nested({ name: string(), address: string(), mapUrl: string() })),
}

/**
 * Live sessions: online or in a room, of a course or of their own. How many seats there are, and who has them, is in
 * seats.ts. Due when people have to be told about a change, when too few have booked, and after its end
 * (advance-sessions.ts).
 */
export const LiveSessions = defineQueue(
  'LiveSession',
  'live_sessions',
  {
    slug: string(),
    state: oneOf(sessionStates),
    /** Null for one that isn't part of a series. */
    series: nullable(objectId()),
    /** Its number in the series, from 1. */
    part: nullable(number()),
    /** Added to an existing series: people who booked other parts are told once it is published. */
    isNews: withDefault(boolean(), false),
    course: nullable(objectId()),
    /** An entry of the academy's topics; that of its course, if it has one. */
    topic: string(),
    visibility: withDefault(oneOf(sessionVisibilities), 'public'),
    companies: list(string()),
    excludedCompanies: list(string()),
    title: string(),
    summary: string(),
    /** Markdown. */
    description: withDefault(string(), ''),
    /** A language tag, such as `en`. */
    language: string(),
    ...timeAndPlace,
    /** Where the meeting is; shown on the page of the room only, and only to those with a seat. Empty when unknown. */
    joinUrl: withDefault(string(), ''),
    /** The meeting that a connector has created; null for an address that was typed. */
    meeting: nullable(nested({ service: oneOf(['zoom', 'teams']), id: string(), hostUrl: string() })),
    /** Which connector shall create the meeting; null for none. */
    meetingService: nullable(oneOf(['zoom', 'teams'])),
    hosts: list(
      nested({
        /** A teammate, who may run it; null for a guest. */
        person: nullable(objectId()),
        name: string(),
        role: string(),
        /** In the panel, and not the host. */
        isPanel: boolean(),
      }),
    ),
    /** What happens, in minutes from the start. */
    agenda: list(nested({ minute: number(), text: string() })),
    /** What people are asked when they book. */
    questions: list(
      nested({
        id: string(),
        label: string(),
        kind: oneOf(['text', 'choice']),
        options: list(string()),
        isRequired: boolean(),
      }),
    ),
    /** In minor units of the currency; null for a free one. */
    price: nullable(nested({ amount: number(), currency: string() })),
    /** Whoever gives up a seat that was paid so many hours before the start gets the money back; null for never. */
    refundHours: withDefault(nullable(number()), 24),
    /** It is cancelled when fewer have booked so many hours before the start; null for no minimum. */
    minimum: nullable(nested({ seats: number(), hours: number() })),
    /** The start for which enough had booked in time; null before. */
    minimumMetFor: nullable(date()),
    /** How long a seat that came free is kept for the next in the wait-list, in hours. */
    claimHours: withDefault(number(), 12),
    isRecorded: withDefault(boolean(), false),
    hasCaptions: withDefault(boolean(), false),
    certificate: withDefault(boolean(), false),
    /** The share of its length, 0 to 1, from which someone has attended. */
    attendedFrom: withDefault(number(), 0.5),
    /** What those who came and those who didn't get afterwards. */
    materials: list(
      nested({
        id: string(),
        kind: oneOf(['recording', 'slides', 'link']),
        title: string(),
        /** Where it is on the web; empty for a file that was uploaded. */
        url: string(),
        file: optional(nested({ hash: string(), name: string(), size: number() })),
        /** Shown to everyone, also in a link for colleagues; otherwise to those who booked. */
        isPublic: boolean(),
      }),
    ),
    /** What a host writes to those who attended, and to those who didn't. */
    messages: nullable(nested({ attended: string(), missed: string() })),
    /** When a host had the materials sent, with their messages; null before. */
    materialsDueAt: nullable(date()),
    /** The last booking whose person got them, while they are sent. */
    materialsAfter: withDefault(string(), ''),
    /** When everyone had got them; null before. A later change sends nothing. */
    materialsSentAt: nullable(date()),
    /** RFC 5546: incremented by each change of time or place and by a cancellation, which people are told about. */
    sequence: withDefault(number(), 0),
    /** The sequence that everyone who booked has been told about. */
    notifiedSequence: withDefault(number(), 0),
    /** The time and place that they have been told; null before it is published. */
    told: nullable(nested(timeAndPlace)),
    /** When the first change was saved that people haven't been told about; null when there is none. */
    movedAt: nullable(date()),
    /** The change that they are being told about: when it was noticed, and the last booking whose person was told. */
    notice: nullable(nested({ sequence: number(), seenAt: date(), after: string() })),
    cancelledAt: nullable(date()),
    /** Until when a cancellation can be undone; nobody is told before then. Null if it went out at once. */
    undoUntil: nullable(date()),
    /** Why, in the host's words, or empty; `minimum` tells that too few had booked. */
    cancellation: nullable(nested({ because: oneOf(['host', 'minimum']), text: string() })),
    /** When attendance was counted, after its end. */
    finishedAt: nullable(date()),
    /** When more became known about who was there, which is counted again. */
    recountAt: nullable(date()),
    /** When what says who was there was deleted. */
    purgedAt: nullable(date()),
    /** Incremented by every save; one that is based on an older number is rejected with 409. */
    changes: withDefault(number(), 0),
    createdAt: date(),
    createdBy: nullable(objectId()),
  },
  {
    queue: 'live-sessions',
    indexes: [
      [{ slug: 1 }, { unique: true }],
      [{ state: 1, startsAt: 1 }],
      [{ startsAt: 1, _id: 1 }],
      [{ series: 1, startsAt: 1 }],
      [{ course: 1, startsAt: 1 }],
      [{ 'hosts.person': 1, startsAt: 1 }],
    ],
  },
)
export type LiveSession = RecordOf<typeof LiveSessions>
export type TimeAndPlace = Pick<LiveSession, keyof typeof timeAndPlace>

/** The page that leads to the meeting opens so many minutes before the start. */
export const joinMinutes = 15
/** How long after its end a session is still open, because many run over. */
export const overrunMinutes = 15

/** Whether a session was cancelled so lately that nobody has been told, and that it can be taken back. */
export function isUndoable({ state, undoUntil }: Pick<LiveSession, 'state' | 'undoUntil'>): boolean {
  return state === 'cancelled' && undoUntil !== null && undoUntil > now()
}

/** Where a session stands at a moment. */
export function phaseOf(
  { startsAt, endsAt }: Pick<LiveSession, 'startsAt' | 'endsAt'>,
  moment: Date = now(),
): 'ahead' | 'open' | 'live' | 'past' {
  const time = moment.getTime()
  if (time < startsAt.getTime() - minutes(joinMinutes)) return 'ahead'
  if (time < startsAt.getTime()) return 'open'
  return time < endsAt.getTime() ? 'live' : 'past'
}

/** Whether a session has begun: a free seat is for whoever takes it then, and nobody is waited for. */
export const hasStarted = ({ startsAt }: Pick<LiveSession, 'startsAt'>): boolean => startsAt <= now()

/** Returns the length of a session in minutes. */
export function lengthOf({ startsAt, endsAt }: Pick<LiveSession, 'startsAt' | 'endsAt'>): number {
  return Math.round((endsAt.getTime() - startsAt.getTime()) / minutes(1))
}
