import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { cached } from '../platform/cached'

// The fonts of printed pages, in public/fonts/paper: scripts/paper-fonts.ts puts them there.

/**
 * Returns the TrueType or OpenType font in a WOFF 1.0 file (https://www.w3.org/TR/WOFF/); other data is returned as it
 * is. fontkit fails to inflate the tables of some WOFF files, and breaks composed glyphs (é) when it subsets WOFF2.
 */
export function sfntOf(file: Buffer): Buffer {
  if (file.toString('latin1', 0, 4) !== 'wOFF') return file
  const tables = file.readUInt16BE(12)
  const header = Buffer.alloc(12 + tables * 16)
  // The sfnt header: version, number of tables, and three values for a binary search among them.
  file.copy(header, 0, 4, 8)
  const power = Math.floor(Math.log2(tables))
  header.writeUInt16BE(tables, 4)
  header.writeUInt16BE(16 * 2 ** power, 6)
  header.writeUInt16BE(power, 8)
  header.writeUInt16BE(16 * (tables - 2 ** power), 10)
  const parts: Uint8Array[] = [header]
  let offset = header.length
  for (let n = 0; n < tables; n++) {
    const entry = 44 + n * 20
    const from = file.readUInt32BE(entry + 4)
    const stored = file.subarray(from, from + file.readUInt32BE(entry + 8))
    const length = file.readUInt32BE(entry + 12)
    const table = stored.length < length ? inflateSync(stored) : stored
    // The table's tag, checksum, offset and length.
    file.copy(header, 12 + n * 16, entry, entry + 4)
    file.copy(header, 16 + n * 16, entry + 16, entry + 20)
    header.writeUInt32BE(offset, 20 + n * 16)
    header.writeUInt32BE(length, 24 + n * 16)
    const padding = Buffer.alloc((4 - (length % 4)) % 4)
    parts.push(table, padding)
    offset += length + padding.length
  }
  return Buffer.concat(parts)
}

const folder = join(
  __dirname,
  __dirname.includes(join('dist', 'src')) ? '../../..' : '../..',
  'public/fonts/paper',
)

type Range = [first: number, last: number]
type FontFile = { path: string; ranges: Range[] }

/**
 * The files of each family with the characters that they have: in index.json, as ranges in hexadecimal (`20-7e,a0`).
 */
const filesByFamily = cached<void, Map<string, FontFile[]>>(Infinity, async () => {
  const index = JSON.parse(await readFile(join(folder, 'index.json'), 'utf8')) as Record<string, string>
  const families = new Map<string, FontFile[]>()
  for (const [path, list] of Object.entries(index)) {
    const family = path.slice(0, path.indexOf('/'))
    const files = families.get(family) ?? []
    families.set(family, files)
    files.push({ path, ranges: list.split(',').map(rangeOf) })
  }
  return families
})

function rangeOf(text: string): Range {
  const [first = '', last = first] = text.split('-')
  return [parseInt(first, 16), parseInt(last, 16)]
}

const hanFamilies = { ja: 'noto-serif-jp', ko: 'noto-serif-kr', hans: 'noto-serif-sc', hant: 'noto-serif-tc' }

/**
 * Returns the font file that prints all of some characters together, or null when no font has them. Spaces and
 * punctuation are printed in the font of the text before them, if it has them.
 */
export type FontOf = (characters: string, before?: string) => string | null

/**
 * Returns what chooses the font of each character in a text: the first of the families that has it, and then any other.
 * The Han characters of a text come from one font where possible, since languages write them differently: its kana or
 * Hangul decides, and otherwise the language.
 *
 * @param families such as `brygada-1918`, by preference.
 * @param language of the text, in BCP 47.
 */
export async function chooseFonts(families: string[], text: string, language: string): Promise<FontOf> {
  const known = await filesByFamily()
  const codesOf = (characters: string) =>
    [...characters.replace(/[\u200c\u200d]/g, '')].map(character => character.codePointAt(0)!)
  const find = (family: string, characters: string) => {
    const codes = codesOf(characters)
    return known.get(family)!.find(file => codes.every(code => covers(file.ranges, code)))?.path ?? null
  }
  const hanText = [...text].filter(character => /\p{Script=Han}/u.test(character))
  const preferred = hanFamilies[hanStyleOf(text, language)]
  const han = [preferred, ...Object.values(hanFamilies).filter(family => family !== preferred)]
  const whole = han.find(family => hanText.every(character => find(family, character))) ?? preferred
  const order = [...new Set([...families, 'noto-serif', whole, ...han, ...known.keys()])]
  return (characters, before) => {
    if (before && /^[\p{Script=Common}\p{Script=Inherited}]+$/u.test(characters)) {
      const family = known.get(before.slice(0, before.indexOf('/')))
      const file = family?.find(({ path }) => path === before)
      if (file && codesOf(characters).every(code => covers(file.ranges, code))) return before
    }
    for (const family of order) {
      const file = find(family, characters)
      if (file) return file
    }
    return null
  }
}

function covers(ranges: Range[], code: number): boolean {
  let [low, high] = [0, ranges.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const [first, last] = ranges[middle]!
    if (code < first) high = middle - 1
    else if (code > last) low = middle + 1
    else return true
  }
  return false
}

function hanStyleOf(text: string, language: string): keyof typeof hanFamilies {
  if (/[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'ja'
  if (/\p{Script=Hangul}/u.test(text)) return 'ko'
  if (/\p{Script=Bopomofo}/u.test(text) || /^zh-(hant|tw|hk|mo)\b/i.test(language)) return 'hant'
  const [primary] = language.toLowerCase().split('-')
  return primary === 'ja' || primary === 'ko' ? primary : 'hans'
}

/** Reads a font file, as TrueType or OpenType. */
export async function readFont(path: string): Promise<Buffer> {
  return sfntOf(await readFile(join(folder, path)))
}
