import { isLanguageTag } from '../../../platform/language-tag'
import { assetNamed, assetUrl } from '../../asset'
import { chaptersBeside, languageInName, playedName } from '../../captions'
import type { Asset } from '../../asset'
import { startsWith } from '../../file-type'
import { recordingMinutes } from '../../reading-minutes'
import { tracksOf } from '../../recording-in-text'
import { plausibleLength } from '../../recording-length'
import { chapterMarks, inOrder, readTranscript, startOf, transcriptText } from '../../transcript'
import { chapterLines, chaptersField, checkChapters, type Chapter } from '../chapters'
import { fileField } from '../field'
import { defineKind } from '../lesson-kind'
import { videoLength } from './video-length'

/** A video with captions, and text below it. */
export const video = defineKind({
  name: 'video',
  icon: 'video-camera',
  fields: {
    video: fileField('video/'),
    /**
     * WebVTT or SubRip. Captions in another language than `tour.en.vtt` are in `tour.de.vtt` next to it.
     */
    captions: fileField('text/vtt'),
    /** Without any, those of `tour.chapters.en.vtt` next to `tour.en.vtt`. */
    chapters: chaptersField,
  },
  completions: { watch: 'seconds', read: 'marked' },
  questions: 'practice',
  fileTypes: [
    {
      type: 'video/webm',
      endings: ['webm'],
      is: startsWith('\x1a\x45\xdf\xa3'),
      isShown: true,
      measure: bytes => ({ seconds: videoLength(bytes, 'video/webm'), fault: null }),
    },
    {
      type: 'video/mp4',
      endings: ['mp4', 'm4v'],
      is: startsWith('ftyp', 4),
      isShown: true,
      measure: bytes => ({ seconds: videoLength(bytes, 'video/mp4'), fault: null }),
    },
  ],
  views: { lesson: 'academy/lesson-video', preview: 'studio/preview-video', settings: 'studio/field-rows' },
  scripts: ['/js/media.js'],
  minutes: recordingMinutes,
  check({ video, captions, chapters, mediaSeconds }, assets) {
    if (!video) return [{ level: 'error', rule: 'noVideo', field: 'video' }]
    const file = assetNamed(assets, captions)
    const isEmpty = file !== undefined && !file.seconds
    return [
      ...(assetNamed(assets, video) && !mediaSeconds
        ? [{ level: 'error', rule: 'unknownLength', field: 'captions', values: { file: video } } as const]
        : []),
      ...(captions ? [] : [{ level: 'error', rule: 'noCaptions', field: 'captions' } as const]),
      ...(isEmpty
        ? [{ level: 'error', rule: 'emptyCaptions', field: 'captions', values: { file: file.path } } as const]
        : []),
      ...checkChapters(chapters, mediaSeconds),
    ]
  },
  mediaSeconds: ({ video, captions }, assets) =>
    video ? (secondsOf(assets, video) ?? secondsOf(assets, captions)) : null,
  filesBeside: ({ video, captions }, assets) => [
    ...(captions ? [chaptersBeside(captions)] : []),
    ...tracksOf(video, captions, assets)
      .slice(1)
      .map(({ path }) => path),
  ],
  textAlternative: ({ video, captions }) => (video && captions ? 'captions' : null),
  async show(lesson, { slug, assets, language }, start) {
    const file = assetNamed(assets, lesson.video)
    if (!file) return null
    const { lines, chaptersFile } = await readText(lesson, assets)
    const track = (
      kind: 'captions' | 'chapters',
      asset: Asset,
      isDefault: boolean,
      label: string | null,
    ) => ({
      kind,
      src: assetUrl(asset.hash, playedName(asset.path)),
      language: languageInName(asset.path) ?? language,
      label,
      isDefault,
    })
    const tracks = tracksOf(lesson.video, lesson.captions, assets)
    // A single track is just called captions.
    const labelOf = ({ path }: Asset) =>
      tracks.length > 1 ? ownName(languageInName(path) ?? language) : null
    return {
      src: assetUrl(file.hash, file.path),
      type: file.type,
      poster: `/courses/${slug}/poster.webp`,
      ...startOf(start, lesson.mediaSeconds),
      length: lesson.mediaSeconds,
      language,
      tracks: [
        ...tracks.map((each, n) => track('captions', each, n === 0, labelOf(each))),
        ...(chaptersFile ? [track('chapters', chaptersFile, false, null)] : []),
      ],
      chapterMarks: chapterMarks(lines),
      lines,
    }
  },
  async transcript(lesson, assets) {
    const { lines } = await readText(lesson, assets)
    return lesson.captions && lesson.video ? transcriptText(lines) : null
  },
  async searchText(lesson, assets) {
    const { lines } = await readText(lesson, assets)
    return lines.map(({ text, start }) => ({ text, second: start }))
  },
})

/** Returns the captions with the chapters between them, and the file that has the chapters if the lesson has none. */
async function readText(
  lesson: { captions: string | null; chapters?: Chapter[]; mediaSeconds: number | null },
  assets: readonly Asset[],
) {
  const own = chapterLines(lesson)
  const beside = lesson.captions && chaptersBeside(lesson.captions)
  const chaptersFile = own.length ? undefined : assetNamed(assets, beside)
  const lines = await readTranscript(assetNamed(assets, lesson.captions), chaptersFile)
  return { lines: own.length ? inOrder([...own, ...lines]) : lines, chaptersFile }
}

/** Returns the name of a language in itself, such as Deutsch. */
function ownName(language: string): string {
  if (!isLanguageTag(language)) return language
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
}

const secondsOf = (assets: readonly Asset[], file: string | null) =>
  plausibleLength(assetNamed(assets, file)?.seconds ?? null)
