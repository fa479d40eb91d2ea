import { element, escapeText, inPercent, rem } from './svg'

type FunnelStep = { name: string; count: string; share: number; shareName?: string }
type Funnel = { steps: FunnelStep[]; label: string; rtl?: boolean }

const top = 12
const floor = 176
/** From this share upwards, a step counts as complete and shows no percentage. */
const complete = 0.995

/**
 * The funnel as a row of columns, one per step; a column is full when everyone continued from the previous step. Two
 * drawings: vertical columns for wide pages, horizontal bars for narrow ones, where eight names don't fit side by side.
 */
export function funnel(options: Funnel): string {
  return verticalFunnel(options) + horizontalFunnel(options)
}

function verticalFunnel({ steps, label, rtl = false }: Funnel): string {
  const pitch = 100 / Math.max(steps.length, 1)
  const width = pitch * 0.515
  const columns = steps.map((step, n) => {
    const middle = (n + 0.5) * pitch
    const left = (part: number) => inPercent(rtl ? 100 - middle - width * part : middle - width * part)
    const share = Math.min(Math.max(step.share, 0), 1)
    const isFull = share >= complete
    const height = Math.round(share * (floor - top - 4))
    const column = { x: left(0.5), width: inPercent(width) }
    const capital = { x: left(0.575), y: rem(top), width: inPercent(width * 1.15), height: rem(4) }
    const frame = { class: 'g-frame', ...column, y: rem(top + 4), height: rem(floor - top - 4) }
    const text = (className: string, y: number, content: string) =>
      centredText(className, inPercent(middle, rtl), y, content)
    return (
      element('rect', { class: isFull ? 'g-1' : 'g-capital', ...capital }) +
      (isFull ? '' : element('rect', frame)) +
      element('rect', { class: 'g-1', ...column, y: rem(floor - height), height: rem(height) }) +
      (isFull ? '' : shareText(text, height, step.shareName ?? '')) +
      text('figure', floor + 28, step.count) +
      text('small-label', floor + 48, step.name)
    )
  })
  const entablature = '<rect class="g-ink" width="100%" height="6"/>'
  const base = element('rect', { class: 'g-ink', y: rem(floor), width: '100%', height: 2 })
  return frameOf('chart-wide', floor + 56, label, entablature + columns.join('') + base)
}

/** The percentage on a column, or above it where the column is too low. */
function shareText(
  text: (className: string, y: number, content: string) => string,
  height: number,
  name: string,
): string {
  return height < 26
    ? text('label small-label', floor - height - 6, name)
    : text('on small-label', floor - height + 17, name)
}

function horizontalFunnel({ steps, label, rtl = false }: Funnel): string {
  const rowHeight = 44
  const rows = steps.map((step, n) => {
    const y = n * rowHeight
    const share = Math.min(Math.max(step.share, 0), 1)
    const text = (className: string, x: number, content: string, anchor?: 'end') =>
      element(
        'text',
        { class: className, x: inPercent(x, rtl), y: rem(y + 14), 'text-anchor': anchor },
        escapeText(content),
      )
    const bar = { y: rem(y + 20), height: rem(12) }
    const x = inPercent(rtl ? 100 - share * 100 : 0)
    return (
      text('label small-label', 0, step.name) +
      text('label small-label', 100, step.count, 'end') +
      (share < complete && step.shareName ? text('small-label', 76, step.shareName, 'end') : '') +
      element('rect', { class: 'g-empty', width: '100%', ...bar }) +
      element('rect', { class: 'g-1', x, width: inPercent(share * 100), ...bar })
    )
  })
  return frameOf('chart-narrow', steps.length * rowHeight, label, rows.join(''))
}

function centredText(className: string, x: string, y: number, content: string): string {
  return element('text', { class: className, x, y: rem(y), 'text-anchor': 'middle' }, escapeText(content))
}

function frameOf(className: string, height: number, label: string, content: string): string {
  const frame = { class: `chart funnel ${className}`, width: '100%', height: rem(height), role: 'img' }
  return element('svg', { ...frame, 'aria-label': escapeText(label) }, content)
}
