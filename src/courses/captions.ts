import { decodeHTML } from 'entities/decode'
import type { CourseFault } from './course-fault'
import { maxRecordingSeconds } from './recording-length'

/** One caption, shown from `start` to `end` (seconds), as plain text with its lines joined. */
export type Cue = { start: number; end: number; text: string }

/** What is wrong with a file of captions, and in which line. */
export type CaptionFault = Omit<CourseFault, 'file'>

/** A cue as it is written: its text has the tags and references of its format. */
type WrittenCue = { start: number; end: number; text: string }

/** Takes the index of a line. */
type Report = (at: number, rule: string, values?: CourseFault['values']) => void

// This reader is our own, because the parsers on npm that run without a browser don't do for strangers' files. Given
// 2 MB, webvtt-parser 2.2.0 overflows the stack on nested tags, and media-captions 1.0.4 takes more than 20 seconds for
// 78,000 cues and silently drops a cue that ends before it starts. @plussub/srt-vtt-parser 2.0.5 throws on times that
// it can't read, without a line.

/** More than anyone says in ten hours. */
const maxCues = 20_000

/**
 * Returns what captions say, in order of time, and the first thing that is wrong with them, or null. Text that starts
 * with `WEBVTT` is read as browsers do, by the parser in the W3C recommendation "WebVTT: The Web Video Text Tracks
 * Format", section 6; any other text as SubRip. Cues beyond the first `maxCues` are left out.
 */
export function readCaptions(text: string): { cues: Cue[]; fault: CaptionFault | null } {
  let fault: CaptionFault | null = null
  const report: Report = (at, rule, values = {}) => {
    fault ??= { line: at + 1, key: `studio:faults.captions.${rule}`, values }
  }
  const cues = saidOnce(writtenCues(text, report), isWebVtt(text) ? plainLines : plainLinesOfSubRip)
  if (!cues.length) report(0, 'none')
  return { cues, fault }
}

/** Whether a text is WebVTT: the first line starts with the word. */
export function isWebVtt(text: string): boolean {
  return /^\uFEFF?WEBVTT(?:[ \t\r\n]|$)/.test(text)
}

/** Returns captions as browsers play them: SubRip becomes WebVTT, and WebVTT stays as it is. */
export function toWebVtt(text: string): string {
  if (isWebVtt(text)) return text
  const cues = writtenCues(text, () => undefined)
    .map(cue => ({ ...cue, text: webVttText(cue.text) }))
    .filter(cue => cue.text)
  return [
    'WEBVTT\n',
    ...cues.map(({ start, end, text }) => `${clockTime(start)} --> ${clockTime(end)}\n${text}\n`),
  ].join('\n')
}

/** Returns the name of the chapters file for a captions file: `tour.chapters.en.vtt` for `tour.en.vtt`. */
export function chaptersBeside(captions: string): string {
  return captions.replace(/(\.[a-z]{2})?\.(?:vtt|srt)$/i, '.chapters$1.vtt')
}

/** Returns the language in the name of a captions file: `de` for `tour.de.vtt`; null without one. */
export function languageInName(captions: string): string | null {
  return nameParts.exec(captions)?.[2]?.toLowerCase() ?? null
}

/** Returns the name of a captions file without its language and ending: `assets/tour` for `assets/tour.de.vtt`. */
export function nameWithoutLanguage(captions: string): string {
  return captions.replace(nameParts, '$1')
}

const nameParts = /^(.*?)(?:\.([a-z]{2}(?:-[a-z]{2})?))?\.(?:vtt|srt)$/i

/** Returns the name under which browsers get a captions file: `tour.en.vtt` for `tour.en.srt`. */
export function playedName(captions: string): string {
  return captions.replace(/\.srt$/i, '.vtt')
}

function writtenCues(text: string, report: Report): WrittenCue[] {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\0', '\uFFFD')
    .replace(/\r\n?/g, '\n')
    .split('\n')
  return isWebVtt(text) ? readWebVtt(lines, report) : readSubRip(lines, report)
}

const isTimes = (line: string | undefined) => line?.includes('-->') === true
const isNumber = (line: string | undefined) => line !== undefined && /^[ \t]*\d+[ \t]*$/.test(line)
/** Blocks that aren't captions. */
const isAside = (line: string) => /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(line)

