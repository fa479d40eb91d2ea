/** One caption: what is said from `start` to `end`, in seconds; its lines are one. */
export type Cue = { start: number; end: number; text: string }

/** The cues of a WebVTT file in its order; blocks that are no cue (notes, styles) are left out. Null when it is not WebVTT. */
export function readCues(vtt: string): Cue[] | null {
  const text = vtt.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  if (!/^WEBVTT(?:[ \t\n]|$)/.test(text)) return null
  return text.split(/\n{2,}/).flatMap(block => {
    const lines = block.split('\n')
    const at = lines.findIndex(line => line.includes('-->'))
    if (at === -1) return []
    const [from, to] = lines[at]!.split('-->')
    const [start, end] = [secondsOf(from!), secondsOf(to!)]
    if (start === null || end === null) return []
    return [{ start, end, text: plain(lines.slice(at + 1).join(' ')) }]
  })
}

/** Where the chapters of captions stand, by their names: those of `film.en.vtt` are in `film.chapters.en.vtt`. */
export function chaptersBeside(captions: string): string {
  return captions.replace(/(\.[a-z]{2})?\.vtt$/, '.chapters$1.vtt')
}

function secondsOf(stamp: string): number | null {
  const match = /^\s*(?:(\d+):)?(\d{2}):(\d{2})\.(\d{3})(?:\s|$)/.exec(stamp)
  if (!match) return null
  const [, hours = '0', minutes, seconds, thousandths] = match
  return Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(thousandths) / 1000
}

const entities: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
}

/** Without tags such as `<v Ines>`, and with WebVTT's few escapes undone, each once. */
function plain(text: string): string {
  return text
    .replace(/<[^>]*>/g, '')
    .replace(/&(\w+);/g, (whole, name: string) => entities[name] ?? whole)
    .trim()
}
