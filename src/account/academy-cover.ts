import type { Texts } from '../web/texts'

/** The minutes of each lesson of the course on the cover. */
const lessonMinutes = [6, 9, 13, 8, 7, 10, 6]

/**
 * Returns the cover of an imaginary course, with the first `highlighted` lessons lit, for pages that belong to no
 * course.
 */
export function academyCover(id: string, highlighted: number, dir: Texts['dir']) {
  return {
    id,
    palette: 'sky',
    lessons: lessonMinutes.map((minutes, i) => ({ minutes, blue: i < highlighted })),
    format: 'list',
    walkers: true,
    rtl: dir === 'rtl',
  } as const
}
