import { cached } from '../platform/cached'
import { assetBytes } from './asset'
import { readCaptions, type Cue } from './captions'
import type { Asset } from './asset'

/** A line of a transcript; a chapter's title comes before its lines. */
export type TranscriptLine = Cue & {
  isChapter: boolean
  /** Its start as minutes and seconds. */
  clock: string
  /** The lesson's page, starting there. */
  href: string
}

/**
 * Returns the lines of captions (WebVTT or SubRip), with the titles of chapters (WebVTT) between them. Without captions
 * there are none.
 */
export async function readTranscript(
  captions: Asset | undefined,
  chapters: Asset | undefined,
): Promise<TranscriptLine[]> {
  return captions ? linesOf(`${captions.hash}:${chapters?.hash ?? ''}`) : []
}

/** The lines of captions and chapters by their hashes, `captions:chapters`. */
const linesOf = cached(Infinity, readLines, { max: 200 })

/** Returns the line of a chapter's title. */
export function chapterLine(chapter: Cue): TranscriptLine {
  return lineOf(chapter, true)
}

/** Returns lines ordered by time; at the same time, the chapter comes first. */
export function inOrder(lines: TranscriptLine[]): TranscriptLine[] {
  return lines.toSorted((a, b) => a.start - b.start || Number(b.isChapter) - Number(a.isChapter))
}

/** Returns a transcript as plain text: a line for each caption, with its time. */
export function transcriptText(lines: TranscriptLine[]): string {
  return lines.map(line => (line.isChapter ? `\n${line.text}\n` : `${line.clock}  ${line.text}`)).join('\n')
}

/** Formats seconds as on a player: 292 becomes `4:52`, 3661 `1:01:01`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const two = (value: number) => String(value).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** Parses the output of `clock`: `4:52` becomes 292. */
export function secondsOfClock(text: string): number {
  return text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0)
}

/**
 * Returns the second at which a recording starts: the requested one, or where the learner left off, on whatever device.
 * A learner who reached the end starts again. `resumedAt` is that place on a clock, unless one was requested.
 *
 * @param length seconds of the recording; null when unknown.
 */
export function startOf(
  { requested, last }: { requested: number | null; last: number | undefined },
  length: number | null,
): { start: number; resumedAt: string | null } {
  const end = length ?? Infinity
  const resume = last !== undefined && last < end - 5 ? Math.floor(last) : 0
  const start = Math.min(requested ?? resume, end)
  return { start, resumedAt: requested === null && start > 0 ? clock(start) : null }
}

/** Returns the start in seconds and the title of each chapter, as JSON for public/js/player.js. */
export function chapterMarks(lines: readonly TranscriptLine[]): string {
  return JSON.stringify(lines.filter(({ isChapter }) => isChapter).map(({ start, text }) => [start, text]))
}

async function readLines(hashes: string): Promise<TranscriptLine[]> {
  const [captions, chapters] = await Promise.all(hashes.split(':').map(readCuesOf))
  return inOrder([...chapters!.map(chapterLine), ...captions!.map(cue => lineOf(cue, false))])
}

function lineOf(cue: Cue, isChapter: boolean): TranscriptLine {
  return { ...cue, isChapter, clock: clock(cue.start), href: `?t=${Math.floor(cue.start)}` }
}

async function readCuesOf(hash: string): Promise<Cue[]> {
  const bytes = hash ? await assetBytes(hash) : null
  return bytes ? readCaptions(bytes.toString('utf8')).cues : []
}
