import type { config } from '../../platform/config'
import { minutes } from '../../platform/clock'
import { missing, serviceCaller, type ServiceCall } from './call-service'
import type { MeetingStay } from '../attendance-file'
import { stayOf } from './meeting-stay'
import {
  MeetingServiceError,
  type CreatedMeeting,
  type MeetingPlan,
  type MeetingService,
} from './meeting-service'

type ZoomMeeting = {
  id: number
  join_url: string
  start_url?: string
  agenda?: string
  created_at?: string
}
type ZoomParticipant = {
  name?: string
  user_email?: string
  join_time?: string
  leave_time?: string
  status?: string
}

/**
 * Meetings of a Zoom account with a Server-to-Server OAuth app: scopes `meeting:write:meeting:admin`,
 * `meeting:update:meeting:admin`, `meeting:delete:meeting:admin`, `meeting:read:list_meetings:admin`,
 * `meeting:read:meeting:admin`, `meeting:read:list_past_instances:admin` and
 * `meeting:read:list_past_participants:admin`. See https://developers.zoom.us/docs/api/meetings/
 *
 * Zoom has no idempotency key. So the reference is at the start of a meeting's description, of which a list has 250
 * characters, and a meeting is only created when none of the account has it. Of two that a request without an answer
 * has left behind, the older one stays.
 */
export function zoomMeetings(account: NonNullable<typeof config.zoom>): MeetingService {
  const call = serviceCaller({
    name: 'Zoom',
    base: account.apiBase ?? 'https://api.zoom.us',
    tokenAddress: `${account.apiBase ?? 'https://zoom.us'}/oauth/token`,
    tokenForm: { grant_type: 'account_credentials', account_id: account.accountId },
    basic: { user: account.clientId, password: account.clientSecret },
  })
  const user = `/v2/users/${encodeURIComponent(account.user)}/meetings`
  const meeting = (id: string | number) => `/v2/meetings/${encodeURIComponent(id)}`

  const withReference = async ({ reference }: MeetingPlan): Promise<ZoomMeeting[]> => {
    const all = await pagesOf<ZoomMeeting>(call, `${user}?type=scheduled&page_size=300`, 'meetings')
    return all
      .filter(({ agenda }) => agenda?.startsWith(markOf(reference)))
      .sort((a, b) => Date.parse(a.created_at ?? '') - Date.parse(b.created_at ?? '') || a.id - b.id)
  }
  const read = async (id: string | number): Promise<CreatedMeeting | null> => {
    const found = await call({ method: 'GET', path: meeting(id) })
    return found === missing ? null : createdOf(found as ZoomMeeting)
  }
  const remove = (id: string | number) => call({ method: 'DELETE', path: meeting(id) })

  return {
    create: async plan => {
      const [first, ...others] = await withReference(plan)
      for (const { id } of others) await remove(id)
      const existing = first && (await read(first.id))
      if (existing) {
        await call({ method: 'PATCH', path: meeting(existing.id), body: bodyOf(plan) })
        return existing
      }
      const created = await call({ method: 'POST', path: user, body: bodyOf(plan) })
      if (created === missing) throw new MeetingServiceError(`Zoom: no user ${account.user}`, 404)
      return createdOf(created as ZoomMeeting)
    },
    update: async (id, plan) => {
      const changed = await call({ method: 'PATCH', path: meeting(id), body: bodyOf(plan) })
      return changed === missing ? null : read(id)
    },
    remove: async (id, plan) => {
      if (id) await remove(id)
      for (const other of await withReference(plan)) await remove(other.id)
    },
    stays: async id => {
      const past = await call({
        method: 'GET',
        path: `/v2/past_meetings/${encodeURIComponent(id)}/instances`,
      })
      if (past === missing) return []
      const stays: MeetingStay[] = []
      // A meeting that was ended and begun again has several.
      for (const { uuid } of (past as { meetings?: { uuid: string }[] }).meetings ?? []) {
        const path = `/v2/past_meetings/${encodedUuid(uuid)}/participants?page_size=300`
        stays.push(...(await pagesOf<ZoomParticipant>(call, path, 'participants')).flatMap(staysOf))
      }
      return stays
    },
  }
}

const markOf = (reference: string) => `[${reference}]`

function bodyOf({ reference, title, startsAt, endsAt, timeZone }: MeetingPlan) {
  return {
    topic: title.slice(0, 200),
    // Scheduled, once.
    type: 2,
    start_time: startsAt.toISOString().replace(/\.\d+/, ''),
    duration: Math.ceil((endsAt.getTime() - startsAt.getTime()) / minutes(1)),
    timezone: timeZone,
    agenda: markOf(reference),
  }
}

/** Without the query of the host's address, which is a token that starts the meeting in the host's name. */
function createdOf({ id, join_url, start_url }: ZoomMeeting): CreatedMeeting {
  return { id: String(id), joinUrl: join_url, hostUrl: start_url?.replace(/\?.*/s, '') ?? join_url }
}

function staysOf({ name = '', user_email, join_time, leave_time, status }: ZoomParticipant): MeetingStay[] {
  return status === 'in_waiting_room' ? [] : stayOf(name, user_email, join_time, leave_time)
}

/** Zoom decodes an identifier twice when it has a slash at its start, or two in a row. */
function encodedUuid(uuid: string): string {
  const once = encodeURIComponent(uuid)
  return uuid.startsWith('/') || uuid.includes('//') ? encodeURIComponent(once) : once
}

/** A list has at most 300 entries on each page. Nothing is found where there is no such list. */
async function pagesOf<Entry>(
  call: (call: ServiceCall) => Promise<unknown>,
  path: string,
  field: string,
): Promise<Entry[]> {
  const entries: Entry[] = []
  let next = ''
  do {
    const query = next && `&next_page_token=${encodeURIComponent(next)}`
    const page = await call({ method: 'GET', path: `${path}${query}` })
    if (page === missing) return entries
    const { next_page_token = '', [field]: list = [] } = page as Record<string, unknown>
    entries.push(...(list as Entry[]))
    next = String(next_page_token)
  } while (next)
  return entries
}
