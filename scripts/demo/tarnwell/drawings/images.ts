import * as condition from './condition'
import * as covers from './covers'
import { customerLogos } from './customers'
import * as hydraulics from './hydraulics'
import { logo, mark } from './logo'
import { millLane, panelAsleep, panelFront, panelScreen, panelTrends, screen } from './panel'
import * as people from './people'
import { phone } from './phone'
import * as station from './station'
import { at, colour, drawing, text } from './svg'

type Image = {
  /** Where it is saved, from scripts/demo/tarnwell. */
  file: string
  svg: string
  /** Pixels per unit of the drawing. */
  scale?: number
}

/** Every picture of Tarnwell's academy. */
export const images: Image[] = [
  ...ofCourse('find-the-failing-pump', {
    cover: covers.failingPump(),
    'panel-alarm': condition.panelAlarm(),
    'phone-alarm': condition.phoneAlarm(),
    'sensor-positions': condition.sensorPositions(),
    'trend-turns': condition.trendTurns(),
    'three-shapes': condition.threeShapes(),
    'speed-bands': condition.speedBands(),
    deadband: condition.deadband(),
    'quiz-trend': condition.quizTrend(),
    'tour-asleep': onScreen(panelAsleep(millLane)),
    'tour-acknowledged': onScreen(panelScreen({ ...millLane, alarm: 'acknowledged' })),
    'tour-trends': onScreen(panelTrends({ ...millLane, alarm: 'acknowledged' })),
  }),
  ...ofCourse('alarms-people-act-on', {
    cover: covers.alarmsCover(),
    'phone-alarm': condition.phoneAlarm(),
    levels: station.levels(),
    deadband: condition.deadband(),
    'alarm-states': people.alarmStates(),
    ladder: people.ladder(),
  }),
  ...ofCourse('commission-a-panel-7', {
    cover: covers.panelCover(),
    'panel-front': panelPortrait(),
    'panel-inside': station.panelInside(),
    terminals: station.terminals(),
    loop: station.loop(),
    levels: station.levels(),
    alternation: station.alternation(),
  }),
  ...ofCourse('cut-pumping-energy', {
    cover: covers.energyCover(),
    'duty-point': hydraulics.dutyPoint(),
    affinity: hydraulics.affinity(),
    'static-head': hydraulics.staticHead(),
    npsh: condition.npsh(),
  }),
  ...ofCourse('safe-work-on-a-pump-station', {
    cover: covers.safetyCover(),
    'seven-steps': people.sevenSteps(),
    'gas-layers': people.gasLayers(),
  }),
  ...ofCourse('make-the-business-case', {
    cover: covers.businessCover(),
    'failure-cost': hydraulics.failureCost(),
    payback: hydraulics.payback(),
  }),
  { file: 'brand/logo-light.svg', svg: logo('light') },
  { file: 'brand/logo-dark.svg', svg: logo('dark') },
  { file: 'brand/logo-light.png', svg: logo('light'), scale: 4 },
  { file: 'brand/logo-dark.png', svg: logo('dark'), scale: 4 },
  { file: 'brand/icon.svg', svg: icon() },
  { file: 'brand/icon.png', svg: icon(), scale: 1 },
  { file: 'brand/social.png', svg: social(), scale: 1 },
  { file: 'brand/hero.webp', svg: hero('#DDE6E3') },
  { file: 'brand/hero-dark.webp', svg: hero('#10292F') },
  { file: 'brand/cover-map.webp', svg: covers.mapCover() },
  { file: 'brand/cover-terminals.webp', svg: covers.terminalsCover() },
  { file: 'brand/cover-tour.webp', svg: covers.tourCover() },
  ...Object.entries(customerLogos).map(([name, svg]) => ({ file: `brand/customers/${name}.svg`, svg })),
]

function ofCourse(course: string, drawings: Record<string, string>): Image[] {
  return Object.entries(drawings).map(([name, svg]) => ({
    file: `courses/${course}/assets/${name}.webp`,
    svg,
  }))
}

/** A screenshot of the panel. */
function onScreen(content: string): string {
  return drawing(screen.width, screen.height, colour.night, content)
}

function panelPortrait(): string {
  return drawing(
    680,
    460,
    '#D3DBDB',
    at(22, 14, panelFront({ ...millLane, alarm: 'none', vibration: '2.3', share: 0.45 }), 0.63),
  )
}

/** The panel and the app with the same alarm, for the top of the home page. */
function hero(ground: string): string {
  return drawing(720, 560, ground, at(32, 32, panelFront(millLane), 0.6) + appPhone(510, 128, 0.65))
}

function appPhone(x: number, y: number, scale: number): string {
  return at(x, y, phone({ clock: '14:09', alarm: 'new' }), scale)
}

function icon(): string {
  const content = at(0, 0, mark('light'), 12.8)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">${content}</svg>`
}

/** What networks show beside a link to the academy. */
function social(): string {
  const promise = ['Know your', 'pumps before', 'they fail.']
  return drawing(
    1200,
    630,
    colour.paper,
    [
      `<rect x="560" width="640" height="630" fill="#DDE6E3"/>`,
      at(64, 64, mark('light'), 1.3),
      text(130, 104, 'Tarnwell Academy', { size: 36, weight: 500, serif: true }),
      ...promise.map((line, n) => text(64, 270 + n * 84, line, { size: 70, weight: 500, serif: true })),
      text(64, 552, 'Short courses from the engineers', { size: 27, fill: colour.ink2 }),
      text(64, 588, 'who build Tarnwell panels', { size: 27, fill: colour.ink2 }),
      at(600, 90, panelFront(millLane), 0.66),
      appPhone(960, 170, 0.7),
    ].join(''),
  )
}
