import { assetNamed, assetUrl, type Asset } from '../courses/asset'
import { languageInName, nameWithoutLanguage, playedName } from '../courses/captions'
import { lessonsOf } from '../courses/content'
import type { Course, CourseContent } from '../courses/course'
import { cueProblems, type CueProblem, type EditedCue } from '../courses/edit-captions'
import { filesInFields } from '../courses/kinds/kinds'
import { isRecording, tracksBeside, tracksOf } from '../courses/recording-in-text'
import type { Texts } from '../web/texts'
import { kindOfMedia } from './media-view'
import { urlOf } from './urls'

/** The captions that are edited: of a recording, in a language. `file` is null while there are none. */
export type CaptionsPlace = {
  recording: Asset | null
  /** As in the name of the file; null for the language of the course. */
  language: string | null
  path: string
  file: Asset | null
  /** The captions of the recording in all languages. */
  tracks: Asset[]
}

/** Returns the address of the captions of a file: of captions, or of a recording in a language. */
export function captionsHref(
  course: Pick<Course, 'slug'>,
  of: { path: string } | { recording: string; language?: string },
): string {
  return `${urlOf(course)}/captions?${new URLSearchParams(of)}`
}

/** Returns the captions that an address names; null when there is no such file. */
export function captionsPlace(
  content: CourseContent,
  { path, recording, language }: { path?: string; recording?: string; language?: string },
): CaptionsPlace | null {
  const { assets } = content
  if (path !== undefined) {
    const file = assets.find(each => each.path === path && each.type === 'text/vtt')
    if (!file) return null
    const played = recordingOf(content, file)
    const tracks = played ? tracksOfRecording(content, played) : []
    const all = tracks.includes(file) ? tracks : [file, ...tracks]
    return { recording: played ?? null, language: languageInName(path), path, file, tracks: all }
  }
  const played = assets.find(each => each.path === recording)
  if (!played || !isRecording(played)) return null
  const tracks = tracksOfRecording(content, played)
  const wanted = language ? languageInName(`tour.${language}.vtt`) : null
  const file = tracks.find(each => languageInName(each.path) === wanted)
  // A course may have named the captions in its own language, too.
  const own = wanted === null ? tracks[0] : undefined
  const existing = file ?? own
  if (existing) return captionsPlace(content, { path: existing.path })
  const base = tracks[0] ? nameWithoutLanguage(tracks[0].path) : played.path.replace(/\.[^./]+$/, '')
  const name = `${base}${wanted ? `.${wanted}` : ''}.vtt`
  return { recording: played, language: wanted, path: name, file: null, tracks }
}

/** Returns the recording that is played with these captions. */
function recordingOf(content: CourseContent, captions: Asset): Asset | undefined {
  return content.assets
    .filter(isRecording)
    .find(recording => tracksOfRecording(content, recording).includes(captions))
}

/** Returns the captions of a recording, in the lessons that play it and beside it. */
function tracksOfRecording(content: CourseContent, recording: Asset): Asset[] {
  const { assets } = content
  const inLessons = lessonsOf(content).flatMap(lesson => {
    const files = filesInFields(lesson).map(({ file }) => file)
    const captions = files.find(file => assetNamed(assets, file)?.type === 'text/vtt')
    const isPlayed = files.some(file => assetNamed(assets, file) === recording)
    return isPlayed && captions ? tracksOf(recording.path, captions, assets) : []
  })
  return [...new Set([...inLessons, ...tracksBeside(recording, assets)])]
}

/** Languages that a page offers for more captions: those with most speakers in Europe, and of the world's markets. */
const offered = [
  ...[
    'ar',
    'bg',
    'cs',
    'da',
    'de',
    'el',
    'en',
    'es',
    'et',
    'fi',
    'fr',
    'he',
    'hi',
    'hr',
    'hu',
    'id',
    'it',
    'ja',
  ],
  ...['ko', 'lt', 'lv', 'nb', 'nl', 'pl', 'pt', 'ro', 'sk', 'sl', 'sr', 'sv', 'th', 'tr', 'uk', 'vi', 'zh'],
]

