import { parse } from 'csv-parse/sync'
import { invalidEmailReason, normaliseEmail } from '../people/email-address'
import { days } from '../platform/clock'
import { normaliseLine } from '../platform/text'
import { momentOf, readDuration, readWrittenTime, type DayOrder, type WrittenTime } from './file-times'

/** The meeting services whose files are known. */
type MeetingMaker = 'zoom' | 'teams' | 'meet' | 'webex'

/** One stay in a meeting, as the service tells it. */
export type MeetingStay = {
  name: string
  /** Null where the service doesn't know it. */
  email: string | null
  joinedAt: Date
  leftAt: Date
  /** How long they were there in between; less than the whole time for someone who left and came back. */
  seconds: number
}

/** A stay with the number of its line. */
type FileStay = MeetingStay & { line: number }

/**
 * Why a line says nothing: it has no name; no time or duration that can be read; an end before its start; or it is of
 * another day than the session.
 */
type LineFault = { line: number; reason: 'name' | 'time' | 'order' | 'day' }

export type AttendanceFile = { maker: MeetingMaker; stays: FileStay[]; faults: LineFault[] }

/** Thrown for a file that can't be read at all. `timeZone`: its times have none, and none was given. */
export class UnreadableAttendance extends Error {
  constructor(readonly reason: 'size' | 'rows' | 'format' | 'timeZone') {
    super(`unreadable attendance file: ${reason}`)
  }
}

export const attendanceFileCaps = { bytes: 2 * 1024 * 1024, rows: 5_000 }

/** What a column is called, in lower case; the first name that is there counts. */
const columns = {
  name: ['name (original name)', 'user name (original name)', 'full name', 'display name', 'name'],
  first: ['first name'],
  last: ['last name'],
  email: ['user email', 'attendee email', 'email', 'email address'],
  /** Of a company's account, which is an address. */
  account: ['participant id (upn)'],
  joined: ['join time', 'first join', 'time joined'],
  left: ['leave time', 'last leave', 'time exited'],
  duration: [
    ...['duration (minutes)', 'total duration (minutes)', 'time in session (minutes)'],
    ...['in-meeting duration', 'attendance duration', 'duration'],
  ],
  waiting: ['in waiting room'],
  attended: ['attended'],
}
type Column = keyof typeof columns

/** What only the files of one service call a column. */
const signs: Record<MeetingMaker, string[]> = {
  webex: ['attendee email', 'attendance duration'],
  zoom: ['name (original name)', 'user name (original name)'],
  teams: ['first join', 'in-meeting duration', 'participant id (upn)'],
  meet: ['time joined', 'time exited'],
}

/** The table that a line belongs to. */
type Table = {
  headings: string[]
  at: Partial<Record<Column, number>>
  isUtc: boolean
  /** One line for each person, from when they came first until they left last. */
  isSummary: boolean
}

type Row = {
  line: number
  table: Table
  name: string
  email: string | null
  /** Null for a time that isn't there. */
  joined: WrittenTime | null
  left: WrittenTime | null
  /** Whether each time that is there can be read. */
  isReadable: boolean
  /** In milliseconds. */
  duration: number | null
}

/** When the session was, which says what a date in a file can mean. */
type SessionTime = { startsAt: Date; endsAt: Date }

/**
 * Reads who was in a meeting, and when, from a file of the meeting service in English:
 *
 * - Zoom, participants report, with or without the meeting's own lines above it, with a line for each stay or only with
 *   each person's minutes, and the attendee report of a webinar. Lines about a waiting room are left out. See
 *   https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0082659 and the column names in
 *   https://github.com/microsoft/vivainsights_zoom_int, `Admin/input/zoom_reports/README.md`.
 * - Microsoft Teams, attendance report: UTF-16, tabs, sections `1. Summary`, `2. Participants` and
 *   `3. In-Meeting Activities`; the last one has every stay, and counts where it is. See
 *   https://learn.microsoft.com/en-us/microsoftteams/teams-analytics-and-reports/meeting-attendance-report
 * - Google Meet, attendance report: times of day without a date. See https://support.google.com/meet/answer/10090454
 * - Webex, attendee report: UTF-16, tabs, and times written as formulas, `="2021-06-14 17:00:00"`. See
 *   https://help.webex.com/en-us/article/nh17y2u, "UTF-16LE".
 *
 * The service is recognised by its column names. Whether 3/4 is in March or April is what makes most lines fall on the
 * session's day. Where a file has only minutes, they count from the session's start.
 *
 * @param timeZone of the file's times, unless it says itself that they are in UTC; null when nobody has said it.
 * @throws UnreadableAttendance
 */
