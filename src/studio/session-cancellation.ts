import type { Response } from 'express'
import { z } from 'zod'
import type { Person } from '../people/person'
import { later, minutes, now } from '../platform/clock'
import {
  cancelSession,
  removeSessionDraft,
  restoreSession,
  toldAtOnceWithin,
  undoWindow,
} from '../sessions/change-session'
import type { LiveSession } from '../sessions/live-session'
import { followingOf } from '../sessions/series'
import { SessionSeats } from '../sessions/seats'
import { emptyForm, optionalField, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { setDoneFlash } from './course-page'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

/** `GET /studio/sessions/:id/cancellation`: says who will be told before anything happens. */
export const show: MemberHandler = async (request, response, person) => {
  await render(await sessionOf(request), response, person, emptyForm())
}

const schema = z.object({
  reason: optionalField(600).transform(text => text ?? ''),
  scope: z.enum(['one', 'following']).default('one'),
})

/** `POST /studio/sessions/:id/cancellation`: cancels a session, with those that follow if asked to; removes a draft. */
export const create: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const { t } = textsOf(response)
  const { data, form } = readForm(schema, request, response)
  if (form) return render(session, response.status(422), person, form)
  const following = data.scope === 'following' ? await followingOf(session) : []
  const moment = now()
  for (const each of [session, ...following]) {
    if (each.state === 'draft') await removeSessionDraft(each, person._id)
    else await cancelSession(each, data.reason, person._id, moment)
  }
  const flash = session.state === 'draft' ? 'removed' : 'cancelled'
  setDoneFlash(response, t(`studio:sessions.flash.${flash}`, { count: following.length + 1 }))
  response.redirect(303, session.state === 'draft' ? '/studio/sessions?tab=drafts' : sessionUrl(session))
}

/** How long it can be taken back. */
function undoText({ startsAt }: LiveSession, t: Texts['t']): string {
  if (startsAt <= later(now(), toldAtOnceWithin)) return t('studio:sessions.cancel.atOnce')
  return t('studio:sessions.cancel.undoFor', { count: undoWindow / minutes(1) })
}

/** `POST /studio/sessions/:id/restoration`: takes a cancellation back that nobody has been told about. */
export const undoCancellation: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const count = await restoreSession(session, person._id)
  setDoneFlash(response, textsOf(response).t('studio:sessions.flash.restored', { count }))
  response.redirect(303, sessionUrl(session))
}

async function render(session: LiveSession, response: Response, person: Person, form: Form): Promise<void> {
  const { t } = textsOf(response)
  const [page, following] = await Promise.all([
    sessionPage(session, person, response, 'details'),
    followingOf(session),
  ])
  const isDraft = session.state === 'draft'
  const seats = await SessionSeats.find(
    { _id: { $in: following.map(({ _id }) => _id) } },
    { taken: 1, waitingCount: 1 },
  )
  const told = ({ taken, waitingCount }: { taken: number; waitingCount: number }) => taken + waitingCount
  const own = told(page.seats)
  const later = seats.reduce((sum, each) => sum + told(each), 0)
  response.render('studio/session-cancellation', {
    ...page,
    form,
    heading: t(`studio:sessions.cancel.${isDraft ? 'removeTitle' : 'title'}`),
    text: isDraft
      ? t('studio:sessions.cancel.removeText')
      : own
        ? t('studio:sessions.cancel.told', { count: own })
        : t('studio:sessions.cancel.nobody'),
    undo: isDraft ? null : undoText(session, t),
    isPossible: isDraft || (session.state === 'published' && session.endsAt > now()),
    button: t(`studio:sessions.cancel.${isDraft ? 'remove' : 'button'}`),
    fields: [
      ...(isDraft
        ? []
        : [
            {
              ...{ kind: 'textarea', name: 'reason', label: t('studio:sessions.cancel.reason') },
              ...{ hint: t('studio:sessions.cancel.reasonHint'), rows: 3, maxlength: 600, optional: true },
            },
          ]),
      ...(following.length
        ? [
            {
              ...{ kind: 'radios', name: 'scope', label: t('studio:sessions.cancel.scope'), value: 'one' },
              options: [
                { value: 'one', text: t('studio:sessions.form.scopeOne') },
                {
                  value: 'following',
                  text: t('studio:sessions.form.scopeFollowing', { count: following.length }),
                  hint: later ? t('studio:sessions.cancel.toldLater', { count: later }) : undefined,
                },
              ],
            },
          ]
        : []),
    ],
  })
}
