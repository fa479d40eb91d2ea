import { z } from 'zod'
import { now } from '../platform/clock'
import { HttpError, notFound } from '../platform/errors'
import { defaultSeats, problemsOf, publishSession } from '../sessions/change-session'
import { LiveSessions, SessionSeries, type LiveSession } from '../sessions/live-session'
import { SessionSeats } from '../sessions/seats'
import { addToSeries, changeSeries } from '../sessions/series'
import { checkbox, lineField, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { recordIdOf, submissionOf } from '../web/occasion'
import { textsOf } from '../web/texts'
import { setDoneFlash } from './course-page'
import { sessionOf } from './session-guard'
import { sessionUrl } from './session-page'
import { moreDatesSchema, repeatedStarts, repetitionSchema, type MoreDates } from './session-repetition'
import { renderSession } from './session-shown'

/** `POST /studio/sessions/:id/series/publication`: opens all drafts of a series that can be. */
export const publishSeries: MemberHandler = async (request, response, person) => {
  const { series } = await sessionOf(request)
  const drafts = series ? await LiveSessions.find({ series, state: 'draft' }).sort({ startsAt: 1 }) : []
  const ready = drafts.filter(session => !problemsOf(session).length)
  for (const session of ready) await publishSession(session, person._id)
  const left = drafts.length - ready.length
  const { t } = textsOf(response)
  const bold = t('studio:sessions.flash.seriesPublished', { count: ready.length })
  setDoneFlash(response, bold, left ? t('studio:sessions.flash.seriesLeft', { count: left }) : undefined)
  response.redirect(303, `/studio/sessions/${request.params.id}#series`)
}

/** How far after the latest session of a series more of it are looked for. */
const maxFollowing = 500

const seriesSchema = z.object({
  seriesTitle: lineField('studio:sessions.errors.title', 120),
  seriesCertificate: checkbox,
  seriesRequired: repetitionSchema.shape.seriesRequired,
})

/** `POST /studio/sessions/:id/series`: saves the title of its series and what its certificate needs. */
export const updateSeries: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const series = session.series && (await SessionSeries.findById(session.series))
  const { data, form } = readForm(seriesSchema, request, response)
  if (form || !series)
    return renderSession(session, response.status(422), person, undefined, { series: form })
  const { seriesTitle: title, seriesCertificate: certificate, seriesRequired: required } = data
  await changeSeries(series, { title, certificate, required }, person._id)
  setDoneFlash(response, textsOf(response).t('studio:sessions.flash.seriesSaved'))
  response.redirect(303, `${sessionUrl(session)}#series`)
}

/** `POST /studio/sessions/:id/series/dates`: adds drafts like the latest session of its series, once for a form. */
export const addDates: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  if (!session.series) throw notFound()
  const again = (status: number, form: Form) =>
    renderSession(session, response.status(status), person, undefined, { dates: form })
  const { data, form } = readForm(moreDatesSchema, request, response)
  if (form) return again(422, form)
  const all = await LiveSessions.find({ series: session.series }).sort({ startsAt: 1 })
  const latest = all.findLast(({ state }) => state !== 'cancelled') ?? all.at(-1)!
  const starts = startsAfter(latest, data, all)
  const values = request.body as Form['values']
  const { t } = textsOf(response)
  if (!starts.length) return again(422, { values, errors: { dates: t('studio:sessions.errors.knownDates') } })
  const seats = (await SessionSeats.findById(latest._id, { capacity: 1 }))?.capacity ?? defaultSeats
  try {
    const _id = recordIdOf(submissionOf(request, person))
    await addToSeries(_id, latest, starts, { seats, by: person._id })
  } catch (error) {
    if (!(error instanceof HttpError)) throw error
    return again(error.status, { values, errors: { form: t(error.key, error.values) } })
  }
  setDoneFlash(response, t('studio:sessions.flash.datesAdded', { count: starts.length }))
  response.redirect(303, `${sessionUrl(session)}#series`)
}

/** Returns the starts of more sessions, in order: days that were chosen, or those that follow and are ahead. */
function startsAfter(latest: LiveSession, { repeats, count, dates }: MoreDates, all: LiveSession[]): Date[] {
  const known = new Set(all.map(({ startsAt }) => startsAt.getTime()))
  const isNew = (start: Date) => !known.has(start.getTime())
  if (repeats === 'dates') return repeatedStarts(latest, { repeats, count, dates }).filter(isNew)
  const following = repeatedStarts(latest, { repeats, count: maxFollowing, dates })
  return following.filter(start => start > now() && isNew(start)).slice(0, count ?? 1)
}