export function readAttendanceFile(
  bytes: Buffer,
  session: SessionTime,
  timeZone: string | null,
): AttendanceFile {
  if (bytes.length > attendanceFileCaps.bytes) throw new UnreadableAttendance('size')
  const { rows, faults, maker } = rowsIn(textIn(bytes))
  const isNeeded = rows.some(({ table, joined }) => joined && !('moment' in joined) && !table.isUtc)
  if (isNeeded && !timeZone) throw new UnreadableAttendance('timeZone')
  const order = dayOrderOf(rows, session, timeZone)
  const stays: FileStay[] = []
  for (const row of rows) {
    const stay = stayOf(row, session, { timeZone: zoneOf(row, timeZone), order })
    if (typeof stay === 'string') faults.push({ line: row.line, reason: stay })
    else stays.push(stay)
  }
  return { maker, stays, faults: faults.sort((a, b) => a.line - b.line) }
}

/** Files have a byte order mark, or are UTF-8; a spreadsheet that has saved one again may write Windows-1252. */
function textIn(bytes: Buffer): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  // English headings have a zero in every second byte.
  if (bytes.length > 3 && bytes[1] === 0 && bytes[3] === 0) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

const separators = ['\t', ',', ';']
/** Lines above the first table are few. */
const mostAbove = 200

function rowsIn(text: string): { rows: Row[]; faults: LineFault[]; maker: MeetingMaker } {
  const lines = text.split(/\r\n?|\n/)
  const head = lines.slice(0, mostAbove)
  const separator = separators.find(each => head.some(line => tableOf(cellsOf(line, each))))
  if (!separator) throw new UnreadableAttendance('format')
  let table: Table | null = null
  const [rows, faults]: [Row[], LineFault[]] = [[], []]
  const headings = new Set<string>()
  for (const [index, text] of lines.entries()) {
    const cells = cellsOf(text, separator)
    const next = tableOf(cells)
    if (next) {
      table = next
      next.headings.forEach(heading => headings.add(heading))
    } else if (table && isEnd(cells, table)) {
      table = null
    } else if (table) {
      const row = rowOf(cells, table, index + 1)
      if (!row) continue
      if (row.name || row.email) rows.push(row)
      else faults.push({ line: row.line, reason: 'name' })
      if (rows.length + faults.length > attendanceFileCaps.rows) throw new UnreadableAttendance('rows')
    }
  }
  const maker = (Object.keys(signs) as MeetingMaker[]).find(each =>
    signs[each].some(sign => headings.has(sign)),
  )
  if (!maker) throw new UnreadableAttendance('format')
  const hasStays = rows.some(({ table }) => !table.isSummary)
  return { rows: hasStays ? rows.filter(({ table }) => !table.isSummary) : rows, faults, maker }
}

/** Each line is parsed by itself, so a quotation mark that is never closed spoils one line only. */
function cellsOf(line: string, delimiter: string): string[] {
  return cellsAsWritten(line, delimiter).map(cell => /^="(.*)"$/s.exec(cell.trim())?.[1] ?? cell.trim())
}

function cellsAsWritten(line: string, delimiter: string): string[] {
  if (!line.includes('"')) return line.split(delimiter)
  try {
    return parse(line, { delimiter, relax_quotes: true, relax_column_count: true })[0] ?? []
  } catch {
    return line.split(delimiter)
  }
}

