import { decodeHTML } from 'entities/decode'
import { clockTime, readTimes, timesOfWebVtt, toWebVtt } from './captions'

// Changes to captions. All are pure. What nobody changes keeps its bytes: cues with their ids and settings, notes,
// styles and regions.

/** A caption as it is edited: in seconds, and its text with a line for each line on the screen. */
export type EditedCue = {
  start: number
  end: number
  text: string
  /** Which cue of the file it was; null for a new one. */
  origin: number | null
}

/** A cue with the bytes around it. */
type FileCue = EditedCue & {
  /** Notes, styles and regions before it. */
  lead: string
  /** From its id, if it has one, to the empty lines after it. */
  raw: string
  id: string
  /** What follows the times in their line, such as ` line:10%`. */
  settings: string
}

/** A file of captions, from its first byte to its last. */
export type CaptionsFile = { head: string; cues: FileCue[]; tail: string; lineEnd: string }

/** Reads captions to be edited. SubRip becomes WebVTT first, and so does nothing at all. */
export function openCaptions(text: string): CaptionsFile {
  const source = text.trim() ? toWebVtt(text) : 'WEBVTT\n\n'
  const lines = source.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []
  const lineEnd = /\r\n|\n|\r/.exec(source)?.[0] ?? '\n'
  const isTimes = (at: number) => timesAt(lines[at]) !== null
  let at = 0
  const take = (isEnd: (at: number) => boolean) => {
    const from = at
    while (at < lines.length && !isEnd(at)) at++
    return lines.slice(from, at)
  }
  const takeEmpty = () => take(n => bare(lines[n]!) !== '').join('')
  let head = take(n => bare(lines[n]!) === '' || (n > 0 && isTimes(n))).join('') + takeEmpty()
  const cues: FileCue[] = []
  let lead = ''
  while (at < lines.length) {
    const isAside = /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/.test(bare(lines[at]!))
    const hasId = !isTimes(at) && isTimes(at + 1)
    if (isAside || (!isTimes(at) && !hasId)) {
      const block = take(n => bare(lines[n]!) === '').join('') + takeEmpty()
      // Styles count only before all cues.
      if (cues.length) lead += block
      else head += block
      continue
    }
    const id = hasId ? lines[at++]! : ''
    const times = lines[at++]!
    const said = take(n => bare(lines[n]!) === '' || isTimes(n))
    const { start, end, settings } = timesAt(times)!
    cues.push({
      start,
      end,
      text: shownText(said.map(bare).join('\n')),
      origin: cues.length,
      lead,
      raw: [id, times, ...said].join('') + takeEmpty(),
      id,
      settings,
    })
    lead = ''
  }
  return { head, cues, tail: lead, lineEnd }
}

/**
 * Writes captions in the order of their times. Those that are as they were in the file keep their bytes. Notes stay
 * with the cue after them, and go to the next one when that is gone.
 */
export function writeCaptions(file: CaptionsFile, edited: readonly EditedCue[]): string {
  const { head, cues, tail, lineEnd } = file
  const kept = new Set(edited.map(({ origin }) => origin))
  const leads = new Map<number | null, string>()
  let lead = ''
  for (const cue of cues) {
    lead += cue.lead
    if (!kept.has(cue.origin)) continue
    leads.set(cue.origin, lead)
    lead = ''
  }
  let text = head
  /** The cue of the file whose bytes come last in the text; -1 for the head, null after new bytes. */
  let last: number | null = -1
  for (const cue of edited.toSorted((a, b) => a.start - b.start)) {
    const before = cue.origin === null ? undefined : cues[cue.origin]
    const notes = before ? (leads.get(cue.origin) ?? '') : ''
    const isKept = before !== undefined && isSame(before, cue)
    const follows = isKept && last !== null && cue.origin === last + 1
    const part = notes + (isKept ? before.raw : written(cue, before, lineEnd))
    text = (follows ? text : withEmptyLine(text, lineEnd)) + part
    last = isKept ? cue.origin : null
  }
  const rest = lead + tail
  return rest ? (last === cues.length - 1 ? text : withEmptyLine(text, lineEnd)) + rest : text
}

/** An empty line comes before a cue. */
function withEmptyLine(text: string, lineEnd: string): string {
  const ends = /(?:\r\n|\n|\r)*$/.exec(text)![0].match(/\r\n|\n|\r/g)?.length ?? 0
  return text && ends < 2 ? text + lineEnd.repeat(2 - ends) : text
}

const isSame = (before: FileCue, after: EditedCue) =>
  before.start === after.start && before.end === after.end && before.text === after.text

