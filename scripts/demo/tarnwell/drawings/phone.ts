import { box, circle, colour, path, segment, text } from './svg'
import { limitLine, p2, pointsOf, readingsOf, trendLine } from './trend'

export type PhoneState = {
  clock: string
  alarm: 'new' | 'assigned' | 'acknowledged'
  share?: number
  /** The button that a finger is on. */
  pressed?: 'assign' | 'acknowledge'
}

/** Returns a phone, 300 × 618, with Tarnwell's app that shows the alarm of Mill Lane's P2. */
export function phone({ clock, alarm, share = 1, pressed }: PhoneState): string {
  const frame = { x: 28, y: 268, w: 244, h: 82, max: 8.4 }
  const points = pointsOf(readingsOf(p2), frame, share)
  const [endX, endY] = points.at(-1)!
  const tag = { new: 'Warning', assigned: 'Assigned', acknowledged: 'Acknowledged' }[alarm]
  const [wash, ink] = alarm === 'new' ? [colour.ochreWash, colour.ochre] : [colour.pineWash, colour.pine]
  const tagWidth = { new: 74, assigned: 78, acknowledged: 112 }[alarm]
  return [
    box(0, 0, 300, 618, { fill: '#11171B', radius: 40 }),
    box(9, 9, 282, 600, { fill: '#FFFFFF', radius: 32 }),
    box(110, 19, 80, 20, { fill: '#11171B', radius: 10 }),
    text(34, 34, clock, { size: 13, weight: 600 }),
    text(266, 34, '87%', { size: 12, weight: 600, anchor: 'end' }),
    text(26, 72, 'Station 14, Mill Lane', { size: 14, fill: '#5C6A6E' }),
    text(26, 101, 'P2 vibration high', { size: 23, weight: 600, fill: '#17292E' }),
    box(26, 115, tagWidth, 25, { fill: wash, radius: 4 }),
    text(26 + tagWidth / 2, 132, tag, { size: 13.5, weight: 600, fill: ink, anchor: 'middle' }),
    text(26 + tagWidth + 10, 132, alarm === 'new' ? 'for 2 min' : 'to I. Solheim', {
      size: 13,
      fill: '#5C6A6E',
    }),
    text(26, 194, '7.1', { size: 50, weight: 600, fill: '#17292E' }),
    text(100, 194, 'mm/s', { size: 16, fill: '#5C6A6E' }),
    text(26, 220, 'limit 7.1, usually 2.3', { size: 13.5, fill: '#5C6A6E' }),
    box(17, 234, 266, 158, { fill: '#EAF2F2', radius: 5 }),
    text(28, 256, 'Last 30 days', { size: 13, fill: '#5C6A6E' }),
    limitLine(frame, 7.1, '', '#C0543F'),
    trendLine(points, colour.brand, 2.4),
    circle(endX, endY, 5, { fill: colour.brand }),
    segment([28, 360], [272, 360], '#C3D2D3', 1),
    text(28, 380, '27 Oct', { size: 12.5, fill: '#5C6A6E' }),
    text(272, 380, 'today', { size: 12.5, fill: '#5C6A6E', anchor: 'end' }),
    text(26, 418, 'Likely cause', { size: 13, fill: '#5C6A6E' }),
    text(26, 441, 'Drive-end bearing, early wear', { size: 16, weight: 600, fill: '#17292E' }),
    text(26, 463, 'Plan a check within 5 days.', { size: 13.5, fill: '#5C6A6E' }),
    box(17, 480, 266, 46, { fill: pressed === 'assign' ? colour.brandDeep : colour.brand, radius: 6 }),
    text(150, 509, alarm === 'new' ? 'Assign to a technician' : 'Open the job', {
      size: 15.5,
      weight: 600,
      fill: '#FFFFFF',
      anchor: 'middle',
    }),
    box(17, 534, 266, 42, {
      fill: pressed === 'acknowledge' ? colour.brandWash : '#FFFFFF',
      stroke: '#B7C5C7',
      width: 1.4,
      radius: 6,
    }),
    text(150, 560, alarm === 'acknowledged' ? 'Acknowledged' : 'Acknowledge', {
      size: 15,
      weight: 600,
      fill: '#17292E',
      anchor: 'middle',
    }),
    path('M105 594h90', { stroke: '#11171B', width: 4 }),
  ].join('')
}
