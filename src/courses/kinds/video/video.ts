import { isLanguageTag } from '../../../platform/language-tag'
import { assetNamed, assetUrl } from '../../asset'
import { chaptersBeside, languageInName, playedName } from '../../captions'
import type { Asset } from '../../asset'
import { startsWith } from '../../file-type'
import { recordingMinutes } from '../../reading-minutes'
import { tracksOf } from '../../recording-in-text'
import { plausibleLength } from '../../recording-length'
import { chapterMarks, readTranscript, startOf, transcriptText } from '../../transcript'
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
     * WebVTT or SubRip. The chapters of `tour.en.vtt` are in `tour.chapters.en.vtt` next to it, and captions in another
     * language in `tour.de.vtt`.
     */
    captions: fileField('text/vtt'),
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
  check({ video, captions, mediaSeconds }, assets) {
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
    const { captions, chapters } = textsOf(assets, lesson.captions)
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
    const lines = await readTranscript(captions, chapters)
    // A single track is just called captions.
    const labelOf = ({ path }: Asset) =>
      tracks.length > 1 ? ownName(languageInName(path) ?? language) : null
    return {
      src: assetUrl(file.hash, file.path),
      type: file.type,
      poster: `/courses/${slug}/poster.png`,
      ...startOf(start, lesson.mediaSeconds),
      length: lesson.mediaSeconds,
      language,
      tracks: [
        ...tracks.map((each, n) => track('captions', each, n === 0, labelOf(each))),
        ...(chapters ? [track('chapters', chapters, false, null)] : []),
      ],
      chapterMarks: chapterMarks(lines),
      lines,
    }
  },
  async transcript(lesson, assets) {
    const { captions, chapters } = textsOf(assets, lesson.captions)
    return captions && lesson.video ? transcriptText(await readTranscript(captions, chapters)) : null
  },
  async searchText(lesson, assets) {
    const { captions, chapters } = textsOf(assets, lesson.captions)
    return (await readTranscript(captions, chapters)).map(({ text, start }) => ({ text, second: start }))
  },
})

function textsOf(assets: readonly Asset[], captions: string | null) {
  const chapters = captions && chaptersBeside(captions)
  return { captions: assetNamed(assets, captions), chapters: assetNamed(assets, chapters) }
}

/** Returns the name of a language in itself, such as Deutsch. */
function ownName(language: string): string {
  if (!isLanguageTag(language)) return language
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
}

const secondsOf = (assets: readonly Asset[], file: string | null) =>
  plausibleLength(assetNamed(assets, file)?.seconds ?? null)
