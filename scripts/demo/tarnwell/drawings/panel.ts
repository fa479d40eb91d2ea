import { at, box, circle, colour, path, segment, text, through } from './svg'
import { axes, limitLine, p1, p2, pointsOf, readingsOf, trendLine } from './trend'

export type PanelState = {
  /** The clock in the corner, such as `Thu 14:09`. */
  day: string
  clock: string
  alarm: 'none' | 'new' | 'acknowledged'
  /** P2's vibration as the tile shows it. */
  vibration: string
  tab?: (typeof tabs)[number]
  /** How much of the trend is drawn, from 0 to 1. */
  share?: number
  /** Moves the water in the wet well, from 0 to 1. */
  wave?: number
}

const tabs = ['Overview', 'Pumps', 'Alarms', 'Trends', 'Energy', 'Set-up'] as const

export const millLane: PanelState = { day: 'Thu', clock: '14:09', alarm: 'new', vibration: '7.1' }

/** The size of the panel's screen. */
export const screen = { width: 928, height: 580 }

/** Returns the overview of Mill Lane on the screen of a Panel 7. */
export function panelScreen(state: PanelState): string {
  const { alarm } = state
  return [
    frame(state),
    card(150, 70, 534, 290),
    text(166, 96, 'Process', { size: 14, fill: colour.nightDim }),
    process(state),
    card(150, 372, 534, 192),
    vibrationCard(state),
    tile(70, 'Flow', '38.4', 'm³/h'),
    tile(149, 'Pressure', '4.2', 'bar'),
    tile(228, 'Power', '7.6', 'kW'),
    tile(307, 'Vibration, P2', state.vibration, 'mm/s', alarm === 'none' ? '#FFFFFF' : colour.amber),
    alarm === 'none' ? quietCard() : alarmCard(alarm),
  ].join('')
}

/** Returns the trends of both pumps on the screen. */
export function panelTrends(state: PanelState): string {
  const area = { x: 206, y: 190, w: 670, h: 300, max: 8 }
  return [
    frame({ ...state, tab: 'Trends' }),
    card(150, 70, 762, 494),
    text(174, 108, 'Vibration, last 30 days', { size: 18, weight: 600, fill: '#FFFFFF' }),
    text(174, 132, 'mm/s, drive end, at 48 Hz', { size: 13.5, fill: colour.nightDim }),
    pumpChip(674, 'P1', '2.1 mm/s', colour.trend),
    pumpChip(790, 'P2', '7.1 mm/s', colour.amber),
    axes(area, { xs: ['27 Oct', '6 Nov', '16 Nov', '26 Nov'], ys: [0, 2, 4, 6, 8], size: 13 }),
    limitLine(area, 7.1, 'limit 7.1 mm/s', colour.coral, 12.5),
    trendLine(pointsOf(readingsOf(p1), area, 1), colour.trend, 2.4),
    trendLine(pointsOf(readingsOf(p2), area, 1), colour.amber, 2.8),
  ].join('')
}

function pumpChip(x: number, name: string, reading: string, fill: string): string {
  return [
    box(x, 90, 104, 46, { fill: '#1E4D57', radius: 4 }),
    circle(x + 17, 113, 6, { fill }),
    text(x + 31, 109, name, { size: 14, weight: 700, fill: '#FFFFFF' }),
    text(x + 31, 126, reading, { size: 12.5, fill: colour.nightText }),
  ].join('')
}

/** Returns the screen while it saves power: the clock, and what to do. */
export function panelAsleep({ day, clock }: PanelState): string {
  return [
    box(0, 0, screen.width, screen.height, { fill: '#04090B' }),
    text(464, 262, clock, { size: 84, weight: 300, fill: '#5E747A', anchor: 'middle' }),
    text(464, 300, `${day}, Mill Lane`, { size: 17, fill: '#5E747A', anchor: 'middle' }),
    box(339, 352, 250, 52, { stroke: '#6E858B', width: 1.5, radius: 26 }),
    text(464, 384, 'Touch to wake', { size: 17, weight: 500, fill: '#B9CCD0', anchor: 'middle' }),
    circle(464, 482, 9, { fill: colour.amber }),
    circle(464, 482, 17, { stroke: colour.amber, width: 2, opacity: 0.5 }),
    text(464, 526, '1 alarm', { size: 15, fill: colour.amber, anchor: 'middle' }),
  ].join('')
}

