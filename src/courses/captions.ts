/** One caption, shown from `start` to `end` (seconds), with its lines joined. */
export type Cue = { start: number; end: number; text: string }

/** More than anyone says in ten hours. */
const maxCues = 20_000

/**
 * Returns the cues of a WebVTT file in file order, without notes and styles; null when the text isn't WebVTT.
 * Cues beyond the first `maxCues` are left out. The format is the W3C recommendation "WebVTT: The Web Video Text Tracks
 * Format".
 */
export function readCues(vtt: string): Cue[] | null {
  const text = vtt.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (!/^WEBVTT(?:[ \t\n]|$)/.test(text)) return null
  return text.split(/\n{2,}/, maxCues).flatMap(block => {
    const lines = block.split('\n')
    const at = lines.findIndex(line => line.includes('-->'))
    if (at === -1) return []
    const [from, to] = lines[at]!.split('-->', 2)
    const [start, end] = [secondsOf(from!), secondsOf(to!)]
    if (start === null || end === null) return []
    return [{ start, end, text: plain(lines.slice(at + 1).join(' ')) }]
  })
}

/** Returns the name of the chapters file for a captions file: `tour.chapters.en.vtt` for `tour.en.vtt`. */
export function chaptersBeside(captions: string): string {
  return captions.replace(/(\.[a-z]{2})?\.vtt$/, '.chapters$1.vtt')
}

function secondsOf(timestamp: string): number | null {
  const match = /^\s*(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})(?:\s|$)/.exec(timestamp)
  if (!match) return null
  const [, hours = '0', minutes, seconds, thousandths] = match
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(thousandths) / 1000
}

const entities = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['nbsp', '\u00a0'],
  ['lrm', '\u200e'],
  ['rlm', '\u200f'],
])

/** Removes tags such as `<v Ines>` and decodes the character references that WebVTT allows, each once. */
function plain(text: string): string {
  return text
    .replace(/<[^<>]*>/g, '')
    .replace(/&(\w+);/g, (whole, name: string) => entities.get(name) ?? whole)
    .trim()
}
