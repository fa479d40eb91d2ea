import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

// Copies the fonts into public/fonts and writes their @font-face rules into public/css/tokens.css, between two
// comments. The unicode ranges come from the packages, so a page loads only the fonts for its characters.

const families = [
  {
    name: 'brygada-1918',
    styles: ['normal', 'italic'],
    subsets: ['latin', 'latin-ext', 'vietnamese', 'greek', 'cyrillic'],
  },
  { name: 'hanken-grotesk', styles: ['normal'], subsets: ['latin', 'latin-ext', 'vietnamese'] },
  { name: 'geist-mono', styles: ['normal'], subsets: ['latin'] },
]

// Fallback fonts, stretched to match our fonts, so that the layout does not shift when ours load. Measured on a
// paragraph of English: 101.5 em in Brygada and 88.6 em in Times, 98.8 em in Hanken and 98.0 em in Arial.
const fallbacks = [
  {
    family: 'Brygada fallback',
    local: ['Times New Roman', 'Liberation Serif', 'Tinos'],
    adjust: '114.5%',
    ascent: '80.3%',
    descent: '21.8%',
  },
  {
    family: 'Hanken fallback',
    local: ['Arial', 'Liberation Sans', 'Arimo'],
    adjust: '100.8%',
    ascent: '99.2%',
    descent: '30%',
  },
]

mkdirSync('public/fonts', { recursive: true })
const rules = [
  ...families.flatMap(family =>
    family.subsets.flatMap(subset => family.styles.map(style => faceOf(family.name, subset, style))),
  ),
  ...fallbacks.map(face =>
    fontFace({
      'font-family': `'${face.family}'`,
      src: `\n    ${face.local.map(name => `local('${name}')`).join(',\n    ')}`,
      'size-adjust': face.adjust,
      'ascent-override': face.ascent,
      'descent-override': face.descent,
      'line-gap-override': '0%',
    }),
  ),
]
const tokens = readFileSync('public/css/tokens.css', 'utf8')
writeFileSync(
  'public/css/tokens.css',
  tokens.replace(
    /\/\* fonts \*\/[^]*\/\* end of fonts \*\//,
    () => `/* fonts */\n${rules.join('\n\n')}\n/* end of fonts */`,
  ),
)
console.log(`${rules.length - fallbacks.length} fonts in public/fonts`)

function faceOf(name: string, subset: string, style: string): string {
  const folder = `node_modules/@fontsource-variable/${name}`
  const file = `${name}-${subset}-wght-${style}.woff2`
  const css = readFileSync(`${folder}/${style === 'italic' ? 'wght-italic' : 'index'}.css`, 'utf8')
  const rule = css.split('@font-face').find(part => part.includes(file))
  if (!rule) throw new Error(`The package has no @font-face rule for ${file}`)
  const value = (property: string) => new RegExp(`${property}: ([^;]+);`).exec(rule)![1]!.trim()
  copyFileSync(`${folder}/files/${file}`, `public/fonts/${file}`)
  return fontFace({
    'font-family': value('font-family'),
    'font-style': style,
    'font-weight': value('font-weight'),
    'font-display': 'swap',
    src: `url(/fonts/${file}) format('woff2')`,
    'unicode-range': `\n    ${value('unicode-range').replaceAll('U+', 'u+').toLowerCase().split(',').join(',\n    ')}`,
  })
}

function fontFace(values: Record<string, string>): string {
  const lines = Object.entries(values).map(
    ([name, value]) => `  ${name}:${value.startsWith('\n') ? '' : ' '}${value};`,
  )
  return `@font-face {\n${lines.join('\n')}\n}`
}
