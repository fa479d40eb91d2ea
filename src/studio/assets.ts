import type { Person } from '../people/person'
import { extname } from 'node:path'
import type { Request, Response } from 'express'
import { assetNamed, assetUrl, saveAsset } from '../courses/asset'
import { changeDraft } from '../courses/change-draft'
import { courseCaps, lessonsOf } from '../courses/content'
import { Courses, type Course, type CourseContent } from '../courses/course'
import type { Asset } from '../courses/asset'
import { courseFault, type CourseFault } from '../courses/course-fault'
import { filesOf } from '../courses/lesson-files'
import { markdownFacts } from '../courses/markdown'
import { assetEndings, inspectMedia } from '../courses/media'
import { keepDraft } from '../courses/replace-draft'
import { audit } from '../events/audit'
import { HttpError } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import { setFlash } from '../web/flash'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { faultsView } from './faults-view'
import { readingFiles } from './reading-files'
import { textsOf, type Texts } from '../web/texts'
import { urlOf } from './urls'
import { wantsJson } from './wants-json'

const maxFilesPerUpload = 20

export const upload = readUploads('files', { files: maxFilesPerUpload, megabytes: courseCaps.megabytes })

/** `GET /studio/courses/:slug/files` */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  await renderFiles(person, response)
}

/**
 * `POST /studio/courses/:slug/files`: adds files to the draft. A file with the name of another gets a number, or
 * replaces it if the author says so; then the draft as it was can be restored. The visual editor accepts JSON.
 */
export async function create(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const uploads = uploadsOf(request)
  const faults: CourseFault[] = uploads.length ? [] : [courseFault('', null, 'studio:faults.noFile')]
  const added: NamedAsset[] = []
  for (const upload of uploads) {
    await readingFiles(async () => {
      const path = pathOf(upload.name)
      const { asset, bytes, fault } = await inspectMedia(path, await bytesOf(upload))
      if (fault) return void faults.push(fault)
      const hash = await saveAsset(bytes, asset.type)
      added.push({ asset: { ...asset, hash }, isOwnName: isOwnName(upload.name, path) })
    })
  }
  if (faults.length) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ problem: problemText(faults, textsOf(response)) })
    return renderFiles(person, response, faults)
  }
  const mayReplace = (request.body as { sameName?: string }).sameName === 'replace'
  const before = (await Courses.findById(course._id))!
  const isReplacing = mergeAssets(before.draft.assets, added, mayReplace).placed.some(each => each.isReplaced)
  const kept = isReplacing ? await keepDraft(before) : null
  let placed: PlacedAsset[] = []
  await changeDraft(course._id, content => {
    const merged = mergeAssets(content.assets, added, mayReplace)
    placed = merged.placed
    return { ...content, assets: merged.assets }
  })
  const files = placed.map(({ path }) => path)
  await audit({ actor: person._id, action: 'files.added', subject: course.slug, detail: { files } })
  if (wantsJson(request)) return void response.json({ files: placed.map(({ asset }) => fileView(asset)) })
  setFlash(response, {
    kind: 'done',
    bold: t('studio:flash.filesAdded', { count: files.length }),
    text: placed.map(each => placedText(each, t)).join(' '),
    undo: kept ? { action: restorationUrl(course, kept), text: t('studio:flash.restoreOld') } : undefined,
  })
  response.redirect(303, `${urlOf(course)}/files`)
}

/** Returns a file as the visual editor knows it. */
export function fileView({ path, hash, type }: Asset) {
  return { path, url: assetUrl(hash, path), type }
}

function problemText(faults: CourseFault[], texts: Texts): string {
  return (faultsView(faults, texts)?.items ?? []).map(({ file, text }) => file + text).join(' ')
}

function placedText({ path, wanted, isReplaced, isSame }: PlacedAsset, t: Texts['t']): string {
  if (isSame) return t('studio:flash.fileSame', { path })
  if (isReplaced) return t('studio:flash.fileReplaced', { path })
  return path === wanted ? `${path}.` : t('studio:flash.fileNumbered', { path, wanted })
}

/** Returns where a draft that was kept is restored. */
function restorationUrl(course: Course, kept: Awaited<ReturnType<typeof keepDraft>>): string {
  const draft = 'version' in kept ? `revisions/${kept.version}` : `replaced-drafts/${kept.draftNumber}`
  return `${urlOf(course)}/${draft}/restoration`
}

