import type { CourseContent, Lesson } from '../courses/course'
import type { Translate } from '../web/i18n'

/** Texts that are chosen by a value, so that every key stands somewhere in full. */
export const levelNames: Record<CourseContent['level'], string> = {
  beginner: 'academy:levels.beginner',
  intermediate: 'academy:levels.intermediate',
  advanced: 'academy:levels.advanced',
}

export const kindNames: Record<Lesson['kind'], string> = {
  text: 'academy:kinds.text',
  video: 'academy:kinds.video',
  quiz: 'academy:kinds.quiz',
}

export const kindIcons: Record<Lesson['kind'], string> = {
  text: 'article',
  video: 'video-camera',
  quiz: 'question',
}

export const partNames = [
  'academy:parts.one',
  'academy:parts.two',
  'academy:parts.three',
  'academy:parts.four',
  'academy:parts.five',
  'academy:parts.six',
  'academy:parts.seven',
  'academy:parts.eight',
]

const numbers = [
  'academy:numbers.zero',
  'academy:numbers.one',
  'academy:numbers.two',
  'academy:numbers.three',
  'academy:numbers.four',
  'academy:numbers.five',
  'academy:numbers.six',
  'academy:numbers.seven',
  'academy:numbers.eight',
  'academy:numbers.nine',
  'academy:numbers.ten',
  'academy:numbers.eleven',
  'academy:numbers.twelve',
]

/** A number as a word up to twelve, in figures above. */
export function inWords(t: Translate, n: number): string {
  const key = numbers[n]
  return key ? t(key) : String(n)
}

/** The same at the beginning of a sentence. */
export function inWordsFirst(t: Translate, n: number): string {
  const word = inWords(t, n)
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** The title of a part: "Part one: what people leave behind". */
export function partTitle(t: Translate, n: number, title: string): string {
  const key = partNames[n]
  return key ? t('academy:parts.titled', { part: t(key), title }) : title
}
