import { element, escapeText, inPercent, rem, short } from './svg'

type Week = { name: string; now: number; draft: number }
type WeeklyLoad = {
  weeks: Week[]
  /** The top of the scale, so that charts beside each other can be compared. */
  most: number
  /** The most that can be done in a week: a dashed line, and weeks above it stand out. */
  capacity?: number
  label: string
  rtl?: boolean
}

const [top, height] = [8, 72]

/**
 * Leads per week on a scale from 0 to `most`: a filled column for the draft, and a line across it for what was. Always
 * show the same in words next to it.
 */
export function weeklyLoad({ weeks, most, capacity, label, rtl = false }: WeeklyLoad): string {
  const floor = top + height
  const heightOf = (count: number) => (Math.min(count, most) / most) * height
  // The numbers of the axis stand before the columns.
  const room = 8
  const pitch = (100 - room) / Math.max(weeks.length, 1)
  const left = (n: number, size: number) => {
    const start = room + n * pitch + (pitch - size) / 2
    return inPercent(rtl ? 100 - start - size : start)
  }
  const columns = weeks.map(({ now, draft }, n) => {
    const width = pitch * 0.66
    const column = { x: left(n, width), width: inPercent(width) }
    return (
      (draft
        ? element('rect', {
            class: capacity !== undefined && draft > capacity ? 'g-brick' : 'g-1',
            ...column,
            y: rem(floor - heightOf(draft)),
            height: rem(heightOf(draft)),
          })
        : '') +
      (now
        ? element('rect', {
            class: 'g-ink',
            x: left(n, pitch * 0.9),
            width: inPercent(pitch * 0.9),
            y: rem(floor - heightOf(now) - 1),
            height: rem(2),
          })
        : '')
    )
  })
  const text = (x: number, y: number, content: string, anchor?: 'middle') =>
    element('text', { x: inPercent(x, rtl), y: rem(y), 'text-anchor': anchor }, escapeText(content))
  const line = (y: number) =>
    element('rect', {
      class: 'g-edge',
      x: rtl ? 0 : inPercent(room),
      width: inPercent(100 - room),
      y: rem(y),
      height: 1,
    })
  const limit =
    capacity === undefined
      ? ''
      : element('line', {
          class: 'g-limit',
          ...{ x1: rtl ? 0 : inPercent(room), x2: rtl ? inPercent(100 - room) : '100%' },
          ...{ y1: rem(floor - heightOf(capacity)), y2: rem(floor - heightOf(capacity)) },
        })
  const middle = Math.floor((weeks.length - 1) / 2)
  const named = [...new Set([0, middle, weeks.length - 1])].filter(n => weeks[n])
  const frame = { class: 'chart weekly-load', width: '100%', height: rem(floor + 22), role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    line(floor) +
      text(0, top + 6, short(most)) +
      text(0, floor, '0') +
      columns.join('') +
      limit +
      named.map(n => text(room + (n + 0.5) * pitch, floor + 17, weeks[n]!.name, 'middle')).join(''),
  )
}
