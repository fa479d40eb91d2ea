import type { Published } from '../courses/published'
import { directionOf } from '../web/i18n'

/** The attributes of a course's texts: its language and the direction it is written in. */
export function courseLanguage({ content }: Published): { lang: string; dir: 'ltr' | 'rtl' } {
  return { lang: content.language, dir: directionOf(content.language) }
}
