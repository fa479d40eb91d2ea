import type { Response } from 'express'
import { coursesFor } from '../courses/shown-courses'
import { People, type Person } from '../people/person'
import { defaultSeats, problemsOf } from '../sessions/change-session'
import { isUndoable, LiveSessions, SessionSeries, type LiveSession } from '../sessions/live-session'
import { followingOf } from '../sessions/series'
import { hostAccounts } from '../sessions/session-role'
import { emptyForm, type Form } from '../web/form'
import { textsOf, type Texts } from '../web/texts'
import { moreDatesFields, seriesRows } from './repetition-fields'
import { sessionSections } from './session-fields'
import type { SessionChoices } from './session-form'
import { sessionValues } from './session-values'
import { meetingSentence } from './session-meeting-state'
import { sessionPage, sessionUrl, stateTag } from './session-page'

export const formScripts = ['/js/form-rows.js']

/** Returns what the form of a session chooses from. */
export async function choicesFor(person: Person, response: Response): Promise<SessionChoices> {
  const [courses, teammates] = await Promise.all([
    coursesFor(person),
    People.find({ role: { $in: [...hostAccounts] }, suspendedAt: null, erasedAt: null }, { name: 1 }),
  ])
  return {
    lists: response.locals.lists,
    courses,
    teammates: teammates.toSorted((a, b) => a.name.localeCompare(b.name)),
  }
}

/** What was typed into the other forms of the page, with what is wrong. */
type OtherForms = { series?: Form; dates?: Form }

/** Shows a session with its form, and the others of its series. */
export async function renderSession(
  session: LiveSession,
  response: Response,
  person: Person,
  typed?: Form,
  others: OtherForms = {},
): Promise<void> {
  const texts = textsOf(response)
  const [page, choices, following] = await Promise.all([
    sessionPage(session, person, response, 'details'),
    choicesFor(person, response),
    followingOf(session),
  ])
  const { capacity } = page.seats
  const values = { ...sessionValues(session, capacity || defaultSeats, choices), ...typed?.values }
  const form = {
    values: typed && Object.keys(typed.values).length ? typed.values : values,
    errors: typed?.errors ?? {},
  }
  const { canWrite } = page
  const told = session.state === 'published' ? page.seats.taken + page.seats.waitingCount : 0
  const isDraft = session.state === 'draft'
  response.render('studio/session', {
    ...page,
    scripts: formScripts,
    form,
    isDraft,
    cancelled: session.state === 'cancelled' ? cancelledView(session, page.seats, texts) : null,
    isPublished: session.state === 'published',
    canWithdraw: canWrite && session.state === 'published' && !page.seats.taken && !page.seats.waitingCount,
    problems: isDraft ? problemsOf(session).map(each => texts.t(`studio:sessions.problems.${each}`)) : [],
    sections: sessionSections(form, { ...choices, session, following: following.length, told }, texts),
    series: await seriesView(session, response, others),
    meeting: await meetingSentence(session, texts),
  })
}

/** Who has been told about a cancellation, and whether it can be taken back. */
function cancelledView(
  session: LiveSession,
  { taken, waitingCount }: { taken: number; waitingCount: number },
  { t, timeIn, dateIn }: Texts,
) {
  const { undoUntil, cancelledAt, cancellation, timeZone } = session
  const when = cancelledAt ? dateIn(cancelledAt, timeZone) : ''
  const because = t(`studio:sessions.cancelled.${cancellation?.because ?? 'host'}`, { when })
  if (!undoUntil || !isUndoable(session)) {
    return { text: `${because} ${t('studio:sessions.cancelled.told')}`, canUndo: false }
  }
  const values = { count: taken + waitingCount, time: timeIn(undoUntil, timeZone) }
  return { text: `${because} ${t('studio:sessions.cancelled.notTold', values)}`, canUndo: true }
}

/** The other sessions of a series, and what the series is. */
async function seriesView(session: LiveSession, response: Response, { series: form, dates }: OtherForms) {
  const series = session.series && (await SessionSeries.findById(session.series))
  if (!series) return null
  const texts = textsOf(response)
  const { t, dateIn } = texts
  const all = await LiveSessions.find({ series: series._id }).sort({ startsAt: 1 })
  const { certificate: seriesCertificate, required: seriesRequired, title: seriesTitle } = series
  return {
    title: t(`studio:sessions.series.${series.kind}`, { count: all.length }),
    rows: all.map(each => ({
      href: sessionUrl(each),
      isCurrent: each._id.equals(session._id),
      when: dateIn(each.startsAt, each.timeZone),
      title: each.title,
      tag: stateTag(each, texts),
    })),
    drafts: all.filter(({ state }) => state === 'draft').length,
    form: form ?? {
      values: { seriesTitle, seriesCertificate, seriesRequired: seriesRequired ?? '' },
      errors: {},
    },
    fields: [
      { name: 'seriesTitle', label: t('studio:sessions.form.seriesTitle'), required: true, maxlength: 120 },
      ...seriesRows({ t }).flat(),
    ],
    adding: {
      form: dates ?? emptyForm(),
      fields: moreDatesFields(texts),
      text: t(`studio:sessions.addDatesText.${series.kind}`),
    },
  }
}
