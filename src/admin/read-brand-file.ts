import { extname } from 'node:path'
import type { BrandContent } from '../brand/content'
import { fileKinds, filesIn, mapFiles, type BrandFile, type FileKind } from '../brand/file'
import { saveAsset } from '../courses/asset'
import { inspectMedia } from '../courses/media'
import { HttpError } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import type { Texts } from '../web/texts'

type ReadFile = { file: BrandFile; error?: undefined } | { file?: undefined; error: string }

/**
 * Checks a file by its bytes and stores it, a photo without what its camera wrote into it.
 *
 * @returns the file, or what is wrong with it.
 */
export async function readBrandFile(
  kind: FileKind,
  typedName: string,
  uploaded: Buffer,
  { t }: Pick<Texts, 't'>,
): Promise<ReadFile> {
  const { types, accept, megabytes } = fileKinds[kind]
  const name = shortName(typedName)
  if (uploaded.length > megabytes * 1024 * 1024) return { error: t('admin:errors.files.size', { megabytes }) }
  if (!accept.split(',').includes(extname(name).toLowerCase())) {
    return {
      error: t('admin:errors.files.type', { endings: accept.replaceAll('.', '').replaceAll(',', ', ') }),
    }
  }
  const { asset, bytes, fault } = await inspectMedia(`assets/${name}`, uploaded)
  if (fault) return { error: t(fault.key, fault.values) }
  const type = types.find(each => each === asset.type)
  if (!type) return { error: t('admin:errors.files.type', { endings: accept }) }
  const { size, width = null, height = null } = asset
  return { file: { hash: await saveAsset(bytes, type), name, type, size, width, height } as BrandFile }
}

/** Returns the last 60 characters of a file's name, without what a URL or a heading can't have. */
function shortName(typed: string): string {
  const name = normaliseLine(typed.replace(/[/\\\p{Cc}\p{Cs}]/gu, '-'))
  return [...name].slice(-60).join('') || 'file'
}

/**
 * Stores the files of an imported content. What it says about a file is replaced by what the file is.
 *
 * @param bytesOf the files in Base64, by the hash that the content names.
 * @throws 422 for a file that is missing or that a brand can't have.
 */
export async function storeFiles(
  content: BrandContent,
  bytesOf: Record<string, string>,
  texts: Pick<Texts, 't'>,
): Promise<BrandContent> {
  const stored = new Map<string, BrandFile>()
  for (const { hash, name, type } of filesIn(content)) {
    const bytes = bytesOf[hash]
    const read =
      bytes === undefined
        ? { error: texts.t('admin:errors.files.missing') }
        : await readBrandFile(kindOf(type), name, Buffer.from(bytes, 'base64'), texts)
    if (read.error !== undefined) {
      throw new HttpError(422, 'admin:errors.brand.file', { where: `${name}: ${read.error}` })
    }
    stored.set(hash, read.file)
  }
  const { icon } = content
  const fault = icon && iconFault(stored.get(icon.hash)!, texts)
  if (fault) throw new HttpError(422, 'admin:errors.brand.file', { where: `icon: ${fault}` })
  return mapFiles(content, file => stored.get(file.hash)!)
}

/** Apple's size of an icon on a home screen, in pixels. */
const minIcon = 180

/** Returns why a picture can't be the icon: it is too small, or not square within 2%; null for one that can. */
export function iconFault({ width, height }: BrandFile, { t }: Pick<Texts, 't'>): string | null {
  const [w, h] = [width ?? 0, height ?? 0]
  const isFit = Math.min(w, h) >= minIcon && Math.abs(w - h) <= 0.02 * Math.max(w, h)
  return isFit ? null : t('admin:errors.files.icon', { minimum: minIcon, width: w, height: h })
}

function kindOf(type: BrandFile['type']): FileKind {
  if (type === 'text/vtt') return 'captions'
  return type.startsWith('video/') ? 'video' : 'picture'
}
