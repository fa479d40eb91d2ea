import { label, sheet } from './chart'
import { arrow, box, circle, colour, path, segment, text, through, type Point } from './svg'

/** A section through Mill Lane's wet well with its levels. */
export function levels(): string {
  const y = (height: number) => 420 - height * 92
  const rows: [number, string, string][] = [
    [3.6, 'Overflow', colour.brick],
    [3.2, 'High float', colour.ink2],
    [3.0, 'High alarm', colour.brick],
    [2.4, 'Start second pump', colour.brand],
    [1.8, 'Start duty pump', colour.brand],
    [0.9, 'Stop', colour.brand],
    [0.6, 'Dry-run float', colour.ink2],
  ]
  return sheet(470, [
    box(40, 50, 270, 392, { fill: '#CFC8B8' }),
    box(64, 50, 222, 370, { fill: '#F4F1E8' }),
    box(64, y(2.31), 222, 420 - y(2.31), { fill: '#9CCAD5' }),
    path(`M64 ${y(2.31)}c28 -7 46 -7 74 0s46 7 74 0s46 -7 74 0`, { stroke: colour.brand, width: 2 }),
    box(30, 36, 290, 16, { fill: '#A9A396' }),
    // Inlet, rising main and pump.
    box(0, y(3.3), 66, 26, { fill: '#8B9496' }),
    box(206, 52, 18, y(0.5) - 52, { fill: '#5C8F99' }),
    box(206, 22, 18, 30, { fill: '#5C8F99' }),
    box(206, 14, 94, 18, { fill: '#5C8F99' }),
    box(186, y(0.55), 58, 40, { fill: '#2E5A64', radius: 6 }),
    box(196, y(0.95), 38, 38, { fill: '#2E5A64', radius: 4 }),
    // The level sensor in its pipe, and the floats.
    box(96, 52, 14, y(0.12) - 52, { stroke: colour.edge, width: 2 }),
    segment([103, 52], [103, y(0.25)], colour.ink, 2),
    box(98, y(0.28), 10, 18, { fill: colour.ink, radius: 3 }),
    segment([150, 52], [150, y(3.2)], colour.ink2, 1.6),
    circle(150, y(3.16), 9, { fill: '#E39A36', stroke: colour.ink, width: 1.5 }),
    segment([166, 52], [166, y(0.6)], colour.ink2, 1.6),
    circle(166, y(0.6), 9, { fill: '#E39A36', stroke: colour.ink, width: 1.5 }),
    ...rows.map(([height, name, fill]) =>
      [
        segment([286, y(height)], [338, y(height)], fill, 1.8),
        text(346, y(height) + 5.5, height.toFixed(2), { size: 16, weight: 700, fill }),
        text(392, y(height) + 5.5, name, { size: 16, fill }),
      ].join(''),
    ),
    segment([286, y(2.31)], [338, y(2.31) + 6], colour.edge, 1.2, '3 3'),
    text(346, y(2.31) + 17, 'now 2.31 m', { size: 15, fill: colour.grey }),
    text(346, 460, 'Metres above the floor', { size: 14.5, fill: colour.grey }),
    text(4, y(3.3) - 8, 'inlet', { size: 14, fill: colour.grey }),
  ])
}

/** The inside of a Panel 7. */
export function panelInside(): string {
  const part = (x: number, y: number, w: number, h: number, fill: string, name: string, ink = '#FFFFFF') =>
    box(x, y, w, h, { fill, stroke: '#5F686A', width: 1.5, radius: 3 }) +
    text(x + w / 2, y + h / 2 + 5, name, { size: 15, weight: 600, fill: ink, anchor: 'middle' })
  const rail = (y: number) => box(56, y, 488, 10, { fill: '#AEB6B8' })
  const terminals = Array.from({ length: 17 }, (_, n) =>
    box(66 + n * 27, 372, 23, 46, { fill: n > 12 ? '#3A7D59' : '#F3F1EA', stroke: '#8B9496', width: 1.3 }),
  )
  return sheet(500, [
    box(26, 20, 548, 432, { fill: '#D3DBDB', stroke: '#8B9496', width: 4, radius: 8 }),
    box(44, 38, 512, 396, { fill: '#EDEFEE' }),
    rail(86),
    part(62, 56, 96, 72, '#B5341F', 'Q0'),
    part(176, 62, 70, 60, '#4C5A5E', 'SPD'),
    ...['F1', 'F2', 'F3', 'F4', 'F5', 'F6'].map((name, n) => part(262 + n * 30, 62, 27, 60, '#2E5A64', name)),
    part(456, 62, 88, 60, '#4C5A5E', 'G1, G2'),
    part(70, 158, 190, 170, '#2F8A9C', 'T1'),
    part(340, 158, 190, 170, '#2F8A9C', 'T2'),
    ...[70, 340].map(x => box(x + 60, 176, 70, 40, { fill: '#0B1F26', radius: 3 })),
    part(272, 190, 56, 106, '#0B1E24', 'CPU'),
    rail(390),
    ...terminals,
    text(66, 360, 'X1 power', { size: 14.5, fill: colour.ink2 }),
    text(226, 360, 'X2 24 V', { size: 14.5, fill: colour.ink2 }),
    text(334, 360, 'X3 signals', { size: 14.5, fill: colour.ink2 }),
    text(436, 360, 'earth', { size: 14.5, fill: colour.pine }),
    text(30, 482, 'Q0 isolator · F breakers · G supply, battery · T drives · X terminals', {
      size: 15,
      fill: colour.ink2,
    }),
  ])
}