/** What the page of captions shows besides the rows. */
export function captionsView(course: Course, place: CaptionsPlace, texts: Texts) {
  const { t, languageName } = texts
  const { draft } = course
  const { recording, file, path, tracks, language } = place
  const nameOf = (code: string | null) => languageName(code ?? draft.language)
  const taken = new Set(tracks.map(each => languageInName(each.path) ?? draft.language.toLowerCase()))
  const url = recording && assetUrl(recording.hash, recording.path)
  return {
    heading: t('studio:captions.title', {
      name: (recording?.path ?? path).replace(/^assets\//, ''),
      language: nameOf(language),
    }),
    fileText: file ? path : t('studio:captions.notYet', { path }),
    fileHref: file && `${urlOf(course)}/file?${new URLSearchParams({ path })}`,
    language: language ?? draft.language,
    player: recording &&
      url && {
        isVideo: kindOfMedia(recording) === 'video',
        url,
        track: file && assetUrl(file.hash, playedName(file.path)),
        length: recording.seconds ?? null,
      },
    languages: tracks.map(each => ({
      href: captionsHref(course, { path: each.path }),
      text: nameOf(languageInName(each.path)),
      isCurrent: each === file,
    })),
    others: recording && {
      action: `${urlOf(course)}/captions`,
      recording: recording.path,
      options: offered
        .filter(code => !taken.has(code))
        .map(code => ({ value: code, text: languageName(code) })),
    },
  }
}

/** A caption as its row shows it, with its place from 0. */
export function cueRows(
  cues: readonly EditedCue[],
  { length, recordingUrl, typed }: { length: number | null; recordingUrl: string | null; typed?: TypedCue[] },
  { t, number }: Texts,
) {
  const problems = cueProblems(cues, length)
  return cues.map(({ start, end, text, origin }, n) => ({
    n,
    number: number(n + 1),
    origin: origin === null ? '' : String(origin),
    start: typed?.[n]?.start ?? timeText(start),
    end: typed?.[n]?.end ?? timeText(end),
    text,
    problem: problemText(typed?.[n]?.isUnreadable ? 'time' : problems[n]!, t),
    playUrl: recordingUrl && `${recordingUrl}#t=${start}`,
    isLast: n === cues.length - 1,
  }))
}

/** A row as it was typed. */
export type TypedCue = { start: string; end: string; isUnreadable: boolean }

function problemText(problem: CueProblem | 'time' | null, t: Texts['t']): string {
  if (problem === null) return ''
  if (problem === 'time') return t('studio:captions.problems.time')
  return t(`studio:captions.problems.${problem.rule}`, { seconds: problem.seconds })
}

/** Writes a time as authors type it: `1:05.250`, `1:02:03.000`. */
function timeText(seconds: number): string {
  const thousandths = Math.round(seconds * 1000)
  const [hours, minutes] = [Math.floor(thousandths / 3_600_000), Math.floor(thousandths / 60_000) % 60]
  const padded = (value: number, length: number) => String(value).padStart(length, '0')
  const rest = `${padded(Math.floor(thousandths / 1000) % 60, 2)}.${padded(thousandths % 1000, 3)}`
  return hours ? `${hours}:${padded(minutes, 2)}:${rest}` : `${minutes}:${rest}`
}

/** Reads a time such as `1:05.25`, `1:02:03` or `65.25`, with a full stop or a comma; null for any other text. */
export function readTime(text: string): number | null {
  const [, hours = '0', minutes = '0', seconds] =
    /^\s*(?:(?:(\d{1,2}):)?(\d{1,3}):)?(\d{1,5}(?:[.,]\d{1,3})?)\s*$/.exec(text) ?? []
  if (seconds === undefined) return null
  const value = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds.replace(',', '.'))
  return Math.round(value * 1000) / 1000
}
