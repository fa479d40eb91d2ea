import type { Response } from 'express'
import type { Person } from '../people/person'
import { firstNameOf } from '../people/first-name'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { audit } from '../events/audit'
import { sendMaterials } from '../sessions/advance-sessions'
import { SessionBookings } from '../sessions/booking'
import { materialsFor } from '../sessions/materials'
import type { LiveSession } from '../sessions/live-session'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { setDoneFlash } from './course-page'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

const outcomes = ['attended', 'missed'] as const

/** `GET /studio/sessions/:id/messages`: shows what those who came and those who didn't get, and how many they are. */
export const show: MemberHandler = async (request, response, person) => {
  await render(await sessionOf(request), response, person)
}

/** `POST /studio/sessions/:id/messages`: sends what was shown, once. */
export const create: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const { t } = textsOf(response)
  const { base } = request.body as { base?: string }
  if (String(session.changes) !== base) {
    setFlash(response, { kind: 'warning', bold: t('studio:sessions.messages.changed') })
    return response.redirect(303, `${sessionUrl(session)}/messages`)
  }
  requireEnded(session)
  const isSent = await sendMaterials(session, session.messages ?? { attended: '', missed: '' })
  if (isSent) {
    await audit({ actor: person._id, action: 'session.materials_sent', subject: session.slug })
    setDoneFlash(response, t('studio:sessions.messages.sent'))
  } else setFlash(response, { kind: 'warning', bold: t('studio:sessions.messages.already') })
  response.redirect(303, `${sessionUrl(session)}/afterwards`)
}

function requireEnded({ state, endsAt }: LiveSession): void {
  if (state !== 'published' || endsAt > now()) throw conflict('studio:sessions.messages.early')
}

async function render(session: LiveSession, response: Response, person: Person): Promise<void> {
  requireEnded(session)
  const texts = textsOf(response)
  const { t } = texts
  const { finishedAt, messages, materials, title, materialsDueAt } = session
  const counts = await Promise.all(
    outcomes.map(outcome => SessionBookings.count(materialsFor(session, outcome))),
  )
  const views = { attended: 'sessionMaterials', missed: 'sessionMissed' } as const
  response.render('studio/session-messages', {
    ...(await sessionPage(session, person, response, 'afterwards')),
    base: session.changes,
    isSent: materialsDueAt !== null,
    isCounted: finishedAt !== null,
    total: finishedAt ? (counts[0] ?? 0) + (counts[1] ?? 0) : null,
    button: t('studio:sessions.messages.button', { count: (counts[0] ?? 0) + (counts[1] ?? 0) }),
    emails: outcomes.map((outcome, n) => ({
      heading: finishedAt
        ? t(`studio:sessions.messages.${outcome}`, { count: counts[n] ?? 0 })
        : t(`studio:sessions.messages.later.${outcome}`),
      subject: t(`mail:subjects.${views[outcome]}`, { title }),
      greeting: t('mail:greeting', { name: firstNameOf(person.name) }),
      text: t(`mail:session.${outcome}`, { title }),
      words: messages?.[outcome] ?? '',
      materials: materials.map(each => t(`mail:session.material.${each.kind}`, { title: each.title })),
      button: t('mail:session.materials'),
      colleagues: t('mail:session.colleagues'),
      link: `${response.locals.baseUrl}/sessions/${session.slug}`,
    })),
  })
}
