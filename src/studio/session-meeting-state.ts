import type { LiveSession } from '../sessions/live-session'
import { SessionMeetings } from '../sessions/session-meeting'
import type { Texts } from '../web/texts'

/**
 * Returns where the meeting of a session stands that a service shall create: on its way, there, read afterwards, or why
 * it isn't there. Null for a session without one.
 */
export async function meetingSentence(
  { _id, state, meetingService, timeZone }: LiveSession,
  { t, dateIn }: Texts,
): Promise<string | null> {
  if (!meetingService || state !== 'published') return null
  const entry = await SessionMeetings.findById(_id)
  const service = t(`studio:sessions.form.services.${meetingService}`)
  const error = entry?.lastError ?? ''
  if (entry?.failedAt) return t('studio:sessions.meeting.failed', { service, error })
  if (error) return t('studio:sessions.meeting.retried', { service, error })
  if (!entry?.meeting) return t('studio:sessions.meeting.waits', { service })
  return entry.readAt
    ? t('studio:sessions.meeting.read', { service, when: dateIn(entry.readAt, timeZone) })
    : t('studio:sessions.meeting.ready', { service })
}
