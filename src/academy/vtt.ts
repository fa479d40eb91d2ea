/** A caption: what is said from a second to another. */
export type Cue = { from: number; to: number; text: string }

const timing = /^(?:(\d{2,}):)?(\d{2}):(\d{2}\.\d{3})\s+-->\s+(?:(\d{2,}):)?(\d{2}):(\d{2}\.\d{3})/

/** Reads WebVTT (W3C): cues with their text, tags left out; notes, styles and regions are skipped. */
export function readVtt(text: string): Cue[] {
  const cues: Cue[] = []
  for (const block of text.replace(/\r\n?/g, '\n').split(/\n{2,}/)) {
    const lines = block.split('\n')
    const at = lines.findIndex(line => timing.test(line))
    if (at < 0 || at > 1) continue
    const [, h1, m1, s1, h2, m2, s2] = timing.exec(lines[at]!)!
    const words = lines.slice(at + 1).join(' ')
    cues.push({ from: seconds(h1, m1!, s1!), to: seconds(h2, m2!, s2!), text: plain(words) })
  }
  return cues
}

function seconds(h: string | undefined, m: string, s: string): number {
  return Number(h ?? 0) * 3600 + Number(m) * 60 + Number(s)
}

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
}

function plain(words: string): string {
  return words
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .trim()
}