/** An empty line ends a cue, a line of spaces doesn't; a line with an arrow starts the next one. */
function readWebVtt(lines: string[], report: Report): WrittenCue[] {
  const cues: WrittenCue[] = []
  /** Whether the lines belong to a note or style, in which an arrow without times is harmless. */
  let isNote = false
  for (let at = endOfBlock(lines, 1); at < lines.length;) {
    const line = lines[at]!
    if (!line.trim()) {
      isNote = false
      at++
      continue
    }
    isNote ||= isAside(line)
    const timesAt = [at, at + 1].find(each => isTimes(lines[each]))
    if (timesAt === undefined) {
      if (!isNote && !isNumber(line)) report(at, 'noTimes')
      at = endOfBlock(lines, at)
      continue
    }
    const end = endOfBlock(lines, timesAt + 1)
    const times = readTimes(lines[timesAt]!, timesOfWebVtt)
    if (times) {
      if (cues.length === maxCues) {
        report(timesAt, 'tooMany', { maximum: maxCues })
        break
      }
      checkTimes(times, timesAt, report)
      cues.push({ ...times, text: withoutNextId(lines, timesAt + 1, end).join('\n') })
      isNote = false
    } else if (!isNote) {
      const hasCommas = lines[timesAt]!.includes(',') && readTimes(lines[timesAt]!, timesOfSubRip) !== null
      report(timesAt, hasCommas ? 'commas' : 'times', { example: '00:00:01.000 --> 00:00:04.500' })
    }
    at = end
  }
  return cues
}

/** Returns the index of the first line from `from` on that is empty or has an arrow. */
function endOfBlock(lines: string[], from: number): number {
  let at = from
  while (at < lines.length && lines[at] !== '' && !isTimes(lines[at])) at++
  return at
}

/** After a line of spaces, which doesn't end a cue, the line before the next times is the next cue's id. */
function withoutNextId(lines: string[], from: number, end: number): string[] {
  const hasNextId = isTimes(lines[end]) && end - 2 >= from && !lines[end - 2]!.trim()
  return lines.slice(from, hasNextId ? end - 1 : end)
}

/** SubRip has no standard: a number, times, and lines of text, some of which may be empty. */
function readSubRip(lines: string[], report: Report): WrittenCue[] {
  const cues: WrittenCue[] = []
  const first = lines.findIndex(line => line.trim() && !isNumber(line))
  if (first !== -1 && !isTimes(lines[first])) report(first, 'neither')
  for (let at = first; at !== -1 && at < lines.length;) {
    let end = at + 1
    while (end < lines.length && !isTimes(lines[end])) end++
    const times = readTimes(lines[at]!, timesOfSubRip)
    if (times) {
      if (cues.length === maxCues) {
        report(at, 'tooMany', { maximum: maxCues })
        break
      }
      checkTimes(times, at, report)
      const hasNumber = end < lines.length && end - 1 > at && isNumber(lines[end - 1])
      cues.push({ ...times, text: subRipText(lines.slice(at + 1, hasNumber ? end - 1 : end)) })
    } else if (isTimes(lines[at])) report(at, 'times', { example: '00:00:01,000 --> 00:00:04,500' })
    at = end
  }
  return cues
}

/** Returns the lines of a SubRip caption without empty ones, and without the positions that players add. */
function subRipText(lines: string[]): string {
  return lines
    .filter(line => line.trim())
    .join('\n')
    .replace(/\{\\[^{}]*\}/g, '')
}

/** Keeps bold, italic and underlined text and drops fonts. */
function webVttText(subRip: string): string {
  return subRip.replace(/<(?!\/?[biu]>)\/?[a-z][^<>]*>/gi, '').replace(/<(?!\/?[biu]>)/gi, '&lt;')
}

function plainLinesOfSubRip(text: string): string[] {
  return trimmedLines(decodeHTML(text.replace(/<\/?[a-z][^<>]*>/gi, '')))
}

function trimmedLines(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.replace(/[ \t\f]+/g, ' ').trim())
    .filter(Boolean)
}

