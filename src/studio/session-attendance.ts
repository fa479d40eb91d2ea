import type { Response } from 'express'
import type { Person } from '../people/person'
import { timeZoneOf } from '../people/person'
import { isTimeZone } from '../platform/config'
import { audit } from '../events/audit'
import { conflict } from '../platform/errors'
import { attendanceFileCaps, UnreadableAttendance } from '../sessions/attendance-file'
import { importAttendance } from '../sessions/import-attendance'
import type { LiveSession } from '../sessions/live-session'
import { emptyForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { zoneField } from './session-fields'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

const maxFiles = 4

export const readAttendance = readUploads('files', {
  files: maxFiles,
  megabytes: (maxFiles * attendanceFileCaps.bytes) / 1024 / 1024,
})

/** The most lines of a file that are named as unread. */
const maxFaults = 20

type Result = Awaited<ReturnType<typeof importAttendance>>

/** `GET /studio/sessions/:id/attendance`: takes the files that a meeting service has of who was there. */
export const show: MemberHandler = async (request, response, person) => {
  await render(await sessionOf(request), response, person, emptyForm())
}

/** `POST /studio/sessions/:id/attendance`: counts them, and says what could not be read and who is unknown. */
export const create: MemberHandler = async (request, response, person) => {
  const session = await sessionOf(request)
  const { t } = textsOf(response)
  const { timeZone = '' } = request.body as { timeZone?: string }
  const values = { timeZone }
  const uploads = uploadsOf(request)
  const refused = (reason: string) =>
    render(session, response.status(422), person, {
      values,
      errors: { files: t(`studio:sessions.attendance.errors.${reason}`) },
    })
  if (!uploads.length) return refused('none')
  try {
    const files = await Promise.all(uploads.map(bytesOf))
    const result = await importAttendance(session, files, isTimeZone(timeZone) ? timeZone : null)
    await audit({
      ...{ actor: person._id, action: 'session.attendance_imported', subject: session.slug },
      detail: { attended: result.attended },
    })
    await render(session, response, person, { values, errors: {} }, result)
  } catch (error) {
    if (!(error instanceof UnreadableAttendance)) throw error
    await refused(error.reason)
  }
}

async function render(
  session: LiveSession,
  response: Response,
  person: Person,
  form: Form,
  result?: Result,
): Promise<void> {
  if (session.state !== 'published') throw conflict('studio:sessions.errors.notPublished')
  const texts = textsOf(response)
  const { t } = texts
  const faults = result?.files.flatMap(file => file.faults) ?? []
  response.render('studio/session-attendance', {
    ...(await sessionPage(session, person, response, 'afterwards')),
    form,
    action: `${sessionUrl(session)}/attendance`,
    result: result && {
      attended: t('studio:sessions.attendance.attended', { count: result.attended }),
      unmatched: result.unmatched,
      unmatchedTitle: t('studio:sessions.attendance.unmatched', { count: result.unmatched.length }),
      faults: faults
        .slice(0, maxFaults)
        .map(({ line, reason }) => t(`studio:sessions.attendance.faults.${reason}`, { line })),
      moreFaults: Math.max(0, faults.length - maxFaults),
    },
    fields: [
      {
        ...{ name: 'files', type: 'file', multiple: true, accept: '.csv,.txt,text/csv', required: true },
        ...{ label: t('studio:sessions.attendance.files'), hint: t('studio:sessions.attendance.filesHint') },
      },
      {
        ...zoneField(t('studio:sessions.attendance.timeZone'), String(form.values.timeZone ?? '')),
        ...{ hint: t('studio:sessions.attendance.timeZoneHint'), value: timeZoneOf(person) },
      },
    ],
  })
}
