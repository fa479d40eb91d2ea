import { cached } from '../platform/cached'
import { assetBytes, assetNamed, assetUrl } from '../courses/asset'
import { chaptersBeside, readCues, type Cue } from '../courses/captions'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'

/** A line of the transcript; a chapter's title comes before its lines. */
type Line = Cue & { isChapter: boolean; clock: string }

export type Video = {
  src: string
  type: string
  poster: string
  captions: string | null
  chapters: string | null
  lines: Line[]
  /** The second to start at: the requested one, or where the learner left off. */
  start: number
}

/**
 * Returns the video of a lesson with captions, chapters and transcript, or null when its file is missing. The chapters
 * of `tour.en.vtt` are in `tour.chapters.en.vtt` beside it (WebVTT).
 *
 * @param requestedStart the second that the URL asks for.
 * @param lastPosition the second at which the learner left off.
 */
export async function videoOf(
  published: Published,
  lesson: Lesson,
  requestedStart: number | null,
  lastPosition: number | undefined,
): Promise<Video | null> {
  const { assets } = published.content
  const video = lesson.video ? assetNamed(assets, lesson.video) : undefined
  if (!video) return null
  const captions = lesson.captions ? assetNamed(assets, lesson.captions) : undefined
  const chapters = captions && assetNamed(assets, chaptersBeside(captions.path))
  const end = lesson.videoSeconds ?? Infinity
  // A learner who watched to the end starts again.
  const resume = lastPosition !== undefined && lastPosition < end - 5 ? Math.floor(lastPosition) : 0
  return {
    src: assetUrl(video.hash, video.path),
    type: video.type,
    poster: `/courses/${published.slug}/poster.png`,
    captions: captions ? assetUrl(captions.hash, captions.path) : null,
    chapters: chapters ? assetUrl(chapters.hash, chapters.path) : null,
    lines: captions ? await transcript({ captions: captions.hash, chapters: chapters?.hash }) : [],
    start: Math.min(requestedStart ?? resume, end),
  }
}

type TranscriptKey = { captions: string; chapters: string | undefined }

const transcript = cached(Infinity, readTranscript, {
  max: 200,
  nameOf: ({ captions, chapters }: TranscriptKey) => `${captions}:${chapters ?? ''}`,
})

async function readTranscript({ captions, chapters }: TranscriptKey): Promise<Line[]> {
  const [captionCues, chapterCues] = await Promise.all([
    readCuesOf(captions),
    chapters ? readCuesOf(chapters) : [],
  ])
  return [
    ...chapterCues.map(cue => ({ ...cue, isChapter: true, clock: clock(cue.start) })),
    ...captionCues.map(cue => ({ ...cue, isChapter: false, clock: clock(cue.start) })),
  ].sort((a, b) => a.start - b.start || Number(b.isChapter) - Number(a.isChapter))
}

async function readCuesOf(hash: string): Promise<Cue[]> {
  const bytes = await assetBytes(hash)
  return (bytes && readCues(bytes.toString('utf8'))) ?? []
}

/** Formats seconds as minutes and seconds: 292 is `4:52`. */
function clock(seconds: number): string {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`
}
