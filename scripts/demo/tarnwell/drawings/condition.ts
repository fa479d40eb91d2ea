import { chart, label, sheet } from './chart'
import { millLane, panelScreen, screen } from './panel'
import { phone } from './phone'
import { arrow, at, box, circle, colour, drawing, path, segment, text, through, checkMark } from './svg'
import { axes, heightOf, limitLine, p2, pointsOf, readingsOf, trendLine, type Frame } from './trend'

/** The screen of the panel with the new alarm. */
export const panelAlarm = () => drawing(screen.width, screen.height, colour.night, panelScreen(millLane))

export const phoneAlarm = () =>
  drawing(600, 640, '#E9E4D6', at(150, 12, phone({ clock: '14:09', alarm: 'new' })))

/** How P2's trend bends, and what changed with it. `share` is how much of the trend is drawn. */
export function trendTurns(share = 1, found = 5): string {
  const frame: Frame = { x: 60, y: 92, w: 470, h: 250, max: 10 }
  const day = (n: number) => frame.x + (frame.w * n) / 30
  const facts = ['Slope, not level', 'Same load', 'Same speed', 'Temperature +4 °C']
  return drawing(
    800,
    450,
    '#14313A',
    [
      text(60, 56, 'P2, drive end, mm/s', { size: 18, weight: 600, fill: '#FFFFFF' }),
      axes(frame, { xs: ['27 Oct', '6 Nov', '16 Nov', '26 Nov'], ys: [0, 2.5, 5, 7.5, 10], size: 14 }),
      share < 0.66
        ? ''
        : box(day(16), 92, day(20) - day(16), 250, { fill: colour.marker, opacity: 0.22 }) +
          segment([day(16), 92], [day(16), 342], colour.marker, 2) +
          segment([day(20), 92], [day(20), 342], colour.marker, 2) +
          text(day(18), 84, 'It turns here', {
            size: 14.5,
            weight: 600,
            fill: colour.marker,
            anchor: 'middle',
          }),
      limitLine(frame, 7.1, 'Limit 7.1', '#FFA899', 15),
      trendLine(pointsOf(readingsOf(p2), frame, share), colour.trend, 3),
      found
        ? box(566, 92, 198, 250, { fill: '#0B1F26', radius: 5 }) +
          text(584, 126, 'What changed', { size: 18, weight: 600, fill: '#FFFFFF' })
        : '',
      ...facts.map((fact, n) =>
        n < found
          ? checkMark(593, 158 + n * 36, n === 3 ? colour.amber : '#5BD6A2', '#0B1F26') +
            text(610, 163 + n * 36, fact, { size: 15.5, fill: colour.nightText })
          : '',
      ),
      found > 4
        ? text(584, 322, 'So: bearing, not load.', { size: 15.5, weight: 600, fill: colour.marker })
        : '',
    ].join(''),
  )
}

/** Steady, step and climb. */
export function threeShapes(): string {
  const small = (x: number, readings: number[], name: string, meaning: string[]) => {
    const frame: Frame = { x: x + 12, y: 32, w: 148, h: 92, max: 8.4 }
    return [
      box(x, 18, 172, 120, { fill: '#FFFFFF', stroke: colour.line, width: 1.5, radius: 4 }),
      limitLine(frame, 7.1, '', colour.brick),
      segment([frame.x, 124], [frame.x + frame.w, 124], colour.edge, 1.4),
      trendLine(pointsOf(readings, frame), colour.brand, 2.6),
      text(x, 168, name, { size: 17, weight: 600 }),
      ...meaning.map((line, n) => text(x, 190 + n * 20, line, { size: 15, fill: colour.ink2 })),
    ].join('')
  }
  const steady = readingsOf({ base: 2.3, end: 2.3, turn: 1, seed: 5, wobble: 0.7 }, 40)
  const step = steady.map((value, n) => (n > 19 ? value + 2.6 : value))
  const climb = readingsOf({ base: 2.3, end: 8, turn: 0.35, seed: 9, wobble: 0.6 }, 40)
  return sheet(240, [
    small(24, steady, 'Steady', ['Normal wear.', 'Keep the limit.']),
    small(214, step, 'Step', ['Something changed', 'at once.']),
    small(404, climb, 'Climb', ['Wear. Plan a check', 'within days.']),
  ])
}

