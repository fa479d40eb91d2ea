import { ZipFile } from 'yazl'
import { assetBytes } from './asset'
import type { CourseContent } from './course'
import type { CourseFile } from './unzip'
import { writeCourse } from './write-course'

/**
 * Returns a course as the files of its folder, which is named after the slug. Importing them gives the same course, and
 * exporting that course gives the same bytes.
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

/** Returns the files as a zip without modification times, so the same files always give the same bytes. */
export async function zipFiles(files: CourseFile[]): Promise<Buffer> {
  const zip = new ZipFile()
  for (const { path, bytes } of files) {
    zip.addBuffer(bytes, path, { mtime: epoch, mode: 0o100644, forceDosTimestamp: true })
  }
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** The earliest time that a zip can hold. */
const epoch = new Date(1980, 0, 1)
