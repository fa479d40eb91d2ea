import type { Response } from 'express'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { lengthOf, phaseOf, type LiveSession } from '../sessions/live-session'
import { SessionSeats } from '../sessions/seats'
import { sessionPermissions } from '../sessions/session-role'
import { textsOf, type Texts } from '../web/texts'

export const sessionUrl = ({ _id }: Pick<LiveSession, '_id'>) => `/studio/sessions/${_id}`

/** Returns the tag that says where a session stands. */
export function stateTag(
  session: Pick<LiveSession, 'state' | 'startsAt' | 'endsAt'>,
  { t }: Pick<Texts, 't'>,
): { text: string; colour: string } {
  const { state } = session
  if (state === 'cancelled') return { text: t('studio:sessions.states.cancelled'), colour: 'tag-brick' }
  if (state === 'draft') return { text: t('studio:sessions.states.draft'), colour: '' }
  const phase = phaseOf(session, now())
  if (phase === 'live') return { text: t('studio:sessions.states.live'), colour: 'tag-ochre' }
  if (phase === 'past') return { text: t('studio:sessions.states.past'), colour: '' }
  return { text: t('studio:sessions.states.published'), colour: 'tag-pine' }
}

const tabs = ['details', 'people', 'live', 'afterwards'] as const
export type SessionTab = (typeof tabs)[number]

/** Returns what all pages of a session in the studio share: its head, tabs and what the person may do. */
export async function sessionPage(session: LiveSession, person: Person, response: Response, tab: SessionTab) {
  const texts = textsOf(response)
  const { t, dateIn, minutes } = texts
  const url = sessionUrl(session)
  const seats = await SessionSeats.findById(session._id, { capacity: 1, taken: 1, waitingCount: 1 })
  const { taken = 0, waitingCount = 0, capacity = 0 } = seats ?? {}
  const when = dateIn(session.startsAt, session.timeZone)
  const permissions = sessionPermissions(person, session)
  return {
    layout: 'studio',
    nav: 'sessions',
    head: { title: `${session.title} · ${t(`studio:sessions.pages.${tab}`)}`, noindex: true },
    url,
    title: session.title,
    tag: stateTag(session, texts),
    academyUrl: session.state === 'draft' ? null : `/sessions/${session.slug}`,
    sentence: [
      t('studio:sessions.sentence', {
        when,
        length: minutes(lengthOf(session)),
        place: texts.within(t(`studio:sessions.form.kinds.${session.kind}`)),
      }),
      ...(session.state === 'published' ? [t('studio:sessions.taken', { count: taken, capacity })] : []),
      ...(waitingCount ? [t('studio:sessions.waitingSentence', { count: waitingCount })] : []),
    ].join(' '),
    tabs: tabs
      .filter(each => each !== 'live' || (permissions.has('run') && session.state === 'published'))
      .map(each => ({
        href: each === 'details' ? url : `${url}/${each}`,
        text: t(`studio:sessions.pages.${each}`),
        isCurrent: each === tab,
      })),
    permissions,
    canWrite: permissions.has('write') && session.state !== 'cancelled',
    seats: { taken, waitingCount, capacity },
  }
}