/** A horizontal pump from the side, with the places of three sensors. */
export function sensorPositions(): string {
  const steel = '#5C8F99'
  const dark = '#2E5A64'
  const spot = (x: number, y: number, name: string) =>
    circle(x, y, 13, { fill: colour.marker, stroke: colour.ink, width: 2 }) +
    text(x, y + 5.5, name, { size: 15, weight: 700, anchor: 'middle' })
  return sheet(350, [
    box(40, 262, 520, 16, { fill: '#A9A396' }),
    ...Array.from({ length: 13 }, (_, n) =>
      segment([44 + n * 42, 290], [64 + n * 42, 278], colour.edge, 1.5),
    ),
    // The pump: volute, nozzle and bearing housing.
    box(116, 70, 44, 70, { fill: steel }),
    box(106, 62, 64, 14, { fill: dark }),
    circle(138, 180, 66, { fill: steel, stroke: dark, width: 4 }),
    circle(138, 180, 30, { fill: dark }),
    box(52, 168, 30, 26, { fill: steel }),
    box(42, 156, 14, 50, { fill: dark }),
    box(198, 152, 84, 58, { fill: '#7FA9B1', stroke: dark, width: 3, radius: 6 }),
    box(282, 170, 20, 22, { fill: '#B9BFBE' }),
    box(302, 160, 12, 42, { fill: colour.ink2 }),
    box(318, 160, 12, 42, { fill: colour.ink2 }),
    box(330, 170, 18, 22, { fill: '#B9BFBE' }),
    // The motor.
    box(348, 118, 168, 126, { fill: steel, stroke: dark, width: 3, radius: 10 }),
    ...Array.from({ length: 8 }, (_, n) => segment([366, 132 + n * 14], [498, 132 + n * 14], dark, 2.5)),
    box(516, 136, 24, 90, { fill: dark, radius: 6 }),
    box(400, 92, 60, 26, { fill: dark, radius: 4 }),
    box(370, 244, 26, 18, { fill: dark }),
    box(470, 244, 26, 18, { fill: dark }),
    box(120, 244, 36, 18, { fill: dark }),
    box(226, 210, 28, 52, { fill: dark }),
    spot(240, 181, '1'),
    spot(240, 136, '2'),
    spot(190, 181, '3'),
    arrow([240, 98], [240, 120], colour.ink, 2),
    text(240, 88, 'drive end', { size: 15, fill: colour.ink2, anchor: 'middle' }),
    text(40, 320, '1  horizontal: if you have one sensor', { size: 15.5, weight: 600 }),
    text(330, 320, '2  vertical', { size: 15.5, weight: 600 }),
    text(440, 320, '3  axial', { size: 15.5, weight: 600 }),
  ])
}

/** The same pump's readings, at all speeds and in one band of speed. */
export function speedBands(): string {
  const all = Array.from({ length: 85 }, (_, n) => {
    const day = n / 6
    const speed = 0.72 + 0.28 * Math.abs(Math.sin(day * Math.PI))
    return (1.9 + day * 0.11) * speed ** 2 * 1.4
  })
  const band = Array.from({ length: 15 }, (_, day) => (1.9 + day * 0.11) * 1.4 + (day % 3) * 0.05)
  const part = (y: number, readings: number[], title: string, note: string) => {
    const frame: Frame = { x: 56, y, w: 516, h: 92, max: 5.4 }
    return [
      text(56, y - 14, title, { size: 16, weight: 600, fill: '#FFFFFF' }),
      text(572, y - 14, note, { size: 15, fill: colour.nightDim, anchor: 'end' }),
      axes(frame, { xs: ['day 1', '7', '14'], ys: [0, 2, 4], size: 13.5 }),
      trendLine(pointsOf(readings, frame), colour.trend, 2.8),
    ].join('')
  }
  return drawing(
    600,
    370,
    '#14313A',
    part(56, all, 'All readings', 'follows the demand') +
      part(226, band, '45 to 50 Hz only', 'follows the wear'),
  )
}

