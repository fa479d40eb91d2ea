import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import PDFDocument from 'pdfkit'
import { sfntOf } from '../src/academy/paper-fonts'

// Fills public/fonts/paper, with which certificates are printed: `node dist/scripts/paper-fonts.js`. A folder per
// family has its files and its licence, and index.json lists the characters that each file really has. The packages are
// downloaded, not installed: a Han family with all its weights and formats has 95 MB, and 4 MB of it are needed.

const version = '5.3.0'
const weight = 500

/** A script's family and its subset. Those without serifs have none with them in the registry. */
const scripts: Record<string, string> = {
  'noto-naskh-arabic': 'arabic',
  'noto-serif-hebrew': 'hebrew',
  'noto-serif-armenian': 'armenian',
  'noto-serif-georgian': 'georgian',
  'noto-serif-devanagari': 'devanagari',
  'noto-serif-bengali': 'bengali',
  'noto-serif-tamil': 'tamil',
  'noto-serif-telugu': 'telugu',
  'noto-sans-kannada': 'kannada',
  'noto-serif-malayalam': 'malayalam',
  'noto-serif-gujarati': 'gujarati',
  'noto-sans-gurmukhi': 'gurmukhi',
  'noto-sans-oriya': 'oriya',
  'noto-serif-sinhala': 'sinhala',
  'noto-serif-thai': 'thai',
  'noto-sans-lao': 'lao',
  'noto-serif-khmer': 'khmer',
  'noto-serif-myanmar': 'myanmar',
  'noto-sans-ethiopic': 'ethiopic',
}
/** Han families are in about 100 numbered files each, so that a name opens the one or two that it needs. */
const han = ['noto-serif-jp', 'noto-serif-kr', 'noto-serif-sc', 'noto-serif-tc']
const european = ['latin', 'latin-ext', 'vietnamese', 'greek', 'cyrillic', 'cyrillic-ext']

const folder = 'public/fonts/paper'
const downloads = mkdtempSync(join(tmpdir(), 'paper-fonts-'))
const index: Record<string, string> = {}

rmSync(folder, { recursive: true, force: true })
add('brygada-1918', `@fontsource/brygada-1918@${version}`, files(european, weight))
add('hanken-grotesk', `@fontsource/hanken-grotesk@${version}`, files(european, 400))
// The only one in a single file, for letters with marks that no subset has together (ɛ̀).
add('noto-serif', '@expo-google-fonts/noto-serif@0.4.2', [/^NotoSerif_500Medium\.ttf$/])
for (const [family, subset] of Object.entries(scripts)) {
  add(family, `@fontsource/${family}@${version}`, files([subset], weight))
}
for (const family of han) add(family, `@fontsource/${family}@${version}`, files(['[0-9]+'], weight))
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, null, 2)}\n`)
rmSync(downloads, { recursive: true })

/** Patterns of the files of a weight, in the order in which they are tried for a character. */
function files(subsets: string[], of: number): RegExp[] {
  return subsets.map(subset => new RegExp(`^[a-z]+(-[a-z0-9]+)*?-${subset}-${of}-normal\\.woff$`))
}

/** Copies the matching files of a package and its licence, and notes their characters. */
function add(family: string, specifier: string, patterns: RegExp[]): void {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const archive = execFileSync(npm, ['pack', '--silent', '--pack-destination', downloads, specifier])
  const unpacked = join(downloads, family)
  mkdirSync(unpacked)
  execFileSync('tar', ['-xzf', join(downloads, archive.toString().trim()), '-C', unpacked])
  const target = join(folder, family)
  mkdirSync(target, { recursive: true })
  const paths = readdirSync(unpacked, { recursive: true, encoding: 'utf8' })
  const licence = paths.find(path => /\/LICENSE_FONT$/.test(path)) ?? join('package', 'LICENSE')
  copyFileSync(join(unpacked, licence), join(target, 'LICENSE'))
  const fonts = patterns.flatMap(pattern => paths.filter(path => pattern.test(basename(path))))
  if (!fonts.length) throw new Error(`${specifier} has none of the files`)
  for (const path of fonts) {
    const name = basename(path)
    copyFileSync(join(unpacked, path), join(target, name))
    index[`${family}/${name}`] = rangesOf(charactersOf(join(target, name)))
  }
  console.log(`${family}: ${fonts.length} files`)
}

/** The code points for which a font has a glyph. pdfkit's type definitions leave out the font it prints with. */
function charactersOf(file: string): number[] {
  const doc: PDFKit.PDFDocument & { _font?: { font: { characterSet: number[] } } } = new PDFDocument()
  doc.font(sfntOf(readFileSync(file)))
  return doc._font!.font.characterSet
}

/** Code points as ranges in hexadecimal: `20-7e,a0,f8-ff`. */
function rangesOf(characters: number[]): string {
  const sorted = [...new Set(characters)].sort((a, b) => a - b)
  const ranges: [number, number][] = []
  for (const code of sorted) {
    const last = ranges.at(-1)
    if (last && code === last[1] + 1) last[1] = code
    else ranges.push([code, code])
  }
  const hex = (code: number) => code.toString(16)
  return ranges.map(([from, to]) => (from === to ? hex(from) : `${hex(from)}-${hex(to)}`)).join()
}
