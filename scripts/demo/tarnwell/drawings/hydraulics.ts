import { chart, curve, label, sheet } from './chart'
import { box, circle, colour, segment, text } from './svg'

/** The pump of High Bridge: head in metres over flow in m³/h, at a speed in hertz. */
const highBridge = (hertz: number) => (q: number) => 75 * (hertz / 50) ** 2 - 0.00361 * q * q
/** The pipes of High Bridge with the valve open. */
const open = (q: number) => 22 + 0.00556 * q * q
const throttled = (q: number) => 22 + 0.01111 * q * q

const headChart = () =>
  chart({
    left: 56,
    top: 52,
    width: 510,
    height: 270,
    xMax: 100,
    yMax: 80,
    xTicks: [0, 20, 40, 60, 80, 100],
    yTicks: [0, 20, 40, 60, 80],
    xLabel: 'Flow, m³/h',
    yLabel: 'Head, m',
  })

const spot = (x: number, y: number) =>
  circle(x, y, 8, { fill: colour.marker, stroke: colour.ink, width: 2.5 })

/** Where pump and system meet at High Bridge, with the valve throttled and open. */
export function dutyPoint(): string {
  const c = headChart()
  return sheet(400, [
    c.axes,
    segment([c.x(60), c.y(42)], [c.x(60), c.y(62)], colour.brick, 5),
    curve(c, highBridge(50), [0, 100], colour.brand),
    curve(c, open, [0, 100], colour.pine),
    curve(c, throttled, [0, 70], colour.brick, { dash: '8 6', width: 3 }),
    spot(c.x(60), c.y(62)),
    spot(c.x(76), c.y(54.1)),
    label(c.x(2), c.y(77), ['Pump at 50 Hz'], colour.brand),
    label(c.x(3), c.y(13), ['Pipes, valve open'], colour.pine),
    label(c.x(22), c.y(56), ['Valve throttled'], colour.brick),
    label(c.x(62), c.y(35), ['20 m lost', 'in the valve'], colour.brick),
    label(c.x(71), c.y(63), ['76 m³/h']),
    label(c.x(71), c.y(73), ['60 m³/h, 62 m']),
  ])
}

/** Pump curves of High Bridge at four speeds. */
export function affinity(): string {
  const c = headChart()
  const speeds = [50, 45, 43, 40]
  return sheet(400, [
    c.axes,
    ...speeds.map(hertz =>
      curve(c, highBridge(hertz), [0, 100], hertz === 43 ? colour.brand : '#7FA9B1', {
        width: hertz === 43 ? 4 : 2.5,
      }),
    ),
    curve(c, open, [0, 100], colour.pine),
    ...speeds.map(hertz =>
      text(c.x(3), c.y(highBridge(hertz)(0)) - (hertz > 43 ? 8 : -17), `${hertz} Hz`, {
        size: 15,
        weight: hertz === 43 ? 700 : 500,
        fill: hertz === 43 ? colour.brand : colour.ink2,
      }),
    ),
    spot(c.x(60), c.y(42)),
    segment([c.x(54), c.y(24)], [c.x(59), c.y(39)], colour.ink, 1.5),
    label(c.x(40), c.y(19), ['60 m³/h, 42 m']),
    label(c.x(3), c.y(12), ['Pipes, valve open'], colour.pine),
  ])
}