/** What every page of the panel has: its head and its menu. */
function frame(state: PanelState): string {
  const { alarm } = state
  return [
    box(0, 0, screen.width, screen.height, { fill: colour.night }),
    box(0, 0, screen.width, 54, { fill: colour.nightHead }),
    box(0, 54, 134, 526, { fill: '#0D242B' }),
    text(19, 34, 'Mill Lane pump station', { size: 18, weight: 600, fill: '#FFFFFF' }),
    text(230, 34, 'Station 14', { size: 14, fill: colour.nightDim }),
    alarm === 'none' ? allWell() : alarmChip(alarm),
    text(788, 33, state.day, { size: 14, fill: colour.nightDim }),
    text(818, 33, state.clock, { size: 15, weight: 600, fill: '#FFFFFF' }),
    battery(872, 20),
    sidebar(state),
  ].join('')
}

/** Returns the front of a Panel 7 around its screen: 1010 × 690. */
export function panelFront(state: PanelState): string {
  const screws = [
    [18, 18],
    [992, 18],
    [18, 672],
    [992, 672],
  ] as const
  return [
    box(0, 0, 1010, 690, { fill: '#C9CDCE', stroke: '#9AA2A4', width: 3, radius: 16 }),
    ...screws.map(([x, y]) =>
      [circle(x, y, 7, { fill: '#8B9496' }), segment([x - 4, y - 3], [x + 4, y + 3], '#5F686A', 1.6)].join(
        '',
      ),
    ),
    box(28, 24, 954, 606, { fill: '#050B0D', radius: 6 }),
    at(41, 37, panelScreen(state)),
    circle(92, 660, 7, { fill: '#35A27B' }),
    circle(116, 660, 7, { fill: state.alarm === 'none' ? '#8B9496' : '#E39A36' }),
    text(505, 666, 'Tarnwell Panel 7', { size: 17, weight: 500, fill: '#454C4E', anchor: 'middle' }),
  ].join('')
}

function card(x: number, y: number, w: number, h: number): string {
  return box(x, y, w, h, { fill: colour.nightCard, radius: 4 })
}

function alarmChip(alarm: PanelState['alarm']): string {
  const isNew = alarm === 'new'
  return [
    box(640, 13, 128, 28, { fill: isNew ? '#6B2620' : '#3D3317', radius: 3 }),
    circle(656, 27, 5, { fill: isNew ? colour.coral : colour.amber }),
    text(669, 32, isNew ? '1 alarm' : '1 acknowledged', {
      size: isNew ? 14 : 12.5,
      weight: 500,
      fill: isNew ? '#FFE1DA' : '#FFE9C2',
    }),
  ].join('')
}

function allWell(): string {
  return [
    box(668, 13, 100, 28, { fill: '#17412F', radius: 3 }),
    circle(684, 27, 5, { fill: '#5BD6A2' }),
    text(697, 32, 'No alarms', { size: 13, weight: 500, fill: '#D6F5E6' }),
  ].join('')
}

function battery(x: number, y: number): string {
  return [
    box(x, y, 30, 15, { stroke: '#7E979D', width: 1.5, radius: 2 }),
    box(x + 3, y + 3, 21, 9, { fill: '#5BD6A2' }),
    box(x + 31, y + 4, 3, 7, { fill: '#7E979D' }),
  ].join('')
}

function sidebar({ tab: open = 'Overview', alarm }: PanelState): string {
  return tabs
    .map((tab, n) => {
      const y = 91 + n * 48.5
      const isOpen = tab === open
      return [
        isOpen ? box(8, y - 21, 118, 41, { fill: '#1E4D57', radius: 4 }) : '',
        text(21, y + 5, tab, {
          size: 14.5,
          weight: isOpen ? 600 : 400,
          fill: isOpen ? '#FFFFFF' : '#A9BFC4',
        }),
        tab === 'Alarms' && alarm === 'new'
          ? circle(106, y, 9.5, { fill: colour.coral }) +
            text(106, y + 4.5, '1', { size: 12, weight: 600, fill: '#3A0F09', anchor: 'middle' })
          : '',
      ].join('')
    })
    .join('')
}