/** Returns the table that begins with this line; null for any other line. */
function tableOf(cells: string[]): Table | null {
  if (cells.length < 2) return null
  // No longer than any column name: searching for the end of a huge cell would take hours.
  const written = cells.map(cell => cell.slice(0, maxHeading).toLowerCase())
  const headings = written.map(cell => cell.replace(/\s*\((utc|gmt)\)$/, ''))
  const at: Table['at'] = {}
  for (const [column, names] of Object.entries(columns) as [Column, string[]][]) {
    const name = names.find(each => headings.includes(each))
    if (name) at[column] = headings.indexOf(name)
  }
  const isTable = (at.name ?? at.first) !== undefined && (at.joined ?? at.duration) !== undefined
  if (!isTable) return null
  const isUtc = at.joined !== undefined && written[at.joined] !== headings[at.joined]
  return { headings, at, isUtc, isSummary: headings.includes('first join') }
}

/** An empty line ends a table, and so does the title of the next one. */
function isEnd(cells: string[], { at }: Table): boolean {
  const filled = cells.flatMap((cell, index) => (cell ? [index] : []))
  if (filled.length > 1) return false
  return cells.length === 1 || filled[0] === undefined || filled[0] !== (at.name ?? at.first)
}

const [maxName, maxHeading] = [200, 100]

/** Returns what a line says; null for a line about someone who wasn't in the meeting. */
function rowOf(cells: string[], table: Table, line: number): Row | null {
  const cell = (column: Column) => cells[table.at[column] ?? -1] ?? ''
  if (/^yes$/i.test(cell('waiting')) || /^no$/i.test(cell('attended'))) return null
  const name = normaliseLine(cell('name') || `${cell('first')} ${cell('last')}`).slice(0, maxName)
  const times = [cell('joined'), cell('left')]
  const [joined = null, left = null] = times.map(readWrittenTime)
  const address = [cell('email'), cell('account')].find(each => each && invalidEmailReason(each) === null)
  return {
    ...{ line, table, name },
    email: address ? normaliseEmail(address) : null,
    ...{ joined, left },
    isReadable: [joined, left].every((time, n) => time !== null || /^-*$/.test(times[n]!)),
    duration: readDuration(cell('duration')),
  }
}

function zoneOf({ table }: Row, timeZone: string | null): string {
  return table.isUtc || !timeZone ? 'UTC' : timeZone
}

function isNear(moment: number | null, { startsAt, endsAt }: SessionTime): boolean {
  return moment !== null && moment > startsAt.getTime() - days(1) && moment < endsAt.getTime() + days(1)
}

function dayOrderOf(rows: Row[], session: SessionTime, timeZone: string | null): DayOrder {
  const fitting = (order: DayOrder) =>
    rows.filter(row => {
      const where = { timeZone: zoneOf(row, timeZone), order, near: session.startsAt }
      return row.joined && isNear(momentOf(row.joined, where), session)
    }).length
  return fitting('day-month') > fitting('month-day') ? 'day-month' : 'month-day'
}

function stayOf(
  { line, name, email, table, joined, left, isReadable, duration }: Row,
  session: SessionTime,
  zone: { timeZone: string; order: DayOrder },
): FileStay | LineFault['reason'] {
  const momentIn = (time: WrittenTime | null) => time && momentOf(time, { ...zone, near: session.startsAt })
  const [start, end] = [momentIn(joined), momentIn(left)]
  const joinedAt = start ?? (end !== null && duration !== null ? end - duration : session.startsAt.getTime())
  if (!isReadable || (start === null && (joined !== null || duration === null))) return 'time'
  const leftAt = endOf(joinedAt, end, duration, left)
  if (leftAt === null) return 'time'
  if (leftAt < joinedAt) return 'order'
  if (!isNear(joinedAt, session)) return 'day'
  const stayed = table.isSummary ? Math.min(duration ?? Infinity, leftAt - joinedAt) : leftAt - joinedAt
  return {
    ...{ line, name, email },
    joinedAt: new Date(joinedAt),
    leftAt: new Date(leftAt),
    seconds: Math.round(stayed / 1000),
  }
}

/** A clock that went back, or one that has no date, can show an earlier time at the end than at the start. */
function endOf(
  start: number,
  end: number | null,
  duration: number | null,
  left: WrittenTime | null,
): number | null {
  if (end !== null && end >= start) return end
  if (duration !== null) return start + duration
  return end !== null && left && 'ofDay' in left ? end + days(1) : end
}