/** `POST …/files/removal`: removes a file that no lesson uses from the draft. Published versions keep it. */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const path = String((request.body as { path?: string }).path)
  await changeDraft(course._id, content => {
    if (usesOf(content).has(path)) throw new HttpError(422, 'studio:errors.fileUsed')
    return { ...content, assets: content.assets.filter(asset => asset.path !== path) }
  })
  await audit({ actor: person._id, action: 'file.removed', subject: course.slug, detail: { path } })
  setDoneFlash(response, t('studio:flash.fileRemoved', { path }))
  response.redirect(303, `${urlOf(course)}/files`)
}

async function renderFiles(person: Person, response: Response, faults: CourseFault[] = []): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { draft } = courseOf(response)
  const page = await coursePage(person, response, 'files')
  const uses = usesOf(draft)
  response.render('studio/files', {
    ...page,
    sentence: t('studio:media.sentence', { count: draft.assets.length }),
    faults: faultsView(faults, texts),
    rows: draft.assets.map(asset => fileRow(asset, uses.get(asset.path) ?? [], page.canWrite, texts)),
    removalUrl: `${page.courseUrl}/files/removal`,
    filesField: {
      name: 'files',
      label: t('studio:media.choose'),
      hint: t('studio:media.hint', { endings: assetEndings.join(', '), maximum: maxFilesPerUpload }),
      type: 'file',
      multiple: true,
      required: true,
    },
    sameNameField: {
      kind: 'radios',
      name: 'sameName',
      label: t('studio:media.sameName'),
      options: [
        {
          value: 'keep',
          text: t('studio:media.keepBoth'),
          hint: t('studio:media.keepBothHint'),
          checked: true,
        },
        { value: 'replace', text: t('studio:media.replace'), hint: t('studio:media.replaceHint') },
      ],
    },
  })
}

function fileRow(asset: Asset, uses: string[], canWrite: boolean, texts: Texts) {
  return {
    path: asset.path,
    href: assetUrl(asset.hash, asset.path),
    facts: factsOf(asset, texts),
    size: sizeText(asset.size, texts),
    uses: uses.join(', ') || texts.t('studio:media.unused'),
    canRemove: canWrite && !uses.length,
  }
}

/** Returns an image's size, a recording's length, or the type of any other file. */
function factsOf({ width, height, seconds, type }: Asset, { t, number }: Texts): string {
  if (width) return t('studio:media.pixels', { width, height })
  if (seconds) return t('studio:media.seconds', { seconds: number(Math.ceil(seconds)) })
  return type
}

/** Returns a size in bytes as kB (at least 1), or as MB with one decimal. */
function sizeText(bytes: number, { t, number }: Texts): string {
  if (bytes >= 1_000_000)
    return t('studio:media.megabytes', { size: number(Math.round(bytes / 100_000) / 10) })
  return t('studio:media.kilobytes', { size: number(Math.max(1, Math.round(bytes / 1000))) })
}

/** Returns the titles of the lessons that use a file, by the file's path. */
function usesOf(content: CourseContent): Map<string, string[]> {
  const uses = new Map<string, string[]>()
  const addUse = (reference: string, title: string) => {
    const path = assetNamed(content.assets, reference)?.path
    if (path && !uses.get(path)?.includes(title)) uses.set(path, [...(uses.get(path) ?? []), title])
  }
  for (const lesson of lessonsOf(content)) {
    for (const reference of filesOf(lesson)) addUse(reference, lesson.title)
  }
  if (content.cover) addUse(content.cover, content.title)
  for (const { target } of markdownFacts(content.description).references) addUse(target, content.title)
  return uses
}

/** An uploaded file, and whether its path still is its name. */
type NamedAsset = { asset: Asset; isOwnName: boolean }

/** Where an uploaded file is: `wanted` is the path that its name asks for, and `isSame` says that it was there. */
type PlacedAsset = { path: string; asset: Asset; wanted: string; isReplaced: boolean; isSame: boolean }

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
    // A file that is replaced keeps the spelling of its path.
    const final = { ...asset, path: other?.path ?? path }
    byName.set(path, final)
    const isSame = other?.hash === asset.hash
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
