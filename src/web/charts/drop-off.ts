import { element, escapeText, inPercent, rem } from './svg'

type Row = { name: string; counts: string; opened: number; finished: number }
type DropOff = { rows: Row[]; label: string; rtl?: boolean }

const rowHeight = 42
/** More characters would run into the numbers on a phone. */
const maxName = 30

/** A bar for each lesson: how many of the learners opened it, in outline, and how many finished it, filled. */
export function dropOff({ rows, label, rtl = false }: DropOff): string {
  const drawn = rows.map(({ name, counts, opened, finished }, n) => {
    const y = n * rowHeight
    const text = (x: number, content: string, anchor?: 'end') =>
      element(
        'text',
        { class: 'label small-label', x: inPercent(x, rtl), y: rem(y + 13), 'text-anchor': anchor },
        escapeText(content),
      )
    const bar = (className: string, share: number) =>
      element('rect', {
        class: className,
        x: inPercent(rtl ? 100 - 100 * share : 0),
        y: rem(y + 19),
        width: inPercent(100 * Math.min(share, 1)),
        height: rem(10),
      })
    return (
      text(0, name.length > maxName ? `${name.slice(0, maxName).trimEnd()}…` : name) +
      text(100, counts, 'end') +
      bar('g-empty', 1) +
      bar('g-opened', opened) +
      bar('g-1', finished)
    )
  })
  const frame = { class: 'chart drop-off', width: '100%', height: rem(rows.length * rowHeight), role: 'img' }
  return element('svg', { ...frame, 'aria-label': escapeText(label) }, drawn.join(''))
}
