import { extname } from 'node:path'
import type { Types } from 'mongoose'
import { notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { saveAsset, type Asset } from './asset'
import { changeDraft } from './change-draft'
import { Courses } from './course'
import type { CourseFault } from './course-fault'
import { inspectMedia } from './media'
import { keepDraft } from './replace-draft'

/**
 * Stores the bytes of a file that a draft may get.
 *
 * @param name as the author calls it; its path keeps the letters and digits.
 * @returns a fault for a file that a course can't have.
 */
export async function storeFile(
  name: string,
  bytes: Buffer,
): Promise<{ file: NamedAsset; fault?: undefined } | { file?: undefined; fault: CourseFault }> {
  const path = pathOf(name)
  const inspected = await inspectMedia(path, bytes)
  if (inspected.fault) return { fault: inspected.fault }
  const hash = await saveAsset(inspected.bytes, inspected.asset.type)
  return { file: { asset: { ...inspected.asset, hash }, isOwnName: isOwnName(name, path) } }
}

/**
 * Adds stored files to a draft. A file with the name of another gets a number, or replaces it with `mayReplace`.
 *
 * @returns where the files are, and where the draft that had others is kept; null if none was replaced.
 * @throws as `changeDraft` does.
 */
export async function addFiles(
  course: Types.ObjectId,
  added: NamedAsset[],
  mayReplace: boolean,
  by?: Types.ObjectId,
) {
  const before = await Courses.findById(course)
  if (!before) throw notFound()
  const isReplacing = mergeAssets(before.draft.assets, added, mayReplace).placed.some(each => each.isReplaced)
  const kept = isReplacing ? await keepDraft(before) : null
  let placed: PlacedAsset[] = []
  await changeDraft(
    course,
    content => {
      const merged = mergeAssets(content.assets, added, mayReplace)
      placed = merged.placed
      return { ...content, assets: merged.assets }
    },
    { by },
  )
  return { placed, kept }
}

/** An uploaded file, and whether its path still is its name. */
export type NamedAsset = { asset: Asset; isOwnName: boolean }

/** Where an uploaded file is: `wanted` is the path that its name asks for, and `isSame` says that it was there. */
export type PlacedAsset = { path: string; asset: Asset; wanted: string; isReplaced: boolean; isSame: boolean }

/**
 * Returns the files of a draft with uploaded ones, and where these are. No upload replaces another one, nor a file with
 * other bytes, unless it has its name and `mayReplace` is set.
 */
function mergeAssets(
  existing: Asset[],
  added: NamedAsset[],
  mayReplace: boolean,
): { assets: Asset[]; placed: PlacedAsset[] } {
  const byName = new Map(existing.map(asset => [asset.path.normalize(), asset]))
  const placed: PlacedAsset[] = []
  for (const { asset, isOwnName } of added) {
    const isFree = (path: string) => {
      const other = byName.get(path)
      if (!other || other.hash === asset.hash) return true
      return mayReplace && isOwnName && path === asset.path && !placed.some(each => each.path === other.path)
    }
    const path = freePath(asset.path, isFree)
    const other = byName.get(path)
    const isSame = other?.hash === asset.hash
    // A file that is replaced keeps the spelling of its path, and what is said of it.
    const alt = other?.alt === undefined ? {} : { alt: other.alt }
    const final = isSame ? other : { ...asset, ...alt, path: other?.path ?? path }
    byName.set(path, final)
    placed.push({
      path: final.path,
      asset: final,
      wanted: asset.path,
      isReplaced: other !== undefined && !isSame,
      isSame,
    })
  }
  return { assets: [...byName.values()].sort((a, b) => (a.path < b.path ? -1 : 1)), placed }
}

function freePath(path: string, isFree: (path: string) => boolean): string {
  const ending = extname(path)
  const base = path.slice(0, path.length - ending.length)
  for (let n = 1; ; n++) {
    const candidate = n === 1 ? path : `${base}-${n}${ending}`
    if (isFree(candidate)) return candidate
  }
}

/** In characters. File systems take 255 bytes, and a character has up to 4. */
const maxNameLength = 60

/** Returns a path that keeps the letters and digits of a file's name, and needs no escaping in Markdown. */
function pathOf(name: string): string {
  const ending = extname(name).toLowerCase()
  const base = normaliseLine(name.slice(0, name.length - ending.length)).toLowerCase()
  const segments = base.split('.').map(hyphenated).filter(Boolean)
  const kept = Array.from(segments.join('.'))
    .slice(0, maxNameLength)
    .join('')
    .replace(/[-.]+$/, '')
  return `assets/${kept || 'file'}${ending.replace(/[^.a-z0-9]/g, '')}`
}

const hyphenated = (text: string) => text.replace(/[^\p{L}\p{M}\p{N}]+/gu, '-').replace(/^-|-$/g, '')

/** Whether a path is a name in lower case, with hyphens for spaces; other characters make two names one path. */
function isOwnName(name: string, path: string): boolean {
  return `assets/${normaliseLine(name).toLowerCase().replace(/[ _]/g, '-')}` === path
}
