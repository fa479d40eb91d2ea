import { panelFront, millLane } from './panel'
import { phone } from './phone'
import { arrow, at, box, circle, colour, drawing, path, segment, text, through, type Point } from './svg'
import { limitLine, p2, pointsOf, readingsOf, trendLine } from './trend'

/** The size of a cover. */
const [width, height] = [640, 400]

/** A trend that climbs over its limit. */
export function failingPump(): string {
  const frame = { x: 96, y: 60, w: 460, h: 250, max: 7.6 }
  const points = pointsOf(readingsOf({ ...p2, turn: 0.42, end: 7.6, wobble: 0.7 }), frame)
  const [endX, endY] = points.at(-1)!
  const area = `${through(points)}L${endX} 310L96 310Z`
  return drawing(
    width,
    height,
    '#14313A',
    [
      ...[100, 170, 240].map(y => segment([96, y], [556, y], '#24464F', 1)),
      path(area, { fill: '#1F5A66' }),
      limitLine(frame, 6.45, 'Limit 7.1 mm/s', '#FFA899', 17),
      trendLine(points, colour.trend, 4.5),
      segment([96, 310], [572, 310], '#6E959D', 1.5),
      circle(endX, endY, 11, { fill: colour.amber }),
      ...['Week 1', '2', '3', '4'].map((week, n) =>
        text(96 + n * 148, 346, week, { size: 17, fill: '#BFD8DC' }),
      ),
    ].join(''),
  )
}

/** A phone on ochre ground that shows an alarm. */
export function alarmsCover(): string {
  const content = [
    path('M0 250L640 190V400H0Z', { fill: '#D8A553' }),
    `<g transform="translate(165 30) rotate(-4)">${at(0, 0, phone({ clock: '14:09', alarm: 'new' }), 1.02)}</g>`,
  ].join('')
  return drawing(width, height, '#E9BB74', content)
}

/** The front of a Panel 7 on a wall. */
export function panelCover(): string {
  const content = [
    box(0, 300, 640, 100, { fill: '#BCC6C7' }),
    at(68, 22, panelFront({ ...millLane, alarm: 'none', vibration: '2.3', share: 0.45 }), 0.5),
  ].join('')
  return drawing(width, height, '#D3DBDB', content)
}

/** Energy per volume before and after a new pump curve. */
export function energyCover(): string {
  const before = [338, 331, 335, 329, 336]
  const after = [246, 238, 233, 226, 229, 224, 221]
  const bars = [...before, ...after].map((value, n) => {
    const x = 66 + n * 43
    const h = value * 0.66
    return box(x, 330 - h, 31, h, { fill: n < before.length ? '#93A98C' : '#24694A' })
  })
  return drawing(
    width,
    height,
    '#E4EDDE',
    [
      text(66, 60, 'kWh per 1,000 m³', { size: 20, weight: 500, fill: '#24402F' }),
      ...bars,
      segment([273, 84], [273, 334], '#24402F', 2, '5 4'),
      text(284, 98, 'Valve open, 43 Hz', { size: 16, weight: 600, fill: '#24402F' }),
      text(576, 158, '–34%', { size: 34, weight: 700, fill: '#24694A', anchor: 'end' }),
      segment([58, 330], [590, 330], '#58735F', 2),
    ].join(''),
  )
}

/** A safety lock above hazard stripes. */
export function safetyCover(): string {
  const stripes = Array.from({ length: 9 }, (_, n) => {
    const x = -60 + n * 88
    const points: Point[] = [
      [x + 44, 300],
      [x + 88, 300],
      [x + 34, 400],
      [x - 10, 400],
    ]
    return path(`${through(points)}Z`, { fill: colour.ink })
  })
  return drawing(
    width,
    height,
    '#F3C84B',
    [
      ...stripes,
      path('M274 140V104a46 46 0 0 1 92 0v36', { stroke: '#6B7274', width: 20, cap: 'butt' }),
      box(256, 134, 128, 102, { fill: '#B5341F', radius: 10 }),
      circle(320, 176, 13, { fill: colour.ink }),
      path('M315 178h10l4 32h-18Z', { fill: colour.ink }),
      box(414, 150, 124, 66, { fill: '#FFFFFF', radius: 5 }),
      circle(426, 162, 4, { fill: '#F3C84B', stroke: '#8B9496' }),
      text(430, 180, 'Locked by', { size: 15, fill: '#5C6A6E' }),
      text(430, 203, 'S. Okafor', { size: 18, weight: 600 }),
      path('M384 172C396 168 404 168 414 168', { stroke: '#6B7274', width: 2 }),
    ].join(''),
  )
}