function written({ start, end, text }: EditedCue, before: FileCue | undefined, lineEnd: string): string {
  const times = `${clockTime(start)} --> ${clockTime(end)}${before?.settings ?? ''}`
  const said = fileText(text).split('\n').filter(Boolean)
  return (before?.id ?? '') + [times, ...said].map(line => line + lineEnd).join('') + lineEnd
}

const bare = (line: string) => line.replace(/[\r\n]+$/, '')

function timesAt(line: string | undefined): { start: number; end: number; settings: string } | null {
  if (!line?.includes('-->')) return null
  const times = readTimes(line, timesOfWebVtt)
  const settings = times && bare(line).replace(timesOfWebVtt, '').trimEnd()
  return times && { ...times, settings: settings! }
}

/** Speakers, languages, italics and times within a caption. */
const markup = /<\/?(?:[biuc]|v|lang|ruby|rt)(?:[.\s][^<>]*)?>|<[\d:.]+>/

/** A text with markup is edited as it is written. In any other, signs stand for themselves. */
const shownText = (written: string) => (markup.test(written) ? written : decodeHTML(written))

function fileText(shown: string): string {
  const lines = shown
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .map(line => line.trim())
    .join('\n')
  const escaped = markup.test(lines)
    ? lines
    : lines.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return escaped.replaceAll('-->', '--&gt;')
}

/** Returns captions with a new one after `at`, or at the beginning with -1: for two seconds, from `from` if given. */
export function withNewCue(cues: EditedCue[], at: number, from: number | null): EditedCue[] {
  const start = from ?? cues[at]?.end ?? 0
  const next = cues[at + 1]?.start ?? Infinity
  const end = next > start ? Math.min(start + newCueSeconds, next) : start + newCueSeconds
  return cues.toSpliced(at + 1, 0, { start: rounded(start), end: rounded(end), text: '', origin: null })
}

const newCueSeconds = 2

/** Returns captions with one in two parts: at a second within it, or in its middle. Its words are shared by time. */
export function withSplitCue(cues: EditedCue[], at: number, second: number | null): EditedCue[] {
  const cue = cues[at]
  if (!cue) return cues
  const { start, end, text } = cue
  const isWithin = second !== null && second > start && second < end
  const cut = rounded(isWithin ? second : (start + end) / 2)
  const place = wordBreak(text, (cut - start) / (end - start || 1))
  return cues.toSpliced(
    at,
    1,
    { ...cue, end: cut, text: text.slice(0, place).trim() },
    { start: cut, end, text: text.slice(place).trim(), origin: null },
  )
}

/** Returns the place between two words that is nearest to this share of a text. */
function wordBreak(text: string, share: number): number {
  const wanted = text.length * share
  const breaks = [...text.matchAll(/\s+/g)].map(({ index }) => index)
  return breaks.reduce(
    (best, each) => (Math.abs(each - wanted) < Math.abs(best - wanted) ? each : best),
    breaks[0] ?? text.length,
  )
}

/** Returns captions with one and the next as one, which has both texts. */
export function withMergedCue(cues: EditedCue[], at: number): EditedCue[] {
  const [cue, next] = [cues[at], cues[at + 1]]
  if (!cue || !next) return cues
  const text = [cue.text, next.text].filter(Boolean).join('\n')
  return cues.toSpliced(at, 2, { ...cue, end: Math.max(cue.end, next.end), text })
}

/** Returns captions without one. */
export function withoutCue(cues: EditedCue[], at: number): EditedCue[] {
  return cues.toSpliced(at, 1)
}

/** Returns captions that come so many seconds later (or earlier) from `at` on. None begins before the recording. */
export function withShiftedCues(cues: EditedCue[], at: number, by: number): EditedCue[] {
  const moved = (seconds: number) => rounded(Math.max(0, seconds + by))
  return cues.map((cue, n) => (n < at ? cue : { ...cue, start: moved(cue.start), end: moved(cue.end) }))
}

const rounded = (seconds: number) => Math.round(seconds * 1000) / 1000

/** What a reader of captions would stumble over. */
export type CueProblem = { rule: 'empty' | 'backwards' | 'overlap' | 'pastEnd'; seconds: number }

/**
 * Returns what is wrong with each caption; null for a good one.
 *
 * @param length of the recording in seconds; null when it is unknown.
 */
export function cueProblems(cues: readonly EditedCue[], length: number | null): (CueProblem | null)[] {
  return cues.map(({ start, end, text }, n) => {
    const next = cues[n + 1]
    if (end <= start) return { rule: 'backwards', seconds: rounded(start - end) }
    if (!text.trim()) return { rule: 'empty', seconds: 0 }
    if (next && next.start < end) return { rule: 'overlap', seconds: rounded(end - next.start) }
    return length !== null && start >= length ? { rule: 'pastEnd', seconds: length } : null
  })
}
