import type { Request, Response } from 'express'
import type { Published } from '../courses/published'
import { now } from '../platform/clock'
import type { LiveSession } from '../sessions/live-session'
import { seatCountsOf, sessionsOf } from '../sessions/shown-sessions'
import { pageZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { sessionPath, sessionRow, timesIn } from './session-row'

/** How many sessions the home page lists. */
const maxShown = 3

export type SessionRows = {
  rows: ReturnType<typeof sessionRow>[]
  zone: string
  zoneText: string
  /** The same as long as the rows are. */
  key: string
}

export const noSessions: SessionRows = { rows: [], zone: '', zoneText: '', key: '' }

const isAhead = (session: LiveSession) => session.state === 'published' && session.startsAt > now()

/** Returns the next live sessions that the reader sees, as rows with their seats. */
export async function nextSessions(request: Request, response: Response): Promise<SessionRows> {
  const { brand, person } = response.locals
  const next = (await sessionsOf(brand, person)).filter(isAhead).slice(0, maxShown)
  if (!next.length) return noSessions
  const seats = await seatCountsOf(next)
  const texts = textsOf(response)
  const zone = pageZone(request)
  const rows = next.map(session =>
    sessionRow(texts, session, { zone, seats: seats.get(String(session._id)) }),
  )
  const zoneText = texts.t('academy:sessions.zone', { zone: texts.zoneName(zone) })
  return { rows, zone, zoneText, key: JSON.stringify([rows, zoneText]) }
}

/** The next live session of a course, as a link with its day and time. */
export type NextDate = { href: string; text: string; when: string; zone: string; zoneName: string }

/** Returns the next live session of a course that the reader sees,; null for none. */
export async function nextDateOf(
  request: Request,
  response: Response,
  { course }: Pick<Published, 'course'>,
): Promise<NextDate | null> {
  const { brand, person } = response.locals
  const next = (await sessionsOf(brand, person)).find(
    each => isAhead(each) && course.equals(each.course ?? ''),
  )
  if (!next) return null
  const texts = textsOf(response)
  const zone = pageZone(request)
  return {
    href: sessionPath(next),
    text: next.title,
    when: `${texts.dayIn(next.startsAt, zone)}, ${timesIn(texts, next, zone)}`,
    zone,
    zoneName: texts.zoneName(zone, next.startsAt),
  }
}