function tile(y: number, name: string, value: string, unit: string, fill = '#FFFFFF'): string {
  const unitAt = 714 + value.length * 14.5 + 8
  return [
    card(700, y, 212, 72),
    text(714, y + 25, name, { size: 13.5, fill: colour.nightDim }),
    text(714, y + 58, value, { size: 27, weight: 600, fill }),
    text(unitAt, y + 58, unit, { size: 14, fill: colour.nightDim }),
  ].join('')
}

function alarmCard(alarm: PanelState['alarm']): string {
  const isNew = alarm === 'new'
  return [
    box(700, 387, 212, 177, { fill: isNew ? '#431D16' : '#2E2A18', radius: 4 }),
    text(714, 413, 'P2 vibration high', { size: 15, weight: 600, fill: '#FFFFFF' }),
    text(714, 434, isNew ? 'since 14:07, limit 7.1 mm/s' : 'acknowledged by I. Solheim', {
      size: 12.5,
      fill: '#E2BDB4',
    }),
    text(714, 459, 'Likely: drive-end bearing', { size: 13.5, fill: '#FFEDE8' }),
    isNew
      ? box(714, 473, 184, 36, { fill: colour.amber, radius: 4 }) +
        text(806, 496, 'Acknowledge', { size: 14.5, weight: 600, fill: '#2B1D02', anchor: 'middle' })
      : box(714, 473, 184, 36, { fill: colour.amber, radius: 4 }) +
        text(806, 496, 'Plan a check', { size: 14.5, weight: 600, fill: '#2B1D02', anchor: 'middle' }),
    box(714, 517, 184, 34, { stroke: '#A98379', width: 1.3, radius: 4 }),
    text(806, 539, 'Show the trend', { size: 14, weight: 500, fill: '#FFEDE8', anchor: 'middle' }),
  ].join('')
}

function quietCard(): string {
  return [
    card(700, 387, 212, 177),
    text(714, 413, 'Last alarm', { size: 13.5, fill: colour.nightDim }),
    text(714, 440, 'Mains dip, 12 October', { size: 15, weight: 600, fill: '#FFFFFF' }),
    text(714, 462, 'closed after 4 min', { size: 13, fill: colour.nightDim }),
    text(714, 508, 'Next round', { size: 13.5, fill: colour.nightDim }),
    text(714, 534, 'Mon 30 November', { size: 15, weight: 600, fill: '#FFFFFF' }),
  ].join('')
}

function vibrationCard({ share = 1, alarm }: PanelState): string {
  const frame = { x: 194, y: 420, w: 468, h: 100, max: 8 }
  const dates = ['27 Oct', '6 Nov', '16 Nov', '26 Nov']
  return [
    text(166, 398, 'Vibration, last 30 days', { size: 14, fill: colour.nightDim }),
    circle(560, 393, 5, { fill: colour.trend }),
    text(571, 398, 'P1', { size: 13, fill: colour.nightText }),
    circle(612, 393, 5, { fill: colour.amber }),
    text(623, 398, 'P2', { size: 13, fill: colour.nightText }),
    limitLine(frame, 7.1, 'limit 7.1 mm/s', colour.coral, 11.5),
    trendLine(pointsOf(readingsOf(p1), frame, share), colour.trend, 1.8),
    trendLine(pointsOf(readingsOf(p2), frame, share), colour.amber, 2.2),
    alarm === 'none' || share < 1 ? '' : circle(662, 431.25, 4.5, { fill: colour.amber }),
    segment([194, 527], [662, 527], colour.nightLine, 1.2),
    ...dates.map((date, n) =>
      text(194 + 156 * n, 547, date, {
        size: 12,
        fill: colour.nightDim,
        anchor: n === 0 ? 'start' : n === 3 ? 'end' : 'middle',
      }),
    ),
  ].join('')
}