/** The cost of a station over three years, repaired when it breaks or monitored. */
export function businessCover(): string {
  const x = (month: number) => 80 + month * 14
  const repair: Point[] = Array.from({ length: 37 }, (_, m) => [x(m), 318 - 5.66 * m - 0.012 * m * m])
  const monitored: Point[] = Array.from({ length: 37 }, (_, m) => [x(m), 248 - 0.82 * m])
  return drawing(
    width,
    height,
    '#F3E2D3',
    [
      text(80, 66, 'Cost per station, 3 years', { size: 20, weight: 500, fill: '#4C3320' }),
      segment([80, 96], [80, 330], '#6B5140', 2),
      segment([80, 330], [592, 330], '#6B5140', 2),
      trendLine(repair, '#A15E2E', 5),
      trendLine(monitored, colour.brand, 5),
      text(580, 88, 'Repair when it breaks', { size: 17, weight: 600, fill: '#8A4A1C', anchor: 'end' }),
      text(584, 206, 'Monitored', { size: 17, weight: 600, fill: colour.brand, anchor: 'end' }),
      circle(x(14), 236.6, 11, { fill: colour.marker, stroke: colour.ink, width: 3 }),
      text(x(14) + 16, 282, 'Pays back in month 14', { size: 17, weight: 600, fill: '#4C3320' }),
    ].join(''),
  )
}

/** Stations on a map, one of them with an alarm. */
export function mapCover(): string {
  const stations: Point[] = [
    [118, 96],
    [300, 90],
    [210, 178],
    [350, 230],
    [190, 300],
    [420, 300],
    [522, 264],
    [602, 52],
    [78, 226],
  ]
  const pin = ([x, y]: Point, fill: string) =>
    path(`M${x} ${y + 24}c-10 -14 -17 -20 -17 -30a17 17 0 0 1 34 0c0 10 -7 16 -17 30Z`, { fill }) +
    circle(x, y - 6, 6, { fill: '#FFFFFF' })
  const roads: Point[][] = [
    [
      [0, 110],
      [260, 150],
      [640, 90],
    ],
    [
      [90, 0],
      [150, 180],
      [120, 400],
    ],
    [
      [300, 400],
      [360, 180],
      [430, 0],
    ],
    [
      [0, 330],
      [260, 270],
      [640, 350],
    ],
    [
      [560, 0],
      [500, 200],
      [560, 400],
    ],
  ]
  return drawing(
    width,
    height,
    '#E8E3D3',
    [
      path('M0 250C110 200 170 330 290 300S450 200 640 214V282C470 262 400 330 300 366S120 300 0 326Z', {
        fill: '#A9CBD8',
      }),
      ...roads.map(points => path(through(points), { stroke: '#FFFFFF', width: 7 })),
      ...stations.map(point => pin(point, colour.brand)),
      pin([452, 134], '#B5521F'),
      box(476, 102, 144, 58, { fill: '#FFFFFF', radius: 5 }),
      text(490, 127, 'Mill Lane', { size: 17, weight: 600 }),
      text(490, 149, '1 alarm', { size: 16, fill: '#A63F14' }),
    ].join(''),
  )
}

/** Terminals of a panel with their wires. */
export function terminalsCover(): string {
  const wires = ['#B5341F', '#1F4FA3', '#22252E', '#C28A1E', '#1A6A48', '#6C4593', '#B5341F', '#1F4FA3']
  const from = [110, 150, 190, 270, 300, 370, 430, 470]
  const to = [1, 2, 3, 5, 6, 8, 10, 11]
  const terminal = (n: number) => {
    const x = 44 + n * 44
    const isEarth = n >= 9
    return [
      box(x, 132, 38, 150, {
        fill: isEarth ? '#3A7D59' : '#F3F1EA',
        stroke: '#8B9496',
        width: 1.5,
        radius: 3,
      }),
      ...[162, 252].map(
        y => circle(x + 19, y, 8, { fill: '#68757A' }) + segment([x + 12, y], [x + 26, y], '#2F3A3E', 2),
      ),
      text(x + 19, 214, String(n), {
        size: 15,
        weight: 600,
        fill: isEarth ? '#FFFFFF' : colour.ink,
        anchor: 'middle',
      }),
    ].join('')
  }
  return drawing(
    width,
    height,
    '#DBDFE3',
    [
      box(40, 152, 560, 110, { fill: '#9AA5AA' }),
      box(40, 196, 560, 22, { fill: '#CBD2D5' }),
      ...Array.from({ length: 12 }, (_, n) => terminal(n + 1)),
      ...wires.map((stroke, n) => {
        const x = 63 + to[n]! * 44
        return path(`M${from[n]! + 30} 0C${from[n]! + 30} 80 ${x} 70 ${x} 162`, { stroke, width: 8 })
      }),
      ...[
        ['#1A6A48', 2, 90],
        ['#22252E', 4, 210],
        ['#B5341F', 7, 372],
        ['#1F4FA3', 9, 446],
      ].map(row => {
        const [stroke, n, end] = row as [string, number, number]
        const x = 63 + n * 44
        return path(`M${x} 252C${x} 330 ${end + 30} 330 ${end + 30} 400`, { stroke, width: 8 })
      }),
    ].join(''),
  )
}

/** The overview of a panel with one spot marked, for the app's tour. */
export function tourCover(): string {
  const content = [
    at(0, 0, at(0, 0, panelFront(millLane), 0.92), 1),
    box(0, 0, 640, 400, { fill: '#061217', opacity: 0.55 }),
    circle(322, 210, 38, { fill: colour.amber, opacity: 0.35 }),
    circle(322, 210, 25, { fill: colour.marker, stroke: colour.ink, width: 4 }),
    text(322, 218, '3', { size: 23, weight: 700, anchor: 'middle' }),
    arrow([372, 262], [344, 234], colour.marker, 3),
  ].join('')
  return drawing(width, height, colour.night, content)
}
