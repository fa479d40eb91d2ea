import { assetBytes, assetNamed, assetUrl } from '../courses/asset'
import { chaptersBeside, readCues, type Cue } from '../courses/captions'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'

/** A line of the transcript; a chapter stands before the lines that belong to it. */
type Line = Cue & { isChapter: boolean; clock: string }

export type Video = {
  src: string
  type: string
  poster: string
  captions: string | null
  chapters: string | null
  lines: Line[]
  /** Second at which to begin: asked for, else where the learner left. */
  start: number
}

const most = 200
const transcripts = new Map<string, Promise<Line[]>>()

/**
 * The film of a lesson with captions, chapters and transcript; null when its file is missing. The chapters of `tour.en.vtt` are in
 * `tour.chapters.en.vtt` beside it.
 */
export async function videoOf(
  published: Published,
  lesson: Lesson,
  asked: number | null,
  left: number | undefined,
): Promise<Video | null> {
  const { assets } = published.content
  const video = lesson.video ? assetNamed(assets, lesson.video) : undefined
  if (!video) return null
  const captions = lesson.captions ? assetNamed(assets, lesson.captions) : undefined
  const chapters = captions && assetNamed(assets, chaptersBeside(captions.path))
  const end = lesson.videoSeconds ?? Infinity
  // Whoever has seen it to the end begins again.
  const resume = left !== undefined && left < end - 5 ? Math.floor(left) : 0
  return {
    src: assetUrl(video.hash, video.path),
    type: video.type,
    poster: `/courses/${published.slug}/poster.png`,
    captions: captions ? assetUrl(captions.hash, captions.path) : null,
    chapters: chapters ? assetUrl(chapters.hash, chapters.path) : null,
    lines: captions ? await transcript(captions.hash, chapters?.hash) : [],
    start: Math.min(asked ?? resume, end),
  }
}

function transcript(captions: string, chapters: string | undefined): Promise<Line[]> {
  const key = `${captions}:${chapters ?? ''}`
  const known = transcripts.get(key)
  if (known) return known
  const reading = readTranscript(captions, chapters)
  if (transcripts.size >= most) transcripts.clear()
  transcripts.set(key, reading)
  reading.catch(() => transcripts.delete(key))
  return reading
}

async function readTranscript(captions: string, chapters: string | undefined): Promise<Line[]> {
  const [said, parts] = await Promise.all([cues(captions), chapters ? cues(chapters) : []])
  return [
    ...parts.map(cue => ({ ...cue, isChapter: true, clock: clock(cue.start) })),
    ...said.map(cue => ({ ...cue, isChapter: false, clock: clock(cue.start) })),
  ].sort((a, b) => a.start - b.start || Number(b.isChapter) - Number(a.isChapter))
}

async function cues(hash: string): Promise<Cue[]> {
  const bytes = await assetBytes(hash)
  return (bytes && readCues(bytes.toString('utf8'))) ?? []
}

/** 292 is `4:52`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
