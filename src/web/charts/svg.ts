type Attributes = Record<string, string | number | undefined>

/** An SVG element as text. Attributes and content must be safe already; attributes without a value are left out. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined)
  const start = `<${name}${given.map(([key, value]) => ` ${key}="${value}"`).join('')}`
  return content ? `${start}>${content}</${name}>` : `${start}/>`
}

/** Escapes text for an SVG: names of courses and people appear in these drawings. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`)
}

/** A number with at most `digits` decimals and no trailing zeros. */
export function short(value: number, digits = 2): string {
  return String(Math.round(value * 10 ** digits) / 10 ** digits)
}

/** A position from 0 to 100 as a percentage, counted from the other end on a right-to-left page. */
export function inPercent(value: number, rtl = false): string {
  return `${short(rtl ? 100 - value : value)}%`
}

/** A length in a chart with text: given in pixels at the usual font size, it grows with the reader's font size. */
export function rem(value: number): string {
  return `${short(value / 16, 4)}rem`
}

/** A vertical dashed line at a percentage of the width, from one height to another in px. */
export function dashedAt(at: number, [from, to]: [number, number], rtl: boolean): string {
  const x = inPercent(at, rtl)
  return element('line', {
    class: 'g-rule',
    x1: x,
    x2: x,
    y1: rem(from),
    y2: rem(to),
    'stroke-dasharray': '4 3',
  })
}