export function quizTrend(): string {
  const frame: Frame = { x: 60, y: 40, w: 510, h: 170, max: 9 }
  const readings = readingsOf({ base: 2.4, end: 5.9, turn: 0.55, seed: 12, wobble: 0.6 }, 80)
  return drawing(
    600,
    260,
    '#14313A',
    [
      axes(frame, { xs: ['1 Nov', '8', '15', '22', '29'], ys: [0, 3, 6, 9], size: 15 }),
      limitLine(frame, 7.1, 'Limit 7.1 mm/s', '#FFA899', 15),
      trendLine(pointsOf(readings, frame), colour.trend, 3),
    ].join(''),
  )
}

/** A reading that wavers around its limit, without and with a deadband. */
export function deadband(): string {
  const readings = [5.2, 5.9, 6.6, 7.3, 6.9, 7.35, 6.85, 7.4, 6.9, 7.5, 6.95, 7.3, 7.0, 6.5, 5.9, 5.6, 5.4]
  const part = (y: number, title: string, isSteady: boolean) => {
    const frame: Frame = { x: 54, y, w: 520, h: 88, min: 5, max: 8 }
    const points = pointsOf(readings, frame)
    const at71 = heightOf(frame, 7.1)
    const bars = isSteady
      ? [[2.7, 12.8]]
      : [
          [2.7, 3.5],
          [4.5, 5.5],
          [6.4, 7.6],
          [8.3, 9.7],
          [10.4, 11.7],
        ]
    return [
      text(54, y - 14, title, { size: 16, weight: 600 }),
      text(574, y - 14, isSteady ? '1 alarm' : '5 alarms', {
        size: 16,
        weight: 600,
        fill: isSteady ? colour.pine : colour.brick,
        anchor: 'end',
      }),
      segment([54, at71], [574, at71], colour.brick, 2, '7 5'),
      text(48, at71 + 5, '7.1', { size: 14, fill: colour.brick, anchor: 'end' }),
      isSteady
        ? box(54, at71, 520, heightOf(frame, 6.6) - at71, { fill: colour.brickWash }) +
          segment([54, heightOf(frame, 6.6)], [574, heightOf(frame, 6.6)], colour.brick, 1.4, '3 4') +
          text(48, heightOf(frame, 6.6) + 8, '6.6', { size: 14, fill: colour.brick, anchor: 'end' })
        : '',
      path(through(points), { stroke: colour.brand, width: 3 }),
      ...bars.map(([from, to]) =>
        box(54 + (520 * from!) / 16, y + 96, (520 * (to! - from!)) / 16, 11, {
          fill: isSteady ? colour.pine : colour.brick,
          radius: 2,
        }),
      ),
    ].join('')
  }
  return sheet(330, [part(48, 'Without a deadband', false), part(204, 'With a deadband of 0.5', true)])
}

/** NPSH that the pump needs and that the station offers. */
export function npsh(): string {
  const c = chart({
    left: 60,
    top: 52,
    width: 500,
    height: 220,
    xMax: 120,
    yMax: 12,
    xTicks: [0, 20, 40, 60, 80, 100],
    yTicks: [0, 2, 4, 6, 8, 10],
    xLabel: 'Flow, m³/h',
    yLabel: 'NPSH, m',
  })
  const required = (q: number) => 2.2 + 0.00052 * q * q
  const available = (q: number) => 6.6 - 0.00005 * q * q
  return sheet(350, [
    box(c.x(88), 52, c.x(120) - c.x(88), 220, { fill: colour.brickWash }),
    c.axes,
    path(through(Array.from({ length: 61 }, (_, n) => [c.x(n * 2), c.y(required(n * 2))] as const)), {
      stroke: colour.brick,
      width: 3.5,
    }),
    path(through(Array.from({ length: 61 }, (_, n) => [c.x(n * 2), c.y(available(n * 2))] as const)), {
      stroke: colour.brand,
      width: 3.5,
    }),
    circle(c.x(87.8), c.y(6.21), 7, { fill: colour.marker, stroke: colour.ink, width: 2.5 }),
    label(c.x(6), c.y(7.1), ['available'], colour.brand),
    label(c.x(14), c.y(3.0), ['required'], colour.brick),
    label(c.x(91), c.y(1.3), ['cavitates'], colour.brick),
    label(c.x(42), c.y(5.0), ['safe'], colour.pine),
  ])
}
