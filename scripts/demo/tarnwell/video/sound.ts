import { seededRandom } from '../../random'

export const sampleRate = 24_000

/** The sound of the pump over time: `volume` of everything, and `wear` of its bearing, both from 0 to 1. */
type Moment = { at: number; volume: number; wear: number }

/**
 * Returns the sound of a pump at 48 Hz as 16-bit mono samples. A healthy pump hums with its rotation (47 turns a
 * second) and its six vanes. A worn bearing adds impacts as the balls pass a pit in the outer ring (3.6 per turn),
 * which ring in the housing and swell as the cage turns (0.4 per turn).
 */
export function pumpSound(moments: Moment[], beeps: number[]): Buffer {
  const random = seededRandom(23)
  const length = Math.round(moments.at(-1)!.at * sampleRate)
  const samples = Buffer.alloc(length * 2)
  const turns = 47
  let [rush, ringing, phase, speed] = [0, 0, 0, 0]
  for (let n = 0; n < length; n++) {
    const t = n / sampleRate
    const { volume, wear } = momentAt(moments, t)
    const wave = (hertz: number) => Math.sin(2 * Math.PI * hertz * t)
    const hum = 0.3 * wave(turns) + 0.16 * wave(2 * turns) + 0.15 * wave(6 * turns) * (1 + 0.08 * wave(turns))
    rush += 0.06 * (random() * 2 - 1 - rush)
    phase += (3.6 * turns) / sampleRate
    if (phase >= 1) {
      phase -= 1
      speed += (0.5 + random()) * (0.55 + 0.45 * wave(0.4 * turns))
    }
    // A resonance of the housing at 2.1 kHz, which each impact excites.
    const stiffness = ((2 * Math.PI * 2100) / sampleRate) ** 2
    speed = (speed - stiffness * ringing) * 0.985
    ringing += speed
    const rasp = ringing * 0.035 + (random() - 0.5) * 0.12 * Math.max(0, wave(0.4 * turns))
    const value = volume * (hum + rush * 0.5 + wear * rasp * 2.2) * 0.5 + beepAt(beeps, t)
    samples.writeInt16LE(Math.round(Math.max(-1, Math.min(1, value)) * 32_000), n * 2)
  }
  return samples
}

function momentAt(moments: Moment[], t: number): Omit<Moment, 'at'> {
  const next = moments.findIndex(({ at }) => at > t)
  const [from, to] = [moments[Math.max(0, next - 1)]!, moments[next] ?? moments.at(-1)!]
  const share = to.at > from.at ? (t - from.at) / (to.at - from.at) : 0
  const between = (a: number, b: number) => a + (b - a) * Math.max(0, Math.min(1, share))
  return { volume: between(from.volume, to.volume), wear: between(from.wear, to.wear) }
}

/** Two soft tones, as the app makes them. */
function beepAt(beeps: number[], t: number): number {
  return beeps.reduce((sum, at) => {
    const since = t - at
    if (since < 0 || since > 0.5) return sum
    const hertz = since < 0.2 ? 660 : 880
    return sum + 0.16 * Math.sin(2 * Math.PI * hertz * t) * Math.exp(-6 * (since % 0.2))
  }, 0)
}