/** A system without static head beside one that lifts by 26 m, with Mill Lane's pump. */
export function staticHead(): string {
  const part = (left: number, title: string, lift: number, k: number, note: string[]) => {
    const c = chart({
      left,
      top: 84,
      width: 228,
      height: 210,
      xMax: 60,
      yMax: 64,
      xTicks: [0, 20, 40, 60],
      yTicks: [0, 20, 40, 60],
      xLabel: 'm³/h',
      yLabel: '',
    })
    const pump = (hertz: number) => (q: number) => 60 * (hertz / 50) ** 2 - 0.00834 * q * q
    const meet = (hertz: number) => Math.sqrt(Math.max(0, (60 * (hertz / 50) ** 2 - lift) / (0.00834 + k)))
    return [
      text(left, 38, title, { size: 16.5, weight: 600 }),
      c.axes,
      ...[50, 42, 35].flatMap(hertz => [
        curve(c, pump(hertz), [0, 60], '#7FA9B1', { width: 2.5 }),
        text(c.x(1.5), c.y(pump(hertz)(0)) - 6, `${hertz} Hz`, { size: 14, fill: colour.ink2 }),
      ]),
      curve(c, q => lift + k * q * q, [0, 60], colour.pine, { ceiling: 66 }),
      ...[50, 42, 35].map(hertz =>
        circle(c.x(meet(hertz)), c.y(lift + k * meet(hertz) ** 2), 6.5, {
          fill: colour.marker,
          stroke: colour.ink,
          width: 2,
        }),
      ),
      ...note.map((line, n) => text(left, 352 + n * 20, line, { size: 15, fill: colour.ink2 })),
    ].join('')
  }
  return sheet(392, [
    part(52, 'Circulation: no height', 0, 0.0266, ['Slower is always', 'cheaper per m³.']),
    part(350, 'Lift: 26 m of height', 26, 0.01153, ['At 35 Hz hardly', 'anything arrives.']),
  ])
}

/** What a station has cost since the first day, with and without monitoring. */
export function payback(): string {
  const c = chart({
    left: 66,
    top: 56,
    width: 500,
    height: 230,
    xMax: 36,
    yMax: 20,
    xTicks: [0, 6, 12, 18, 24, 30, 36],
    yTicks: [0, 5, 10, 15, 20],
    xLabel: 'Month',
    yLabel: 'Spent since the first day, £ thousand',
  })
  return sheet(360, [
    c.axes,
    curve(c, m => 0.5238 * m, [0, 36], '#A15E2E', { width: 4 }),
    curve(c, m => 6.8 + 0.038 * m, [0, 36], colour.brand, { width: 4 }),
    circle(c.x(14), c.y(7.33), 8, { fill: colour.marker, stroke: colour.ink, width: 2.5 }),
    label(c.x(15), c.y(4.9), ['Pays back in month 14']),
    label(c.x(13), c.y(15.2), ['Repair when it breaks'], '#8A4A1C'),
    label(c.x(25.5), c.y(9.1), ['Monitored'], colour.brand),
    label(c.x(0.6), c.y(7.7), ['£6,800'], colour.brand),
  ])
}

/** What one unplanned failure costs, beside the same repair as a plan. */
export function failureCost(): string {
  const parts: [string, number, string][] = [
    ['Repair', 1150, '#A15E2E'],
    ['Call-out', 460, '#C98A5B'],
    ['Hired pump', 680, '#8A4A1C'],
    ['Tanker, cleaning', 1910, '#DDB48F'],
  ]
  const scale = 520 / 4200
  let from = 40
  const bars = parts.map(([name, value, fill], n) => {
    const w = value * scale
    const x = from
    from += w
    const below = n % 2 === 1
    return [
      box(x, 84, w - 2, 56, { fill }),
      text(x, below ? 164 : 74, name, { size: 15, fill: colour.ink2 }),
      text(x + 8, 118, `£${value.toLocaleString('en-GB')}`, {
        size: 15,
        weight: 600,
        fill: n === 3 || n === 1 ? colour.ink : '#FFFFFF',
      }),
    ].join('')
  })
  return sheet(280, [
    text(40, 42, 'At night, unplanned: £4,200', { size: 17, weight: 600 }),
    ...bars,
    text(40, 208, 'On a Tuesday, planned: £420', { size: 17, weight: 600 }),
    box(40, 222, 420 * scale, 36, { fill: colour.pine }),
    text(40 + 420 * scale + 12, 246, 'the same bearing', { size: 15, fill: colour.ink2 }),
  ])
}
