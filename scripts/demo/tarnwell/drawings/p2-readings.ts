import { seededRandom } from '../../random'
import { p2, readingsOf } from './trend'

const readingsPerDay = 4

/**
 * Returns P2's readings from 27 October to 26 November as CSV, as a learner downloads them: speed, vibration and
 * bearing temperature four times a day. The vibration at lower speeds is lower, with the square of the speed.
 */
export function p2Readings(): string {
  const random = seededRandom(41)
  const vibrations = readingsOf({ ...p2, wobble: 0.3 }, 30 * readingsPerDay + 1)
  const rows = vibrations.map((atFullSpeed, n) => {
    const day = n / readingsPerDay
    const time = new Date(Date.UTC(2026, 9, 27, 2) + day * 86_400_000)
    const speed = [38, 48, 47, 44][n % readingsPerDay]! + Math.round(random() * 2) - 1
    const vibration = atFullSpeed * (speed >= 45 ? 1 : (speed / 48) ** 2)
    const temperature = 48 + (speed - 44) * 0.3 + Math.max(0, day - 15) * 0.27 + random() * 0.8
    const stamp = time.toISOString().slice(0, 16).replace('T', ' ')
    return `${stamp},${speed},${vibration.toFixed(2)},${temperature.toFixed(1)}`
  })
  return ['time_utc,speed_hz,vibration_mm_s,bearing_de_c', ...rows, ''].join('\n')
}
