import { clampChroma, converter, formatHex, wcagContrast, type Oklch } from 'culori'
import { z } from 'zod'

/** A colour as `#RRGGBB`, also typed without `#` or with three digits. */
export const hexColour = z
  .string({ error: 'admin:errors.brand.colour' })
  .trim()
  .regex(/^#?(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, { error: 'admin:errors.brand.colour' })
  .transform(typed => {
    const digits = typed.replace('#', '').toUpperCase()
    return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`
  })

const oklch = converter('oklch')

/** The colour of a page, as in tokens.css. */
const paper = { light: '#FAF7F0', dark: '#14151A' }
type Scheme = keyof typeof paper

/** The four colours that an accent becomes in one scheme. */
export type Shades = {
  /** Links, main buttons, what is done. */
  pencil: string
  /** A link under the pointer. */
  pencilDeep: string
  /** Words on a main button. */
  onPencil: string
  /** Behind what is chosen. */
  pencilWash: string
}

/** Lightness and the most chroma of each shade in OKLCH; the hue is the accent's. */
const dark = {
  pencil: [0.82, 0.11],
  pencilDeep: [0.895, 0.07],
  onPencil: [0.235, 0.04],
  pencilWash: [0.33, 0.075],
}

/** Works out the shades of an accent for the light and the dark appearance. */
export function shadesOf(accent: string): Record<Scheme, Shades> {
  const { l, c } = oklch(accent)!
  const shade = (lightness: number, maxChroma: number) => hexOf(accent, lightness, Math.min(c, maxChroma))
  const onAccent = contrastOf('#FFFFFF', accent) >= contrastOf('#1B1C24', accent) ? '#FFFFFF' : '#1B1C24'
  return {
    light: {
      pencil: accent.toUpperCase(),
      pencilDeep: shade(l * 0.8, c),
      onPencil: onAccent,
      pencilWash: shade(0.93, Math.max(0.016, c * 0.1)),
    },
    dark: Object.fromEntries(
      Object.entries(dark).map(([name, [lightness, maxChroma]]) => [name, shade(lightness!, maxChroma!)]),
    ) as Shades,
  }
}

/** The colours of a highlighted column on a cover, and of its side away from the sun. */
export type ColumnShades = { open: string; openShade: string }

/** Works out the colours of the highlighted columns of drawn covers for the light and the dark appearance. */
export function columnShadesOf(accent: string | null): Record<Scheme, ColumnShades> {
  if (!accent) return standardColumnShades
  const { light, dark } = shadesOf(accent)
  const chroma = Math.min(oklch(accent)!.c, 0.12)
  return {
    light: { open: light.pencil, openShade: light.pencilDeep },
    dark: { open: dark.pencil, openShade: hexOf(accent, 0.62, chroma) },
  }
}

/** As in tokens.css. */
const standardColumnShades: Record<Scheme, ColumnShades> = {
  light: { open: '#2B3FCB', openShade: '#1D2C9B' },
  dark: { open: '#8E9DFF', openShade: '#6675DB' },
}

/** A pair of colours as a page shows them, and the contrast that WCAG 2.2 asks of it. */
export type Pair = {
  name: PairName
  colour: string
  on: string
  contrast: number
  needs: number
  passes: boolean
}
type PairName = 'link' | 'linkOnWash' | 'label' | 'focus' | 'linkDark' | 'linkOnWashDark' | 'labelDark'

/** Measures every pair of colours that an accent is used in. */
export function measure(accent: string): Pair[] {
  const { light, dark } = shadesOf(accent)
  const pair = (name: PairName, colour: string, on: string, needs = 4.5): Pair => {
    const contrast = contrastOf(colour, on)
    return { name, colour, on, contrast, needs, passes: contrast >= needs }
  }
  return [
    pair('link', light.pencil, paper.light),
    pair('linkOnWash', light.pencil, light.pencilWash),
    pair('label', light.onPencil, light.pencil),
    pair('focus', light.pencil, paper.light, 3),
    pair('linkDark', dark.pencil, paper.dark),
    pair('linkOnWashDark', dark.pencil, dark.pencilWash),
    pair('labelDark', dark.onPencil, dark.pencil),
  ]
}

/** Returns the pairs of an accent that can't be read. */
export const failingPairs = (accent: string): Pair[] => measure(accent).filter(({ passes }) => !passes)

/**
 * Returns the lightest colour of the same hue, no lighter than the accent, whose pairs all pass. The accent itself when
 * it does.
 */
export function nearestPassing(accent: string): string {
  const { l, c } = oklch(accent)!
  for (let lightness = l; lightness >= 0; lightness -= 0.005) {
    const colour = lightness === l ? accent.toUpperCase() : hexOf(accent, lightness, c)
    if (!failingPairs(colour).length) return colour
  }
  return '#1B1C24'
}

/** Contrast ratio by WCAG 2.2, from 1 to 21, cut to one decimal: 4.49 is not 4.5. */
function contrastOf(colour: string, on: string): number {
  return Math.floor(wcagContrast(colour, on) * 10) / 10
}

function hexOf(accent: string, l: number, c: number): string {
  const { h } = oklch(accent)!
  const colour: Oklch = { mode: 'oklch', l, c, h }
  return formatHex(clampChroma(colour, 'oklch')).toUpperCase()
}
