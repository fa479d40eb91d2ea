import { roomText } from '../sessions/calendar-event'
import type { LiveSession } from '../sessions/live-session'
import type { Texts } from '../web/texts'
import { sessionPath } from './session-row'

/** `20261201T100000Z` */
const utc = (at: Date) => at.toISOString().replace(/[-:]|\.\d{3}/g, '')

/** Returns the ways to add a session to a calendar: a file, and the pages of Google and Outlook that take an event. */
export function addToCalendar({ t }: Texts, session: LiveSession, baseUrl: string) {
  const { title, startsAt, endsAt } = session
  const page = baseUrl + sessionPath(session)
  const place = session.kind === 'room' ? roomText(session) : page
  const google = new URLSearchParams({
    ...{
      action: 'TEMPLATE',
      text: title,
      dates: `${utc(startsAt)}/${utc(endsAt)}`,
      details: page,
      location: place,
    },
  })
  const outlook = new URLSearchParams({
    ...{ path: '/calendar/action/compose', rru: 'addevent', subject: title, body: page, location: place },
    ...{ startdt: startsAt.toISOString(), enddt: endsAt.toISOString() },
  })
  return [
    { href: `${sessionPath(session)}/calendar.ics`, text: t('academy:sessions.calendar.file') },
    { href: `https://calendar.google.com/calendar/render?${google}`, text: 'Google Calendar' },
    { href: `https://outlook.live.com/calendar/0/deeplink/compose?${outlook}`, text: 'Outlook.com' },
    { href: `https://outlook.office.com/calendar/0/deeplink/compose?${outlook}`, text: 'Microsoft 365' },
  ]
}
