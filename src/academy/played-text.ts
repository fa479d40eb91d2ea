import type { Lesson } from '../courses/course'
import { completionRule } from '../courses/kinds/kinds'
import type { LessonProgress } from '../learning/enrolment'
import { seenSteps, watchedShare } from '../learning/progress'
import { watchedRanges } from '../learning/watched-seconds'
import type { Texts } from '../web/texts'
import { durationText } from './duration'

/** Says how much of a lesson a learner has played or seen; null for a lesson that counts neither. */
export function playedText(
  texts: Texts,
  lesson: Lesson,
  progress: LessonProgress | undefined,
): string | null {
  if (completionRule(lesson) === 'steps') {
    const { seen, ids } = seenSteps(lesson, progress)
    return texts.t(`academy:lesson.${lesson.completion}Progress`, { seen: seen.length, total: ids.length })
  }
  if (completionRule(lesson) !== 'seconds' || !lesson.mediaSeconds) return null
  return texts.t(`academy:lesson.${lesson.completion}Progress`, {
    played: durationText(texts, progress?.seconds ?? 0),
    length: durationText(texts, lesson.mediaSeconds),
    percent: Math.floor(100 * watchedShare(lesson, progress)),
  })
}

/**
 * Returns the sentence of `playedText` with places for its numbers, and the shapes of a duration, as JSON: with them,
 * public/js/played.js says each second of a recording as it is played.
 */
export function playedPattern(texts: Texts, { completion, mediaSeconds }: Lesson): string {
  const { t } = texts
  const [minutes, seconds] = ['{minutes}', '{seconds}']
  return JSON.stringify({
    text: t(`academy:lesson.${completion}Progress`, {
      played: '{played}',
      length: durationText(texts, mediaSeconds ?? 0),
      percent: '{percent}',
    }),
    duration: {
      seconds: t('academy:duration.seconds', { seconds }),
      minutes: t('academy:duration.minutes', { minutes }),
      both: t('academy:duration.both', { minutes, seconds }),
    },
  })
}

/** Returns the seconds of a recording that a learner has played, such as `0-30,45-60`. */
export function watchedText(progress: LessonProgress | undefined): string {
  return watchedRanges(progress?.watchedBitmap)
    .map(range => range.join('-'))
    .join()
}
