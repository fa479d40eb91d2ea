/** Text inside an SVG: names of courses and people reach these drawings. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** At most `digits` behind the point, without trailing zeros. */
export function short(value: number, digits = 2): string {
  return String(Math.round(value * 10 ** digits) / 10 ** digits)
}

/** A place on a line from 0 to 100, in per cent; counted from the other end when the page is read from right to left. */
export function percent(value: number, rtl = false): string {
  return `${short(rtl ? 100 - value : value)}%`
}

/** A height in a chart with words: given in pixels at letters of the usual size, it grows with the reader's letters. */
export function rem(value: number): string {
  return `${short(value / 16, 4)}rem`
}
