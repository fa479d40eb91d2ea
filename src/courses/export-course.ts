import { ZipFile } from 'yazl'
import { assetBytes } from './asset'
import type { CourseContent } from './course'
import type { CourseFile } from './unzip'
import { writeCourse } from './write-course'

/**
 * A course as the files of its folder, under the folder's name, which is its slug. Importing them gives the same course,
 * and exporting that the same bytes.
 */
export async function exportCourse(slug: string, content: CourseContent): Promise<CourseFile[]> {
  const files: CourseFile[] = writeCourse(content).map(({ path, text }) => ({
    path: `${slug}/${path}`,
    bytes: Buffer.from(text),
  }))
  for (const asset of content.assets.toSorted((a, b) => (a.path < b.path ? -1 : 1))) {
    const bytes = await assetBytes(asset.hash)
    if (!bytes) throw new Error(`The bytes of ${asset.path} (${asset.hash}) are missing`)
    files.push({ path: `${slug}/${asset.path}`, bytes })
  }
  return files
}

/** The files as a zip. It carries no times, so the same files are always the same bytes. */
export async function zipFiles(files: CourseFile[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, bytes } of files) {
    zip.addBuffer(bytes, path, { mtime: epoch, mode: 0o100644, forceDosTimestamp: true })
  }
  zip.end()
  const parts: Buffer[] = []
  for await (const part of zip.outputStream) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** The first moment that a zip can name. */
const epoch = new Date(1980, 0, 1)