/** Matches a line of times in WebVTT, up to its settings. */
export const timesOfWebVtt = timesPattern('(?:(\\d+):)?(\\d{2}):(\\d{2})\\.(\\d{3})(?!\\d)')
const timesOfSubRip = timesPattern('(?:(\\d+):)?(\\d{1,2}):(\\d{1,2})[.,](\\d{3})(?!\\d)')

function timesPattern(time: string): RegExp {
  return new RegExp(`^[ \\t\\f]*${time}[ \\t\\f]*-->[ \\t\\f]*${time}`)
}

/** Returns the times of a line in seconds; null when it has none. */
export function readTimes(line: string, pattern: RegExp): { start: number; end: number } | null {
  const found = pattern.exec(line)?.slice(1)
  if (!found) return null
  const [start, end] = [found.slice(0, 4), found.slice(4)].map(([hours = '0', ...rest]) => {
    const [minutes, seconds, thousandths] = rest.map(Number)
    const isTime = minutes! < 60 && seconds! < 60
    return isTime ? Number(hours) * 3600 + minutes! * 60 + seconds! + thousandths! / 1000 : NaN
  })
  return Number.isNaN(start) || Number.isNaN(end) ? null : { start: start!, end: end! }
}

function checkTimes({ start, end }: { start: number; end: number }, at: number, report: Report): void {
  if (end < start) report(at, 'backwards')
  if (Math.max(start, end) > maxRecordingSeconds) report(at, 'tooLate', { hours: maxRecordingSeconds / 3600 })
}

/** Writes a time as WebVTT does, with hours. */
export function clockTime(seconds: number): string {
  const milliseconds = Math.round(seconds * 1000)
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return (
    `${two(milliseconds / 3_600_000)}:${two((milliseconds / 60_000) % 60)}:${two((milliseconds / 1000) % 60)}` +
    `.${String(milliseconds % 1000).padStart(3, '0')}`
  )
}

/** Captions that scroll show a line again this many seconds after it was gone, at most. */
const maxGap = 0.1
/** More lines than a screen has room for. */
const maxRepeated = 10

/**
 * Returns what cues say, in order of time. In captions that scroll, each cue starts with the lines that the one before
 * it ended with; these are said once. Cues without text are left out.
 */
function saidOnce(written: WrittenCue[], linesOf: (text: string) => string[]): Cue[] {
  const said: Cue[] = []
  let before: { end: number; lines: string[] } | null = null
  for (const { start, end, text } of written.toSorted((a, b) => a.start - b.start)) {
    const lines = linesOf(text)
    if (!lines.length) continue
    const repeated = before && start - before.end <= maxGap ? repeatedLines(before.lines, lines) : 0
    const fresh = lines.slice(repeated).join(' ')
    const last = said.at(-1)
    if (fresh) said.push({ start, end, text: fresh })
    else if (last) last.end = Math.max(last.end, end)
    before = { end, lines }
  }
  return said
}

/** Returns how many lines at the end of `before` are those at the start of `after`. */
function repeatedLines(before: string[], after: string[]): number {
  for (let count = Math.min(before.length, after.length, maxRepeated); count > 0; count--) {
    if (before.slice(-count).every((line, n) => line === after[n])) return count
  }
  return 0
}

/**
 * Returns the text of a cue line by line: character references are decoded as in HTML, a speaker (`<v Ines>`) is
 * written before what they say, the reading of a ruby text after it in brackets, and all other tags are dropped.
 */
function plainLines(text: string): string[] {
  let plain = ''
  let [speaker, announced] = ['', '']
  let inReading = false
  for (const [token, tag] of text.matchAll(/<([^>]*)>?|[^<]+/g)) {
    if (tag === undefined) {
      const words = decodeHTML(token)
      if (speaker !== announced && words.trim()) {
        plain += speaker && `${speaker}: `
        announced = speaker
      }
      plain += words
      continue
    }
    const voice = /^v(?:\.\S*)?\s(.+)$/s.exec(tag)
    if (voice) {
      speaker = decodeHTML(voice[1]!).trim().replace(/\s+/g, ' ')
    } else if (tag === '/v') {
      speaker = ''
    } else if (tag === 'rt' || tag.startsWith('rt.')) {
      plain += '('
      inReading = true
    } else if (inReading && (tag === '/rt' || tag === '/ruby')) {
      plain += ')'
      inReading = false
    }
  }
  return trimmedLines(plain)
}