/** The wet well, both pumps, their pipes and the gauge. */
function process({ alarm, wave = 0 }: PanelState): string {
  const isWorn = alarm !== 'none'
  const pipe = (...points: [number, number][]) =>
    path(through(points), { stroke: '#4E8C99', width: 9, cap: 'butt' })
  const surface = 208 + Math.sin(wave * Math.PI * 2) * 1.5
  return [
    pipe([288, 294], [346, 294]),
    pipe([342.5, 216], [342.5, 308]),
    pipe([338, 216], [390, 216]),
    pipe([338, 304], [390, 304]),
    pipe([416, 172], [416, 128], [602, 128]),
    pipe([416, 270], [416, 257], [570, 257], [570, 128]),
    box(180, 133, 108, 184, { fill: '#0B1F26', stroke: '#5B7C84', width: 1.6, radius: 2 }),
    path(`M181 ${surface}c18 -9 36 -9 53 0s36 8 53 0V316H181Z`, { fill: colour.water }),
    path(`M181 ${surface}c18 -9 36 -9 53 0s36 8 53 0`, { stroke: '#B9ECF5', width: 1.6 }),
    text(234, 262, '2.31 m', { size: 19, weight: 600, fill: '#FFFFFF', anchor: 'middle' }),
    text(234, 284, 'wet well', { size: 13.5, fill: '#DDF3F7', anchor: 'middle' }),
    at(376, 170, pump('#2F8A9C', '#1F6070', '#6BE3B0')),
    at(376, 268, isWorn ? pump('#C5702A', '#8A4A16', colour.amber) : pump('#2F8A9C', '#1F6070', '#7E979D')),
    circle(570, 128, 7, { fill: '#9FE3F0' }),
    circle(624, 128, 21, { fill: colour.nightCard, stroke: '#9FE3F0', width: 3 }),
    segment([624, 128], [634, 114], '#FFFFFF', 2.6),
    text(624, 171, '4.2 bar', { size: 15, weight: 600, fill: '#FFFFFF', anchor: 'middle' }),
    text(586, 213, 'P1', { size: 15, weight: 700, fill: '#FFFFFF' }),
    text(610, 213, 'running', { size: 13.5, fill: colour.nightDim }),
    text(586, 232, '48 Hz', { size: 13.5, fill: colour.nightDim }),
    text(528, 310, 'P2', { size: 15, weight: 700, fill: isWorn ? colour.amber : '#FFFFFF' }),
    text(553, 310, isWorn ? 'check bearing' : 'standby', {
      size: 13.5,
      fill: isWorn ? colour.amber : colour.nightDim,
    }),
    isWorn ? text(528, 330, '7.1 mm/s', { size: 13.5, fill: colour.amber }) : '',
  ].join('')
}

/** A pump and its motor, 140 × 70, seen from the side. */
function pump(body: string, dark: string, lamp: string): string {
  const fins = Array.from({ length: 6 }, (_, n) => segment([70 + n * 11, 14], [70 + n * 11, 62], dark, 3))
  return [
    box(4, 72, 136, 6, { fill: '#081A20' }),
    box(30, 2, 20, 30, { fill: body }),
    box(28, 0, 24, 6, { fill: '#A9BDC1' }),
    circle(25, 45, 25, { fill: body, stroke: dark, width: 3 }),
    circle(25, 45, 12, { fill: dark }),
    circle(25, 45, 4, { fill: '#C6D6D9' }),
    box(50, 38, 12, 14, { fill: '#9DB1B5' }),
    box(60, 12, 72, 52, { fill: body, radius: 5 }),
    ...fins,
    box(132, 20, 8, 36, { fill: dark, radius: 2 }),
    box(82, 2, 26, 12, { fill: dark, radius: 2 }),
    circle(95, 8, 3.6, { fill: lamp }),
    box(68, 64, 10, 9, { fill: dark }),
    box(112, 64, 10, 9, { fill: dark }),
  ].join('')
}
