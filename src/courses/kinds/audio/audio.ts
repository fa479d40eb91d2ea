import { assetBytes, assetNamed, assetUrl } from '../../asset'
import type { Asset } from '../../asset'
import { courseFault } from '../../course-fault'
import { startsWith, type FileType } from '../../file-type'
import { markdown } from '../../markdown'
import { recordingMinutes } from '../../reading-minutes'
import { renderMarkdown } from '../../render'
import { chapterMarks, inOrder, readTranscript, startOf, transcriptText } from '../../transcript'
import { chapterLines, chaptersField, checkChapters, type Chapter } from '../chapters'
import { fileField } from '../field'
import { defineKind, type KindFinding } from '../lesson-kind'
import { audioLength, type AudioType } from './audio-length'

/** Audio with a transcript and, if the author adds them, chapters; text below it. */
export const audio = defineKind({
  name: 'audio',
  icon: 'headphones',
  fields: {
    audio: fileField('audio/'),
    /** WebVTT or SubRip, which follow the playback, or Markdown or plain text. */
    transcript: fileField('text/vtt', 'text/markdown', 'text/plain'),
    chapters: chaptersField,
  },
  completions: { listen: 'seconds', read: 'marked' },
  questions: 'practice',
  fileTypes: [
    audioFile('audio/mpeg', ['mp3']),
    audioFile('audio/mp4', ['m4a'], startsWith('ftyp', 4)),
    audioFile('audio/ogg', ['ogg', 'oga', 'opus'], startsWith('OggS')),
    audioFile('audio/wav', ['wav'], startsWith('RIFF'), startsWith('WAVE', 8)),
    audioFile('audio/flac', ['flac'], startsWith('fLaC\0')),
  ],
  views: { lesson: 'academy/lesson-audio', preview: 'academy/lesson-audio', settings: 'studio/field-rows' },
  scripts: ['/js/media.js'],
  minutes: recordingMinutes,
  check({ audio, transcript, chapters, mediaSeconds }, assets) {
    if (!audio) return [{ level: 'error', rule: 'noAudio', field: 'audio' }]
    const file = assetNamed(assets, transcript)
    const isEmpty = file?.type === 'text/vtt' && !file.seconds
    return [
      ...(transcript ? [] : [error('noTranscript', 'transcript')]),
      ...(isEmpty ? [error('emptyTranscript', 'transcript', { file: file.path })] : []),
      ...checkChapters(chapters, mediaSeconds),
    ]
  },
  mediaSeconds: ({ audio }, assets) => assetNamed(assets, audio)?.seconds ?? null,
  textAlternative: ({ audio, transcript }) => (audio && transcript ? 'transcript' : null),
  async show(lesson, { assets, language }, start) {
    const file = assetNamed(assets, lesson.audio)
    if (!file) return null
    const { lines, prose } = await readText(lesson, assets)
    const chapters = chapterLines(lesson)
    return {
      src: assetUrl(file.hash, file.path),
      type: file.type,
      ...startOf(start, lesson.mediaSeconds),
      length: lesson.mediaSeconds,
      language,
      chapters,
      chapterMarks: chapterMarks(chapters),
      lines,
      prose: prose && htmlOf(prose, language),
    }
  },
  async transcript(lesson, assets) {
    const { lines, prose } = await readText(lesson, assets)
    return prose?.text ?? (lines.length ? transcriptText(lines) : null)
  },
  async searchText(lesson, assets) {
    const { lines, prose } = await readText(lesson, assets)
    return [
      ...lesson.chapters.map(({ title, start }) => ({ text: title, second: start })),
      ...(prose ? [{ text: prose.text }] : []),
      ...lines.map(({ text, start }) => ({ text, second: start })),
    ]
  },
})

/**
 * Returns a file type that is recognised by marker bytes, or by its frames if it has none. Its length must be readable,
 * because seconds are counted.
 */
function audioFile(type: AudioType, endings: string[], ...marks: FileType['is'][]): FileType {
  return {
    type,
    endings,
    is: bytes => (marks.length ? marks.every(mark => mark(bytes)) : audioLength(bytes, type) !== null),
    isShown: true,
    measure: bytes => {
      const seconds = audioLength(bytes, type)
      return {
        seconds,
        fault: seconds === null ? courseFault('', null, 'studio:faults.unknownLength') : null,
      }
    },
  }
}

function error(rule: string, field: string, values: KindFinding['values'] = {}): KindFinding {
  return { level: 'error', rule, field, values }
}

type Prose = { text: string; isMarkdown: boolean }

/** Returns the transcript: lines with times, the chapters between them, or prose. */
async function readText(
  lesson: { transcript: string | null; chapters: Chapter[]; mediaSeconds: number | null },
  assets: readonly Asset[],
) {
  const file = assetNamed(assets, lesson.transcript)
  if (!file || file.type === 'text/vtt') {
    const cues = await readTranscript(file, undefined)
    return { lines: cues.length ? inOrder([...chapterLines(lesson), ...cues]) : [], prose: null }
  }
  const bytes = await assetBytes(file.hash)
  const text = bytes
    ?.toString('utf8')
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trim()
  const prose: Prose | null = text ? { text, isMarkdown: file.type === 'text/markdown' } : null
  return { lines: [], prose }
}

/** Returns prose as HTML. Its paragraphs are separated by empty lines. */
function htmlOf({ text, isMarkdown }: Prose, language: string): string {
  // The lesson's text on the same page has the ids, for links to its headings.
  return isMarkdown
    ? renderMarkdown(text, [], language, 3).replace(/(<h\d) id="[^"]*"/g, '$1')
    : renderText(text)
}

function renderText(text: string): string {
  const paragraphs = text.split(/\n{2,}/).map(paragraph => markdown.utils.escapeHtml(paragraph.trim()))
  return paragraphs.map(paragraph => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`).join('')
}
