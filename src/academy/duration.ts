import type { Texts } from '../web/texts'

/** Formats seconds exactly: `48 s`, `3 min`, `2 min 5 s`. */
export function durationText({ t }: Pick<Texts, 't'>, duration: number): string {
  const whole = Math.round(duration)
  const [minutes, seconds] = [Math.floor(whole / 60), whole % 60]
  if (!minutes) return t('academy:duration.seconds', { seconds })
  return seconds
    ? t('academy:duration.both', { minutes, seconds })
    : t('academy:duration.minutes', { minutes })
}
