/** What is used of fontkit 2, which has no types of its own (https://github.com/foliojs/fontkit). */
declare module 'fontkit' {
  type Glyph = { path: { toSVG: () => string } }
  type GlyphPosition = { xAdvance: number; xOffset: number; yOffset: number }
  export type Font = {
    unitsPerEm: number
    layout: (
      text: string,
      features?: Record<string, boolean>,
    ) => { glyphs: Glyph[]; positions: GlyphPosition[] }
  }
  export function create(bytes: Buffer): Font
}