/** The loop of a level sensor, and what its current means. */
export function loop(): string {
  const scale = (mA: number) => 356 + ((mA - 0) * 200) / 22
  return sheet(330, [
    box(24, 34, 130, 200, { fill: '#EDEFEE', stroke: '#8B9496', width: 2, radius: 5 }),
    text(40, 62, 'Panel', { size: 16, weight: 600 }),
    text(40, 98, '+24 V', { size: 15, fill: colour.brick }),
    box(118, 80, 28, 26, { fill: '#F3F1EA', stroke: '#8B9496', width: 1.5 }),
    text(132, 98, '7', { size: 15, weight: 600, anchor: 'middle' }),
    box(118, 150, 28, 26, { fill: '#F3F1EA', stroke: '#8B9496', width: 1.5 }),
    text(132, 168, '8', { size: 15, weight: 600, anchor: 'middle' }),
    box(54, 154, 44, 18, { fill: '#FFFFFF', stroke: colour.ink, width: 1.8 }),
    text(76, 194, '250 Ω', { size: 14.5, fill: colour.ink2, anchor: 'middle' }),
    segment([98, 163], [118, 163], colour.brand, 2.5),
    segment([54, 163], [38, 163], colour.brand, 2.5),
    segment([38, 163], [38, 214], colour.brand, 2.5),
    text(48, 220, '0 V', { size: 15, fill: colour.ink2 }),
    path('M146 93H250V112', { stroke: colour.brick, width: 2.5 }),
    path('M146 163H250V150', { stroke: colour.brand, width: 2.5 }),
    box(226, 108, 48, 44, { fill: '#2E5A64', radius: 6 }),
    text(250, 136, 'LT', { size: 16, weight: 700, fill: '#FFFFFF', anchor: 'middle' }),
    arrow([170, 80], [216, 80], colour.ink, 2),
    text(166, 70, '4–20 mA', { size: 15, weight: 600 }),
    text(206, 196, 'sensor', { size: 15, fill: colour.ink2 }),
    // The scale.
    text(340, 62, 'What the current means', { size: 16, weight: 600 }),
    box(scale(0), 120, scale(3.6) - scale(0), 26, { fill: colour.brickWash }),
    box(scale(3.6), 120, scale(4) - scale(3.6), 26, { fill: '#F2EDE2' }),
    box(scale(4), 120, scale(20) - scale(4), 26, { fill: '#9CCAD5' }),
    box(scale(21), 120, scale(22) - scale(21), 26, { fill: colour.brickWash }),
    ...(
      [
        [4, '0 m'],
        [12, '2.5 m'],
        [20, '5 m'],
      ] as const
    ).map(([mA, metres]) =>
      [
        segment([scale(mA), 112], [scale(mA), 154], colour.ink, 2),
        text(scale(mA), 174, String(mA), { size: 15, weight: 600, anchor: 'middle' }),
        text(scale(mA), 104, metres, { size: 15, fill: colour.brand, anchor: 'middle' }),
      ].join(''),
    ),
    text(scale(20) + 14, 174, 'mA', { size: 14.5, fill: colour.grey }),
    label(340, 218, ['Below 3.6 mA: fault'], colour.brick),
    text(340, 240, 'A cut cable can’t look like', { size: 15, fill: colour.ink2 }),
    text(340, 260, 'an empty well.', { size: 15, fill: colour.ink2 }),
    label(24, 302, ['2.31 m of 5 m: 4 + 16 × 2.31 / 5 = 11.39 mA'], colour.brand, 16.5),
  ])
}

