import type { Request, Response } from 'express'
import type { Published } from '../courses/published'
import { remembered } from '../platform/cached'
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
}

export const noSessions: SessionRows = { rows: [], zone: '', zoneText: '' }

const isAhead = (session: LiveSession) => session.state === 'published' && session.startsAt > now()

const rememberedRows = remembered<SessionRows>()

/**
 * Returns the next live sessions that the reader sees, as rows with their seats: the same object as long as those say
 * the same.
 */
export async function nextSessions(request: Request, response: Response): Promise<SessionRows> {
  const { brand, person } = response.locals
  const shown = await sessionsOf(brand, person)
  const next = shown.filter(isAhead).slice(0, maxShown)
  if (!next.length) return noSessions
  const seats = await seatCountsOf(next)
  const texts = textsOf(response)
  const zone = pageZone(request)
  return rememberedRows(shown, zone, [texts.t, texts.zoneName(zone), seats, ...next], () => ({
    rows: next.map(session => sessionRow(texts, session, { zone, seats: seats.get(String(session._id)) })),
    zone,
    zoneText: texts.t('academy:sessions.zone', { zone: texts.zoneName(zone) }),
  }))
}

/** The next live session of a course, as a link with its day and time. */
export type NextDate = { href: string; text: string; when: string; zone: string; zoneName: string }

/** Returns the next live session of a course that the reader sees; null for none. */
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
