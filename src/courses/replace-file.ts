import { HttpError, notFound } from '../platform/errors'
import { assetNamed, type Asset } from './asset'
import type { CourseContent, Lesson } from './course'
import { filesInFields } from './kinds/kinds'
import { targetChanger } from './link-targets'
import { usesOf } from './media-uses'

// Changes to the files of a draft. All are pure, and change no byte of a text outside of the references that they are
// about.

const changeReferences = targetChanger(
  String.raw`(?:\.{1,2}/){0,8}assets/[^\s()<>"']{1,300}(?:\([^\s()<>"']{0,60}\)[^\s()<>"']{0,60}){0,3}`,
)

/**
 * Puts a file in the place of another one. Where its path has another ending, everything that refers to the old file
 * refers to the new one.
 *
 * @param after differs from `before` in the ending of its path at most.
 * @throws 404 when the draft doesn't have `before` any more, 422 when another file has the new path, or when a
 * reference is written in a way that can't be changed.
 */
export function withReplacedFile(content: CourseContent, before: Asset, after: Asset): CourseContent {
  const { assets } = content
  if (!assets.some(({ path, hash }) => path === before.path && hash === before.hash)) throw notFound()
  if (after.path === before.path) return { ...content, assets: withAsset(assets, before.path, after) }
  if (assets.some(({ path }) => path === after.path)) {
    throw new HttpError(422, 'studio:errors.pathTaken', { path: after.path })
  }
  const renamed = (reference: string) =>
    assetNamed(assets, reference.replace(/^<|>$/g, ''))?.path === before.path
      ? reference.replace(/\.[a-z0-9]+(?=>?$)/i, after.path.slice(after.path.lastIndexOf('.')))
      : null
  const inText = (text: string) => changeReferences(text, renamed)
  const inField = (reference: string) => renamed(reference) ?? reference
  const ofLesson = (lesson: Lesson): Lesson => ({
    ...lesson,
    body: inText(lesson.body),
    downloads: lesson.downloads.map(each => ({ ...each, file: inField(each.file) })),
    ...Object.fromEntries(filesInFields(lesson).map(({ field, file }) => [field, inField(file)])),
  })
  const changed: CourseContent = {
    ...content,
    description: inText(content.description),
    ...(content.cover && { cover: inField(content.cover) }),
    modules: content.modules.map(module => ({ ...module, lessons: module.lessons.map(ofLesson) })),
    assets: withAsset(assets, before.path, after),
  }
  requireAllRenamed(content, changed, before.path, after.path)
  return changed
}

/** Captions beside a recording are used by their names alone, so a new name of them may be one that nothing uses. */
function requireAllRenamed(before: CourseContent, after: CourseContent, from: string, to: string): void {
  const [old, current] = [usesOf(before).get(from) ?? [], usesOf(after).get(to) ?? []]
  if (current.length >= old.length) return
  const lost = old.find(({ lesson }) => !current.some(use => use.lesson?.slug === lesson?.slug)) ?? old[0]!
  const place = lost.lesson?.title ?? before.title
  throw new HttpError(422, 'studio:errors.referenceStays', { place, path: from })
}

/** Removes a file that nothing in the draft uses. Throws 422 for another one. */
export function withoutFile(content: CourseContent, path: string): CourseContent {
  if (usesOf(content).has(path)) throw new HttpError(422, 'studio:errors.fileUsed')
  return { ...content, assets: content.assets.filter(asset => asset.path !== path) }
}

/** Adds a file again. Throws 422 when another one has its path now. */
export function withFileAgain(content: CourseContent, asset: Asset): CourseContent {
  if (content.assets.some(({ path }) => path === asset.path)) {
    throw new HttpError(422, 'studio:errors.pathTaken', { path: asset.path })
  }
  return { ...content, assets: inOrder([...content.assets, asset]) }
}

function withAsset(assets: Asset[], path: string, asset: Asset): Asset[] {
  return inOrder(assets.map(each => (each.path === path ? asset : each)))
}

const inOrder = (assets: Asset[]) => assets.toSorted((a, b) => (a.path < b.path ? -1 : 1))
