import { trendTurns } from '../drawings/condition'
import { mark } from '../drawings/logo'
import { panelFront, type PanelState } from '../drawings/panel'
import { phone } from '../drawings/phone'
import { at, box, circle, colour, faded, path, text } from '../drawings/svg'

/** The length of the video in seconds. */
export const seconds = 72

/** A scene draws itself for the second of the video. It fades into the next one. */
type Scene = { from: number; draw: (t: number) => string }

const scenes: Scene[] = [
  { from: 0, draw: healthy },
  { from: 13, draw: wearingOut },
  { from: 30, draw: alarm },
  { from: 46, draw: whatChanged },
  { from: 59.5, draw: assign },
  { from: 67, draw: promise },
]
const fade = 0.6

/** Returns the frame at a second, 1280 × 720. */
export function frameAt(t: number): string {
  const current = scenes.findLastIndex(({ from }) => from <= t)
  const next = scenes[current + 1]
  const mixed = next && t > next.from - fade ? faded((t - next.from + fade) / fade, next.draw(t)) : ''
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">
    ${scenes[current]!.draw(t)}${mixed}</svg>`
}

/** Goes from 0 to 1 between two seconds, gently at both ends. */
function progress(t: number, from: number, to: number): number {
  const share = Math.max(0, Math.min(1, (t - from) / (to - from)))
  return share * share * (3 - 2 * share)
}

const ground = box(0, 0, 1280, 720, { fill: '#DDE6E3' })

/** The water moves a few times a second, so that most frames equal the one before. */
const waveAt = (t: number) => (Math.floor(t * 4) / 12) % 1

function caption(title: string, words: string, opacity: number): string {
  return faded(
    opacity,
    box(40, 582, 560, 104, { fill: colour.ink, radius: 6 }) +
      text(68, 626, title, { size: 30, weight: 600, fill: '#FFFFFF' }) +
      text(68, 663, words, { size: 22, fill: '#D8D4CA' }),
  )
}

/** A ring around what the words are about. */
const ring = (x: number, y: number, r: number, opacity: number) =>
  faded(opacity, circle(x, y, r, { stroke: colour.marker, width: 6 }))

function healthy(t: number): string {
  const state: PanelState = {
    ...{ day: 'Fri', clock: '09:20', alarm: 'none', vibration: '2.3' },
    ...{ share: 0.45, wave: waveAt(t) },
  }
  const shown = progress(t, 5.4, 6) * (1 - progress(t, 8.6, 9.2))
  const flow = progress(t, 9.2, 9.8) * (1 - progress(t, 12.2, 12.8))
  return [
    ground,
    at(145, 20, panelFront(state), 0.98),
    caption(
      'What a healthy pump sounds like',
      'Mill Lane, Station 14. November 2026.',
      progress(t, 0.3, 0.9) * (1 - progress(t, 4.6, 5.2)),
    ),
    ring(918, 392, 62, shown),
    ring(918, 160, 62, flow),
  ].join('')
}

function wearingOut(t: number): string {
  return at(0, 0, trendTurns(Math.max(0.02, 0.45 + 0.55 * (t < 14 ? 0 : (t - 14) / 13)), 0), 1.6)
}

function alarm(t: number): string {
  const isNew = t > 31
  const state: PanelState = {
    ...{ day: 'Thu', clock: isNew ? '14:09' : '14:08', alarm: isNew ? 'new' : 'none' },
    ...{ vibration: isNew ? '7.1' : '7.0', wave: waveAt(t) },
  }
  const slide = progress(t, 35, 36.2)
  const left = 145 - 113 * slide
  return [
    ground,
    at(left, 20, panelFront(state), 0.98),
    ring(left + 830, 522, 122, progress(t, 31.6, 32.2) * (1 - progress(t, 34.4, 35))),
    at(1290 - 376 * slide, 26, phone({ clock: '14:09', alarm: 'new' }), 1.08),
  ].join('')
}

function whatChanged(t: number): string {
  const found = [47.2, 49.4, 51.4, 53.6, 56].filter(second => t >= second).length
  return at(0, 0, trendTurns(1, found), 1.6)
}

function assign(t: number): string {
  const isPressed = t > 62.4 && t < 63.1
  const isAssigned = t >= 63
  const finger = progress(t, 61, 62.2) * (1 - progress(t, 63.4, 64))
  return [
    ground,
    at(
      170,
      20,
      phone({
        clock: '14:09',
        alarm: isAssigned ? 'assigned' : 'new',
        ...(isPressed ? { pressed: 'assign' as const } : {}),
      }),
      1.1,
    ),
    circle(342, 574, isPressed ? 26 : 32, {
      fill: colour.marker,
      stroke: colour.ink,
      width: 3,
      opacity: finger * 0.9,
    }),
    faded(
      progress(t, 63.4, 64.2),
      [
        text(600, 236, 'Ingrid checks the bearing', { size: 46, weight: 500, serif: true }),
        text(600, 296, 'by Tuesday, 1 December.', { size: 46, weight: 500, serif: true }),
        path('M600 340H1160', { stroke: colour.ink, width: 2 }),
        text(600, 388, 'Until then P1 has the duty and P2 is standby.', { size: 26, fill: colour.ink2 }),
        text(600, 426, 'Nobody was called at night.', { size: 26, fill: colour.ink2 }),
      ].join(''),
    ),
  ].join('')
}

function promise(): string {
  return [
    box(0, 0, 1280, 720, { fill: colour.paper }),
    at(120, 176, mark('light'), 1.5),
    text(200, 220, 'Tarnwell Academy', { size: 42, weight: 500, serif: true }),
    text(120, 372, 'Know your pumps', { size: 92, weight: 500, serif: true }),
    text(120, 470, 'before they fail.', { size: 92, weight: 500, serif: true }),
    text(120, 556, 'Lesson 1 is free.', { size: 30, fill: colour.ink2 }),
  ].join('')
}
