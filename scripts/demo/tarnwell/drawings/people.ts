import { label, sheet } from './chart'
import { arrow, box, circle, colour, path, segment, text, through } from './svg'

/** The four states of an alarm, and what leads from one to the next. */
export function alarmStates(): string {
  const state = (x: number, y: number, name: string, note: string, fill: string, ink: string) =>
    box(x, y, 200, 74, { fill, stroke: ink, width: 2, radius: 6 }) +
    text(x + 100, y + 32, name, { size: 17, weight: 600, fill: ink, anchor: 'middle' }) +
    text(x + 100, y + 55, note, { size: 14.5, fill: ink, anchor: 'middle' })
  return sheet(340, [
    path('M354 290C300 316 20 330 20 200C20 120 24 96 38 92', { stroke: colour.edge, width: 2, dash: '6 5' }),
    state(40, 40, 'Normal', 'nothing to do', colour.pineWash, colour.pine),
    state(360, 40, 'Active', 'lamp flashes', colour.brickWash, colour.brick),
    state(360, 224, 'Acknowledged', 'a person has it', colour.ochreWash, colour.ochre),
    state(40, 224, 'Returned', 'waits to be seen', colour.brandWash, colour.brand),
    arrow([244, 77], [354, 77], colour.ink),
    text(300, 66, 'limit crossed', { size: 15, anchor: 'middle' }),
    arrow([460, 118], [460, 218], colour.ink),
    text(470, 174, 'acknowledged', { size: 15 }),
    arrow([352, 120], [246, 222], colour.ink),
    text(284, 150, 'value', { size: 15, anchor: 'end' }),
    text(270, 168, 'returns', { size: 15, anchor: 'end' }),
    arrow([140, 218], [140, 120], colour.ink),
    text(130, 174, 'seen', { size: 15, anchor: 'end' }),
    text(290, 326, 'value returns after it was acknowledged', {
      size: 14.5,
      fill: colour.grey,
      anchor: 'middle',
    }),
  ])
}

/** Who is told when, until a person acknowledges. */
export function ladder(): string {
  const steps: [string, string[], number][] = [
    ['0 min', ['Person on call', 'app'], 0],
    ['5 min', ['Person on call', 'phone rings'], 1],
    ['10 min', ['Second person', 'phone rings'], 2],
    ['20 min', ['Team lead', 'phone rings'], 3],
  ]
  return sheet(300, [
    segment([40, 196], [560, 196], colour.edge, 2),
    ...steps.map(([time, who, n]) => {
      const x = 44 + n * 136
      return [
        box(x, 150 - n * 30, 122, 46 + n * 30, { fill: n ? '#7FA9B1' : colour.brand, radius: 3 }),
        text(x + 61, 188, time, {
          size: 17,
          weight: 700,
          fill: n ? colour.ink : '#FFFFFF',
          anchor: 'middle',
        }),
        text(x, 224, who[0]!, { size: 15, weight: 600 }),
        text(x, 244, who[1]!, { size: 15, fill: colour.ink2 }),
      ].join('')
    }),
    label(44, 40, ['“Acknowledge” stops it at any step,'], colour.pine, 16),
    text(44, 62, 'and everyone who was told sees who has it.', { size: 15.5, fill: colour.ink2 }),
    text(44, 282, 'After 60 min without a job it starts again.', { size: 15, fill: colour.grey }),
  ])
}

/** The seven steps from a running pump to one that is safe to touch. */
export function sevenSteps(): string {
  const steps = ['Identify', 'Isolate', 'Lock', 'Keep the key', 'Discharge, wait', 'Prove dead', 'Notice']
  const notes = [
    'label, drawing',
    'isolator, not drive',
    'your own padlock',
    'in your pocket',
    '5 min or more',
    'tester, circuit, tester',
    'and a barrier',
  ]
  return sheet(
    290,
    steps.map((step, n) => {
      const [column, row] = [n % 4, Math.floor(n / 4)]
      const x = 26 + column * 140
      const y = 28 + row * 128
      const isProof = n === 5
      return [
        box(x, y, 128, 106, {
          fill: isProof ? colour.marker : '#F2EDE2',
          stroke: isProof ? colour.ink : colour.line,
          width: 1.6,
          radius: 5,
        }),
        circle(x + 22, y + 24, 14, { fill: colour.brand }),
        text(x + 22, y + 30, String(n + 1), { size: 16, weight: 700, fill: '#FFFFFF', anchor: 'middle' }),
        text(x + 12, y + 64, step, { size: 15.5, weight: 600 }),
        text(x + 12, y + 86, notes[n]!, { size: n === 5 ? 12 : 13.5, fill: colour.ink2 }),
      ].join('')
    }),
  )
}

/** A wet well with the places where gases collect, and a sampling tube. */
export function gasLayers(): string {
  return sheet(410, [
    box(60, 60, 300, 320, { fill: '#CFC8B8' }),
    box(84, 60, 252, 296, { fill: '#F7F4EC' }),
    box(50, 46, 320, 16, { fill: '#A9A396' }),
    box(150, 44, 60, 20, { fill: '#F7F4EC' }),
    box(84, 64, 252, 58, { fill: '#F6D9A5', opacity: 0.8 }),
    box(84, 236, 252, 70, { fill: '#C9D9A0', opacity: 0.9 }),
    box(84, 306, 252, 50, { fill: '#9CCAD5' }),
    ...[0, 16].map(dx => segment([266 + dx, 62], [266 + dx, 306], '#68757A', 3)),
    ...Array.from({ length: 10 }, (_, n) => segment([266, 82 + n * 24], [282, 82 + n * 24], '#68757A', 3)),
    path('M180 20V296', { stroke: colour.ink, width: 3, dash: '2 5' }),
    ...[94, 200, 292].map(y => circle(180, y, 7, { fill: colour.marker, stroke: colour.ink, width: 2 })),
    box(160, 6, 44, 30, { fill: colour.ink, radius: 4 }),
    text(182, 27, '20.9', { size: 14, weight: 600, fill: '#5BD6A2', anchor: 'middle' }),
    ...(
      [
        [94, 'Top', 'methane, lighter than air'],
        [200, 'Middle', 'where you’d breathe'],
        [278, 'Above the water', 'H₂S and CO₂, heavier'],
      ] as const
    ).map(
      ([y, name, note]) =>
        segment([340, y], [392, y], colour.edge, 1.5) +
        text(400, y - 2, name, { size: 16, weight: 600 }) +
        text(400, y + 18, note, { size: 14.5, fill: colour.ink2 }),
    ),
    text(400, 330, 'Stirred sludge', { size: 15, weight: 600, fill: colour.brick }),
    text(400, 350, 'releases a burst', { size: 14.5, fill: colour.brick }),
    path(
      through([
        [392, 336],
        [340, 330],
      ]),
      { stroke: colour.brick, width: 1.5 },
    ),
  ])
}
