import { dashedAt, element, escapeText, inPercent, rem } from './svg'

type Distribution = {
  /** People by score in equal steps from 0 to 100: under the draft, and under what is active. */
  draft: number[]
  active: number[]
  /** From this score on, people qualify. */
  threshold: { at: number; name: string }
  label: string
  rtl?: boolean
}

const [top, height] = [20, 96]

/**
 * People by score: a filled column for the draft, darker from the threshold on, and a line across it for what is
 * active. Always show the same in words next to it.
 */
export function scoreDistribution({ draft, active, threshold, label, rtl = false }: Distribution): string {
  const most = Math.max(1, ...draft, ...active)
  const floor = top + height
  const pitch = 100 / draft.length
  const heightOf = (count: number) => (count / most) * (height - 6)
  const left = (n: number, size: number) => {
    const start = n * pitch + (pitch - size) / 2
    return inPercent(rtl ? 100 - start - size : start)
  }
  const columns = draft.map((count, n) => {
    const isOver = (n + 0.5) * pitch >= threshold.at
    const width = pitch * 0.8
    return count
      ? element('rect', {
          class: isOver ? 'g-1' : 'g-1 g-faint',
          ...{ x: left(n, width), width: inPercent(width) },
          ...{ y: rem(floor - heightOf(count)), height: rem(heightOf(count)) },
        })
      : ''
  })
  const lines = active.map((count, n) =>
    count
      ? element('rect', {
          class: 'g-ink',
          ...{ x: left(n, pitch * 0.9), width: inPercent(pitch * 0.9) },
          ...{ y: rem(floor - heightOf(count) - 1), height: rem(2) },
        })
      : '',
  )
  const text = (at: number, content: string, anchor?: 'middle' | 'end') =>
    element('text', { x: inPercent(at, rtl), y: rem(floor + 17), 'text-anchor': anchor }, escapeText(content))
  const isLeft = threshold.at > 60
  const frame = { class: 'chart', width: '100%', height: rem(floor + 22), role: 'img' }
  return element(
    'svg',
    { ...frame, 'aria-label': escapeText(label) },
    element('rect', { class: 'g-edge', width: '100%', y: rem(floor), height: 1 }) +
      columns.join('') +
      lines.join('') +
      dashedAt(threshold.at, [8, floor], rtl) +
      element(
        'text',
        {
          ...{ class: 'name', x: inPercent(threshold.at + (isLeft ? -1 : 1), rtl), y: rem(14) },
          'text-anchor': isLeft ? 'end' : undefined,
        },
        escapeText(threshold.name),
      ) +
      text(0, '0') +
      text(100, '100', 'end'),
  )
}

type ScoreMove = {
  /** Scores from 0 to 100. */
  before: number
  after: number
  /** Where people qualify; none for a weight. */
  threshold?: number
  label: string
  rtl?: boolean
}

/** A score as a bar of 100: filled to what it would be, a thick tick where it is, a thin one where people qualify. */
export function scoreMove({ before, after, threshold, label, rtl = false }: ScoreMove): string {
  const size = Math.min(Math.max(after, 0), 100)
  return element(
    'svg',
    {
      class: 'chart score-move',
      ...{ width: '100%', height: rem(18), role: 'img' },
      'aria-label': escapeText(label),
    },
    element('rect', { class: 'g-empty', y: rem(3), width: '100%', height: rem(12) }) +
      element('rect', {
        class: 'g-1',
        ...{ x: inPercent(rtl ? 100 - size : 0), width: inPercent(size), y: rem(3), height: rem(12) },
      }) +
      (threshold === undefined ? '' : dashedAt(threshold, [0, 18], rtl)) +
      element('rect', {
        class: 'g-ink',
        ...{ x: inPercent(Math.min(before, 99.5), rtl), width: 2, height: rem(18) },
      }),
  )
}
