import type { MeetingStay } from '../attendance-file'

/** What a meeting is for. */
export type MeetingPlan = {
  /** Tells this meeting from all others of the account, for ever: the session's id. */
  reference: string
  title: string
  startsAt: Date
  endsAt: Date
  /** IANA time zone in which the service shows it to its host. */
  timeZone: string
}

export type CreatedMeeting = {
  id: string
  /** For those who booked; whoever has it can join. */
  joinUrl: string
  /** For the host, who signs in there. */
  hostUrl: string
}

/**
 * A service in which the academy creates meetings. Every call may run again after an interruption at any point, and
 * throws `MeetingServiceError`.
 */
export type MeetingService = {
  /** Returns the meeting of a plan, which is created unless it is there already. */
  create: (plan: MeetingPlan) => Promise<CreatedMeeting>
  /** Changes time and title. Returns null for a meeting that someone has deleted. */
  update: (id: string, plan: MeetingPlan) => Promise<CreatedMeeting | null>
  /** Deletes the meeting of a plan, also when it was created and its id never arrived. */
  remove: (id: string | null, plan: MeetingPlan) => Promise<void>
  /** Returns who was in it, and when; empty before the service knows. */
  stays: (id: string) => Promise<MeetingStay[]>
}

/** Thrown when a service did not do what was asked. Its message has no secret. */
export class MeetingServiceError extends Error {
  constructor(
    message: string,
    /** The HTTP status; null without a response. */
    readonly status: number | null,
    /** How long the service asks to wait, in milliseconds. */
    readonly retryAfter: number | null = null,
  ) {
    super(message)
  }

  /** True when asking again would bring the same answer, such as for wrong credentials. */
  get isPermanent(): boolean {
    return this.status !== null && this.status < 500 && ![408, 425, 429].includes(this.status)
  }
}
