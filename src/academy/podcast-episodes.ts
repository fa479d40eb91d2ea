import { assetNamed, assetUrl, storedTimes, type Asset } from '../courses/asset'
import type { Lesson } from '../courses/course'
import type { Published } from '../courses/published'
import { lessonPath } from '../courses/lesson-path'
import { clock } from '../courses/transcript'
import { later, seconds } from '../platform/clock'
import { playedName } from '../courses/captions'
import type { Texts } from '../web/texts'
import { xmlText } from '../web/xml'
import { canOpen, type CourseContext } from './course-context'

type AudioLesson = Extract<Lesson, { kind: 'audio' }>

/** An audio lesson that is there to be played. */
export type Episode = { lesson: AudioLesson; audio: Asset; transcript: Asset | undefined }

/** Returns the audio lessons of a course that a visitor may open, in order. */
export function episodesOf(context: CourseContext): Episode[] {
  return context.published.lessons.flatMap(lesson => {
    if (lesson.kind !== 'audio' || !canOpen(context, lesson)) return []
    const { assets } = context.published.content
    const audio = assetNamed(assets, lesson.audio)
    const transcript = assetNamed(assets, lesson.transcript)
    return audio ? [{ lesson, audio, transcript }] : []
  })
}

/** What the addresses in a feed begin with, and what they lead to. */
type Feed = {
  published: Published
  episodes: Episode[]
  /** The academy's address. */
  baseUrl: string
  /** Its own URL. */
  self: string
  /** URL of a square picture. */
  image: string
  isPrivate: boolean
  /** Returns the URL of a file. */
  urlOf: (file: Asset, name: string) => string
}

/**
 * Returns the view model of a feed: RSS 2.0 with the elements that Apple Podcasts asks for
 * (https://podcasters.apple.com/support/823-podcast-requirements), and transcripts
 * (https://podcastindex.org/namespace/1.0).
 */
export async function feedView(texts: Texts, { published, episodes, ...feed }: Feed) {
  const { t } = texts
  const { title, summary, language } = published.content
  const stored = await storedTimes(episodes.map(({ audio }) => audio.hash))
  return {
    title: xmlText(title),
    description: xmlText(summary),
    language,
    author: t('layout:name'),
    link: `${feed.baseUrl}/courses/${published.slug}`,
    self: feed.self,
    image: feed.image,
    isPrivate: feed.isPrivate,
    changed: published.publishedAt.toUTCString(),
    episodes: episodes.map(({ lesson, audio, transcript }) => {
      const number = published.lessons.indexOf(lesson) + 1
      const link = feed.baseUrl + lessonPath(published, lesson)
      const isTimed = transcript?.type === 'text/vtt'
      // A newer version of the course isn't a new episode. Those of one upload keep their order.
      const at = later(stored.get(audio.hash) ?? published.publishedAt, seconds(number))
      return {
        title: xmlText(lesson.title),
        description: xmlText(
          [
            t('academy:podcast.episode', { number, course: title }),
            ...lesson.chapters.map(chapter => `${clock(chapter.start)} ${chapter.title}`),
            link,
          ].join('\n'),
        ),
        link,
        id: `${published.course}:${lesson.slug}`,
        at: at.toUTCString(),
        url: feed.urlOf(audio, audio.path),
        size: audio.size,
        type: audio.type,
        seconds: lesson.mediaSeconds,
        number,
        transcript: isTimed ? feed.urlOf(transcript, playedName(transcript.path)) : null,
      }
    }),
  }
}

/** Returns the public URL of a file of a free preview. */
export const openUrl = (baseUrl: string) => (file: Asset, name: string) => baseUrl + assetUrl(file.hash, name)
