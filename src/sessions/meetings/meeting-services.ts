import { config } from '../../platform/config'
import type { MeetingService } from './meeting-service'
import { teamsMeetings } from './teams'
import { zoomMeetings } from './zoom'

/** Services by the account they were made for: one account asks for one token. */
const made = new WeakMap<object, MeetingService>()

/** Returns the service that creates meetings, as the installation's settings have it; null without such settings. */
export function meetingServiceOf(name: 'zoom' | 'teams'): MeetingService | null {
  const { zoom, teams } = config
  const account = name === 'zoom' ? zoom : teams
  if (!account) return null
  const service = made.get(account) ?? (name === 'zoom' ? zoomMeetings(zoom!) : teamsMeetings(teams!))
  made.set(account, service)
  return service
}