/** A day with six cycles: the level, and which pump ran. */
export function alternation(): string {
  const x = (n: number) => 70 + n * 13
  const y = (metres: number) => 214 - (metres - 0.6) * 80
  const points: Point[] = [
    [0, 1.2],
    [3, 1.8],
    [5, 0.9],
    [10, 1.8],
    [12, 0.9],
    [17, 1.8],
    [19, 0.9],
    [23, 1.8],
    [25, 0.9],
    [27, 1.8],
    [30, 2.4],
    [34, 0.9],
    [38, 1.8],
  ].map(([n, metres]) => [x(n!), y(metres!)])
  const runs: [string, number, number][] = [
    ['P1', 3, 5],
    ['P2', 10, 12],
    ['P1', 17, 19],
    ['P2', 23, 25],
    ['P1', 27, 34],
    ['P2', 30, 34],
    ['P2', 38, 39.4],
  ]
  const line = (metres: number, name: string) =>
    segment([70, y(metres)], [578, y(metres)], '#D9D2C3', 1.4, '5 4') +
    text(62, y(metres) + 5, name, { size: 14, fill: colour.grey, anchor: 'end' })
  return sheet(340, [
    text(70, 38, 'Level, m', { size: 15, fill: colour.ink2 }),
    line(2.4, '2.40'),
    line(1.8, '1.80'),
    line(0.9, '0.90'),
    path(through(points), { stroke: colour.brand, width: 3 }),
    text(x(26), y(2.4) - 10, 'both run', { size: 15, weight: 600, fill: colour.brand }),
    ...(['P1', 'P2'] as const).map((name, n) =>
      text(62, 262 + n * 34, name, { size: 16, weight: 600, anchor: 'end' }),
    ),
    ...[0, 1].map(n => box(70, 244 + n * 34, 508, 26, { fill: '#F2EDE2' })),
    ...runs.map(([name, from, to]) =>
      box(x(from), name === 'P1' ? 244 : 278, x(to) - x(from), 26, {
        fill: name === 'P1' ? colour.brand : '#7FA9B1',
      }),
    ),
    text(578, 326, 'time', { size: 14, fill: colour.grey, anchor: 'end' }),
  ])
}

/** Twelve terminals of the panel with what is connected to them. */
export function terminals(): string {
  const names = ['U1', 'V1', 'W1', 'U1', 'V1', 'W1', '+24', 'sig', 'PE', 'PE', 'PE', 'PE']
  const wires = [
    '#6B4A2B',
    '#22252E',
    '#8B9496',
    '#6B4A2B',
    '#22252E',
    '#8B9496',
    '#B5341F',
    '#1F4FA3',
    ...Array(4).fill('#3A9A4F'),
  ]
  return sheet(340, [
    box(36, 122, 528, 84, { fill: '#B9C2C5' }),
    ...names.map((name, n) => {
      const x = 44 + n * 43
      const isEarth = n > 7
      return [
        path(`M${x + 19} 262V196`, { stroke: wires[n]!, width: 8 }),
        isEarth ? path(`M${x + 19} 262V196`, { stroke: '#E8D23C', width: 8, dash: '9 9', cap: 'butt' }) : '',
        box(x, 104, 38, 118, {
          fill: isEarth ? '#3A7D59' : '#F3F1EA',
          stroke: '#8B9496',
          width: 1.5,
          radius: 3,
        }),
        circle(x + 19, 196, 8, { fill: '#68757A' }),
        segment([x + 13, 196], [x + 25, 196], '#2F3A3E', 2),
        text(x + 19, 134, String(n + 1), {
          size: 16,
          weight: 700,
          fill: isEarth ? '#FFFFFF' : colour.ink,
          anchor: 'middle',
        }),
        text(x + 19, 164, name, { size: 13.5, fill: isEarth ? '#FFFFFF' : colour.ink2, anchor: 'middle' }),
      ].join('')
    }),
    ...(
      [
        [44, 3, 'P1'],
        [173, 3, 'P2'],
        [302, 2, 'Level'],
        [388, 4, 'Protective earth'],
      ] as const
    ).map(
      ([x, n, name]) =>
        segment([x, 84], [x + n * 43 - 5, 84], colour.ink, 2) + text(x, 72, name, { size: 16, weight: 600 }),
    ),
    text(44, 296, '1.8 N·m', { size: 15, fill: colour.ink2 }),
    text(173, 296, '1.8 N·m', { size: 15, fill: colour.ink2 }),
    text(302, 296, '0.5 N·m', { size: 15, fill: colour.ink2 }),
    text(388, 296, '2.5 N·m, first on, last off', { size: 15, fill: colour.ink2 }),
    text(44, 44, 'X1 to X3', { size: 15, fill: colour.grey }),
  ])
}
