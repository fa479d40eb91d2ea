import { escapeXML } from 'ejs'

/** Above this number, seats are said in words only. */
const maxDrawn = 60

/**
 * Returns the seats of a session, drawn one by one: those that are taken, the reader's own among them, and those that
 * are free; empty when there are too many. Always show the same in words next to it.
 *
 * @param label what it shows in words, for screen readers.
 */
export function seatPlan(
  { capacity, taken, isOwn }: { capacity: number; taken: number; isOwn: boolean },
  label: string,
): string {
  if (capacity > maxDrawn) return ''
  const others = Math.min(taken, capacity) - (isOwn ? 1 : 0)
  const classes = Array.from({ length: capacity }, (_, n) => {
    if (n < others) return 'seat-taken'
    return isOwn && n === others ? 'seat-own' : 'seat-free'
  })
  const seats = classes.map(name => `<i class="${name}"></i>`).join('')
  return `<span class="seats" role="img" aria-label="${escapeXML(label)}">${seats}</span>`
}
