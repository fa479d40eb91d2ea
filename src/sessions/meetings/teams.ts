import type { config } from '../../platform/config'
import type { MeetingStay } from '../attendance-file'
import { missing, serviceCaller, type ServiceCall } from './call-service'
import { stayOf } from './meeting-stay'
import {
  MeetingServiceError,
  type CreatedMeeting,
  type MeetingPlan,
  type MeetingService,
} from './meeting-service'

type TeamsMeeting = { id: string; joinWebUrl: string }
type TeamsRecord = {
  emailAddress?: string | null
  identity?: { displayName?: string | null } | null
  attendanceIntervals?: { joinDateTime?: string | null; leaveDateTime?: string | null }[]
}

/**
 * Meetings of Microsoft Teams through Microsoft Graph, with an app's own credentials: the permissions
 * `OnlineMeetings.ReadWrite.All` and `OnlineMeetingArtifact.Read.All`, and an application access policy for the
 * organiser. See
 * https://learn.microsoft.com/en-us/graph/api/onlinemeeting-createorget
 *
 * `createOrGet` with the reference as the external id returns the same meeting however often it is asked.
 */
export function teamsMeetings(account: NonNullable<typeof config.teams>): MeetingService {
  const base = account.apiBase ?? 'https://graph.microsoft.com'
  const call = serviceCaller({
    name: 'Microsoft Teams',
    base,
    tokenAddress: `${account.apiBase ?? 'https://login.microsoftonline.com'}/${encodeURIComponent(account.tenantId)}/oauth2/v2.0/token`,
    tokenForm: {
      grant_type: 'client_credentials',
      client_id: account.clientId,
      client_secret: account.clientSecret,
      scope: 'https://graph.microsoft.com/.default',
    },
  })
  const meetings = `/v1.0/users/${encodeURIComponent(account.user)}/onlineMeetings`
  const meeting = (id: string) => `${meetings}/${encodeURIComponent(id)}`

  const update = async (id: string, plan: MeetingPlan): Promise<CreatedMeeting | null> => {
    const changed = await call({ method: 'PATCH', path: meeting(id), body: bodyOf(plan) })
    return changed === missing ? null : createdOf(changed as TeamsMeeting)
  }
  const createOrGet = async (plan: MeetingPlan): Promise<TeamsMeeting> => {
    const body = { ...bodyOf(plan), externalId: plan.reference }
    const created = await call({ method: 'POST', path: `${meetings}/createOrGet`, body })
    if (created === missing) throw new MeetingServiceError(`Microsoft Teams: no user ${account.user}`, 404)
    return created as TeamsMeeting
  }

  return {
    create: async plan => {
      const { id } = await createOrGet(plan)
      // One that was there already has the time of then.
      const updated = await update(id, plan)
      if (!updated) throw new MeetingServiceError('Microsoft Teams: the meeting was deleted meanwhile', null)
      return updated
    },
    update,
    remove: async (id, plan) => {
      // A meeting can't be looked up by its external id, only created or got.
      await call({ method: 'DELETE', path: meeting(id ?? (await createOrGet(plan)).id) })
    },
    stays: async id => {
      const reports = await pagesOf<{ id: string }>(call, base, `${meeting(id)}/attendanceReports`)
      const stays: MeetingStay[] = []
      // A meeting that was ended and begun again has several.
      for (const report of reports) {
        const path = `${meeting(id)}/attendanceReports/${encodeURIComponent(report.id)}/attendanceRecords`
        stays.push(...(await pagesOf<TeamsRecord>(call, base, path)).flatMap(staysOf))
      }
      return stays
    },
  }
}

function bodyOf({ title, startsAt, endsAt }: MeetingPlan) {
  return { subject: title, startDateTime: startsAt.toISOString(), endDateTime: endsAt.toISOString() }
}

/** The organiser joins by the same address, signed in. */
function createdOf({ id, joinWebUrl }: TeamsMeeting): CreatedMeeting {
  return { id, joinUrl: joinWebUrl, hostUrl: joinWebUrl }
}

function staysOf({ emailAddress, identity, attendanceIntervals = [] }: TeamsRecord): MeetingStay[] {
  return attendanceIntervals.flatMap(({ joinDateTime, leaveDateTime }) =>
    stayOf(identity?.displayName ?? '', emailAddress, joinDateTime, leaveDateTime),
  )
}

/** Each page has the address of the next one, which is followed at the same origin only: the token goes with it. */
async function pagesOf<Entry>(
  call: (call: ServiceCall) => Promise<unknown>,
  base: string,
  path: string,
): Promise<Entry[]> {
  const entries: Entry[] = []
  for (let next: string | undefined = path; next;) {
    const page = await call({ method: 'GET', path: next })
    if (page === missing) return entries
    const { value = [], '@odata.nextLink': link } = page as { value?: Entry[]; '@odata.nextLink'?: string }
    entries.push(...value)
    if (link && !link.startsWith(`${base}/`)) {
      throw new MeetingServiceError('Microsoft Teams: a page leads to another server', 502)
    }
    next = link?.slice(base.length)
  }
  return entries
}
