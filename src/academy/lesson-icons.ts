import type { Lesson } from '../courses/course'
import type { Translate } from '../web/i18n'

export const kindIcons: Record<Lesson['kind'], string> = {
  text: 'article',
  video: 'video-camera',
  quiz: 'question',
}

/** A number as a word up to twelve, in figures above. */
export function spellNumber(t: Translate, n: number): string {
  return n <= 12 ? t(`academy:numbers.${n}`) : String(n)
}

/** The same at the beginning of a sentence. */
export function spellNumberFirst(t: Translate, n: number): string {
  const word = spellNumber(t, n)
  return word.charAt(0).toUpperCase() + word.slice(1)
}
