import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import sharp from 'sharp'
import { parse } from 'yaml'
import { readBrandFile } from '../../src/admin/read-brand-file'
import { brandContent, type BrandContent } from '../../src/brand/content'
import { fileKinds, type BrandFile, type FileKind } from '../../src/brand/file'
import { blankSection, type Section, type SectionKind } from '../../src/brand/home'
import { root } from '../../src/platform/root'

/** The parts of a brand that look.yml and home.yml of a demo's folder say. */
const look = brandContent
  .pick({
    ...{ logoLight: true, logoDark: true, icon: true, socialImage: true, typePairing: true, covers: true },
    ...{ productName: true, supportEmail: true, contactEmail: true, home: true },
    ...{ navigation: true, footer: true },
  })
  .strict()

/**
 * Reads the look and the home page of a demo's brand from `scripts/demo/<folder>`, and stores their files, which the
 * texts name by their path in that folder.
 *
 * @returns what to put over the rest of the brand's content.
 * @throws for a file that is missing or that a brand can't have, and for any other field.
 */
export async function readDemoLook(folder: string): Promise<Pick<BrandContent, keyof typeof look.shape>> {
  const home = join(root, 'scripts/demo', folder)
  const read = (name: string): unknown => parse(readFileSync(join(home, name), 'utf8'))
  const sections: Section[] = []
  for (const section of read('home.yml') as { kind: SectionKind }[]) {
    sections.push(Object.assign(blankSection(section.kind, sections), section))
  }
  return look.parse(await withFiles({ ...(read('look.yml') as object), home: sections }, home))
}

/** The fields that name a file. */
const kindOfField: Record<string, FileKind> = {
  ...{ logoLight: 'picture', logoDark: 'picture', icon: 'picture', socialImage: 'picture', logo: 'picture' },
  ...{ pictureLight: 'picture', pictureDark: 'picture', poster: 'picture' },
  ...{ video: 'video', captions: 'captions' },
}

async function withFiles(value: unknown, home: string): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(each => withFiles(each, home)))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(async ([name, inner]: [string, unknown]) => {
    const kind = typeof inner === 'string' ? kindOfField[name] : undefined
    return [
      name,
      kind ? await storeFile(kind, join(home, String(inner))) : await withFiles(inner, home),
    ] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Stores a file of the demo. A drawing becomes a PNG, since browsers run the scripts of an SVG. */
async function storeFile(kind: FileKind, path: string): Promise<BrandFile> {
  const isDrawing = path.endsWith('.svg')
  const bytes = isDrawing ? await sharp(path, { density: 288 }).png().toBuffer() : readFileSync(path)
  const name = basename(path).replace(/\.svg$/, '.png')
  const { file, error } = await readBrandFile(kind, name, bytes, { t: key => key })
  if (error !== undefined) throw new Error(`${path}: ${error} (${fileKinds[kind].accept})`)
  return file
}
