import type { Lesson } from '../courses/course'
import type { Translate } from '../web/i18n'

export const kindIcons: Record<Lesson['kind'], string> = {
  text: 'article',
  video: 'video-camera',
  quiz: 'question',
}

/** A number as a word up to twelve, in figures above. */
export function inWords(t: Translate, n: number): string {
  return n <= 12 ? t(`academy:numbers.${n}`) : String(n)
}

/** The same at the beginning of a sentence. */
export function inWordsFirst(t: Translate, n: number): string {
  const word = inWords(t, n)
  return word.charAt(0).toUpperCase() + word.slice(1)
}
