import { escapeText, percent, short } from './svg'

type Week = { name?: string; before: number; after: number }
type Weeks = { weeks: Week[]; limit?: number; limitName?: string; label: string; rtl?: boolean }

const height = 130
const head = 26

/** Two numbers for each week: outlined before, filled after. A dashed line says what the team can do. */
export function weeks({ weeks: list, limit, limitName, label, rtl = false }: Weeks): string {
  const most = Math.max(1, limit ?? 0, ...list.map(week => Math.max(week.before, week.after)))
  const floor = head + height
  const y = (value: number) => short(floor - (value / most) * height, 1)
  const pitch = 100 / Math.max(list.length, 1)
  const wide = pitch * 0.28
  const inside = list.map((week, n) => {
    const at = (offset: number) => percent(rtl ? 100 - (n + offset) * pitch - wide : (n + offset) * pitch)
    const bar = (value: number, offset: number, kind: string) =>
      value > 0
        ? `<rect class="${kind}" x="${at(offset)}" y="${y(value)}" width="${percent(wide)}" height="${short((value / most) * height, 1)}"/>`
        : ''
    const name = week.name
      ? `<text x="${percent((n + 0.16) * pitch, rtl)}" y="${floor + 17}">${escapeText(week.name)}</text>`
      : ''
    return bar(week.before, 0.16, 'g-outline') + bar(week.after, 0.48, 'g-1') + name
  })
  const line =
    limit === undefined
      ? ''
      : `<line class="g-limit" x1="0" x2="100%" y1="${y(limit)}" y2="${y(limit)}"/>` +
        `<text class="label" x="${percent(0, rtl)}" y="${short(Number(y(limit)) - 6, 1)}">${escapeText(limitName ?? '')}</text>`
  return (
    `<svg class="chart weeks" width="100%" height="${floor + 24}" role="img" aria-label="${escapeText(label)}">` +
    `${inside.join('')}${line}<rect class="g-edge" y="${floor}" width="100%" height="1"/></svg>`
  )
}
