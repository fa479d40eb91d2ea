import type { Page } from 'playwright-core'
import { assetBytes, saveAsset, type Asset } from '../../src/courses/asset'
import { Courses } from '../../src/courses/course'
import { authorAt } from './lesson-editor-page'

export const draftOf = async (slug: string) => (await Courses.findOne({ slug }))!.draft
export const assetOf = async (slug: string, path: string) =>
  (await draftOf(slug)).assets.find(each => each.path === path)
export const textOfFile = async (slug: string, path: string) => {
  const asset = await assetOf(slug, path)
  return asset ? (await assetBytes(asset.hash))!.toString() : ''
}

/** Waits until something is true, at most ten seconds. */
export async function until(page: Page, isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isTrue()) return
    await page.waitForTimeout(50)
  }
  throw new Error('It did not become true within ten seconds')
}

/** A course with these files, and a lesson that is open in the editor. */
export async function courseWith(
  files: Record<string, { type: string; bytes: Buffer } & Partial<Asset>>,
  body = '',
) {
  const author = await authorAt(body)
  const assets: Asset[] = []
  for (const [path, { bytes, ...fields }] of Object.entries(files)) {
    assets.push({ path, size: bytes.length, hash: await saveAsset(bytes, fields.type), ...fields })
  }
  await Courses.updateOne({ slug: author.slug }, { $set: { 'draft.assets': assets } })
  return author
}
