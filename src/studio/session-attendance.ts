import type { Response } from 'express'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { now } from '../platform/clock'
import { isTimeZone } from '../platform/config'
import { conflict } from '../platform/errors'
import { attendanceFileCaps, UnreadableAttendance } from '../sessions/attendance-file'
import { importAttendance } from '../sessions/import-attendance'
import type { LiveSession } from '../sessions/live-session'
import { SessionMeetings } from '../sessions/session-meeting'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { readingFiles } from './reading-files'
import { zoneOptions } from './session-fields'
import { sessionOf } from './session-guard'
import { sessionPage, sessionUrl } from './session-page'

const maxFiles = 5
const megabytes = attendanceFileCaps.bytes / 1024 / 1024
/** How many names and lines are listed. */
const mostListed = 100

export const upload = readUploads('files', { files: maxFiles, megabytes: maxFiles * megabytes })

export const attendanceFilesUrl = (session: LiveSession) => `${sessionUrl(session)}/attendance-files`

/** Files are about an online session that has begun. */
export function canImport({ state, kind, startsAt }: LiveSession): boolean {
  return state === 'published' && kind === 'online' && startsAt <= now()
}

/** `GET /studio/sessions/:id/attendance-files` */
export const compose: MemberHandler = async (request, response, person) => {
  const session = await sessionToCount(request)
  await render(session, { response, person }, { timeZone: session.timeZone })
}

/**
 * `POST /studio/sessions/:id/attendance-files`: counts who was there by the files of a meeting service, and says what
 * in them could not be read, and whom nobody knows. None of that is kept.
 */
export const create: MemberHandler = async (request, response, person) => {
  const session = await sessionToCount(request)
  const timeZone = String((request.body as { timeZone?: unknown }).timeZone ?? '')
  const refuse = (name: 'files' | 'timeZone', reason: string) => {
    const errors = { [name]: textsOf(response).t(`studio:sessions.attendance.errors.${reason}`) }
    return render(session, { response: response.status(422), person }, { timeZone, errors })
  }
  const files = uploadsOf(request).filter(({ size }) => size > 0)
  if (!isTimeZone(timeZone)) return refuse('timeZone', 'timeZone')
  if (!files.length) return refuse('files', 'files')
  if (files.some(({ size }) => size > attendanceFileCaps.bytes)) return refuse('files', 'size')
  try {
    const imported = await readingFiles(async () =>
      importAttendance(session, await Promise.all(files.map(bytesOf)), timeZone),
    )
    const detail = { files: files.length, attended: imported.attended }
    await audit({
      actor: person._id,
      action: 'session.attendance_imported',
      subject: session.slug,
      detail,
    })
    await render(session, { response, person }, { timeZone, report: reportView(imported, textsOf(response)) })
  } catch (error) {
    if (!(error instanceof UnreadableAttendance)) throw error
    await refuse('files', error.reason)
  }
}

async function sessionToCount(request: Parameters<typeof sessionOf>[0]): Promise<LiveSession> {
  const session = await sessionOf(request)
  if (!canImport(session)) throw conflict('studio:sessions.attendance.errors.early')
  return session
}

type Imported = Awaited<ReturnType<typeof importAttendance>>

function reportView({ files, attended, unmatched }: Imported, { t }: Texts) {
  const faults = files.flatMap(each => each.faults)
  const list = (key: 'unmatched' | 'faults', all: string[]) => ({
    title: t(`studio:sessions.attendance.${key}`, { count: all.length }),
    entries: all.slice(0, mostListed),
    more: all.length > mostListed && t('studio:sessions.attendance.more', { count: all.length - mostListed }),
  })
  const lists = [
    list('unmatched', unmatched),
    list(
      'faults',
      faults.map(({ line, reason }) => t(`studio:sessions.attendance.fault.${reason}`, { line })),
    ),
  ]
  return {
    sentence: attended
      ? t('studio:sessions.attendance.counted', { count: attended })
      : t('studio:sessions.attendance.nobody'),
    files: files.map(({ maker, stays }) =>
      t('studio:sessions.attendance.file', {
        count: stays.length,
        maker: t(`studio:sessions.attendance.makers.${maker}`),
      }),
    ),
    lists: lists.filter(({ entries }) => entries.length),
  }
}

type Shown = { timeZone: string; errors?: Record<string, string>; report?: ReturnType<typeof reportView> }

async function render(
  session: LiveSession,
  { response, person }: { response: Response; person: Person },
  { timeZone, errors = {}, report }: Shown,
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const page = await sessionPage(session, person, response, 'afterwards')
  const hint = t('studio:sessions.attendance.filesHint', { count: maxFiles, megabytes })
  response.render('studio/session-attendance', {
    ...page,
    head: { title: `${session.title} · ${t('studio:sessions.attendance.title')}`, noindex: true },
    action: attendanceFilesUrl(session),
    service: await serviceText(session, texts),
    report,
    form: { values: { timeZone }, errors },
    fields: [
      {
        ...{ name: 'timeZone', kind: 'select', label: t('studio:sessions.attendance.timeZone') },
        ...{ hint: t('studio:sessions.attendance.timeZoneHint'), options: zoneOptions(timeZone) },
      },
      {
        ...{ name: 'files', type: 'file', label: t('studio:sessions.attendance.files'), hint },
        ...{ accept: '.csv,text/csv', multiple: true, required: true },
      },
    ],
  })
}

/** What the service that has created the meeting knows; null for a meeting of the host's own. */
async function serviceText(session: LiveSession, { t, dateIn }: Texts): Promise<string | null> {
  const entry = await SessionMeetings.findById(session._id)
  if (!entry?.service) return null
  const service = t(`studio:sessions.attendance.services.${entry.service}`)
  if (entry.failedAt) {
    return t('studio:sessions.attendance.failed', { service, error: entry.lastError ?? '' })
  }
  return entry.readAt
    ? t('studio:sessions.attendance.read', { service, when: dateIn(entry.readAt, session.timeZone) })
    : t('studio:sessions.attendance.waits', { service })
}
