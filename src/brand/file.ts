import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { clearWithDatabase } from '../platform/cached'
import { defineRecord, string } from '../platform/record'

/** What a file of a brand is for, which decides its types and its size. */
export const fileKinds = {
  picture: {
    types: ['image/png', 'image/jpeg', 'image/webp'],
    accept: '.png,.jpg,.jpeg,.webp',
    megabytes: 5,
  },
  video: { types: ['video/mp4', 'video/webm'], accept: '.mp4,.webm', megabytes: 20 },
  captions: { types: ['text/vtt'], accept: '.vtt,.srt', megabytes: 2 },
} as const
export type FileKind = keyof typeof fileKinds

/** The most megabytes that the files of one draft have together, so that its export can be imported. */
export const maxFilesMegabytes = 24

/** An uploaded file. Its bytes are stored under their hash, so a later version that replaces it keeps the old one. */
const fileOf = (kind: FileKind) =>
  z.strictObject({
    /** SHA-256 of the bytes, hex. */
    hash: z.string().regex(/^[0-9a-f]{64}$/),
    /** For people, at the end of its URL. */
    name: z
      .string()
      .min(1)
      .max(100)
      .regex(/^[^/\\\p{Cc}\p{Cs}]+$/u),
    type: z.enum(fileKinds[kind].types),
    /** In bytes. */
    size: z.number().int().min(1),
    /** Of a picture, in pixels. */
    width: z.nullable(z.number().int().min(1)),
    height: z.nullable(z.number().int().min(1)),
  })
export const brandImage = z.nullable(fileOf('picture'))
export const brandVideo = z.nullable(fileOf('video'))
export const brandCaptions = z.nullable(fileOf('captions'))
export type BrandImage = NonNullable<z.output<typeof brandImage>>
export type BrandFile =
  BrandImage | NonNullable<z.output<typeof brandVideo>> | NonNullable<z.output<typeof brandCaptions>>

/** Returns the files that a content, or a part of it, refers to, each once. */
export function filesIn(content: unknown): BrandFile[] {
  const found = new Map<string, BrandFile>()
  mapFiles(content, file => {
    found.set(file.hash, file)
    return file
  })
  return [...found.values()]
}

/** Returns a copy of a content, or of a part of it, with other files of the same kind in place of its own. */
export function mapFiles<Content>(content: Content, change: (file: BrandFile) => BrandFile): Content {
  const map = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(map)
    if (typeof value !== 'object' || value === null) return value
    if (isFile(value)) return change(value)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner)]))
  }
  return map(content) as Content
}

function isFile(value: object): value is BrandFile {
  return 'hash' in value && 'type' in value
}

/** The files that anyone may open, since a brand shows them, has shown them or previews them. */
const BrandFiles = defineRecord('BrandFile', 'brand_files', {
  /** SHA-256 of the bytes, hex. */
  _id: string(),
})

const known = new LRUCache<string, true>({ max: 2000 })
clearWithDatabase(() => known.clear())

/** Opens the files of a content to everyone. */
export async function openFiles(content: unknown): Promise<void> {
  for (const { hash } of filesIn(content)) {
    if (known.has(hash)) continue
    await BrandFiles.insertOnce({ _id: hash })
    known.set(hash, true)
  }
}

/** Whether anyone may open the file with this hash. */
export async function isOpenFile(hash: string): Promise<boolean> {
  if (known.has(hash)) return true
  const isOpen = (await BrandFiles.findById(hash)) !== null
  if (isOpen) known.set(hash, true)
  return isOpen
}
