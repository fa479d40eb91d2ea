import type { Person } from '../people/person'
import type { Request, Response } from 'express'
import { addFiles, storeFile, type NamedAsset, type PlacedAsset } from '../courses/add-files'
import { storedTimes } from '../courses/asset'
import { courseCaps } from '../courses/content'
import type { Course } from '../courses/course'
import { courseFault, type CourseFault } from '../courses/course-fault'
import { assetEndings } from '../courses/media'
import { removeFile, undoMediaChange } from '../courses/media-change'
import { usesOf } from '../courses/media-uses'
import type { keepDraft } from '../courses/replace-draft'
import { requireRoom } from '../courses/storage'
import { audit } from '../events/audit'
import { setFlash } from '../web/flash'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { faultsView, problemText } from './faults-view'
import { mediaList, storageView } from './media-list'
import { renderFile } from './media-page'
import { fileHref, fileView, undoUrl } from './media-view'
import { readingFiles } from './reading-files'
import { urlOf } from './urls'
import { wantsJson } from './wants-json'

const maxFilesPerUpload = 20

export const upload = readUploads('files', { files: maxFilesPerUpload, megabytes: courseCaps.megabytes })

/** `GET /studio/courses/:slug/files`: the files of the draft, as `mediaList` reads the address. */
export async function index(request: Request, response: Response, person: Person): Promise<void> {
  await renderFiles(request, response, person)
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
  await requireRoom(uploads.reduce((sum, { size }) => sum + size, 0))
  for (const upload of uploads) {
    await readingFiles(async () => {
      const { file, fault } = await storeFile(upload.name, await bytesOf(upload))
      if (fault) faults.push(fault)
      else added.push(file)
    })
  }
  if (faults.length) {
    response.status(422)
    if (wantsJson(request)) return void response.json({ problem: problemText(faults, textsOf(response)) })
    return renderFiles(request, response, person, faults)
  }
  const mayReplace = (request.body as { sameName?: string }).sameName === 'replace'
  const { placed, kept } = await addFiles(course._id, added, mayReplace, person._id)
  const files = placed.map(({ path }) => path)
  await audit({ actor: person._id, action: 'files.added', subject: course.slug, detail: { files } })
  if (wantsJson(request))
    return void response.json({ files: placed.map(({ asset }) => fileView(course, asset)) })
  setFlash(response, {
    kind: 'done',
    bold: t('studio:flash.filesAdded', { count: files.length }),
    text: placed.map(each => placedText(each, t)).join(' '),
    undo: kept ? { action: restorationUrl(course, kept), text: t('studio:flash.restoreOld') } : undefined,
  })
  response.redirect(303, `${urlOf(course)}/files`)
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

/**
 * `POST …/files/removal`: removes a file that nothing uses from the draft; published versions keep it. The page of a
 * file that is used says where, with 422.
 */
export async function destroy(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const path = String((request.body as { path?: string }).path)
  // A second press of the button, or a colleague was quicker.
  if (!course.draft.assets.some(each => each.path === path)) {
    setDoneFlash(response, t('studio:flash.fileGone'), t('studio:flash.fileGoneText'))
    return response.redirect(303, `${urlOf(course)}/files`)
  }
  if (usesOf(course.draft).has(path)) {
    response.status(422)
    return renderFile(response, person, path, { problem: t('studio:errors.fileUsed') })
  }
  const { change } = await removeFile(course._id, path, person._id)
  await audit({ actor: person._id, action: 'file.removed', subject: course.slug, detail: { path } })
  setFlash(response, {
    kind: 'done',
    bold: t('studio:flash.fileRemoved', { path }),
    undo: { action: undoUrl(course, change), text: t('studio:flash.undo') },
  })
  response.redirect(303, `${urlOf(course)}/files`)
}

/** `POST …/files/undo?change=…`: undoes a change to a file, and shows the file, or the list when it is gone again. */
export async function undoChange(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const {
    course: after,
    file,
    change,
  } = await undoMediaChange(course._id, parametersOf(request).change ?? '', person._id)
  const detail = { change }
  await audit({ actor: person._id, action: 'file.restored', subject: course.slug, detail })
  if (wantsJson(request)) return void response.json({ undo: undoUrl(course, change) })
  setDoneFlash(response, t('studio:flash.undone'))
  response.redirect(303, file ? fileHref(after, file.path) : `${urlOf(after)}/files`)
}

async function renderFiles(
  request: Request,
  response: Response,
  person: Person,
  faults: CourseFault[] = [],
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const { slug, draft } = courseOf(response)
  const page = await coursePage(person, response, 'files', { title: t('studio:media.title') })
  const uses = usesOf(draft)
  const times = await storedTimes(draft.assets.map(({ hash }) => hash))
  const entries = draft.assets.map(asset => ({
    course: { slug, title: draft.title },
    asset,
    uses: uses.get(asset.path) ?? [],
    storedAt: times.get(asset.hash),
  }))
  response.render('studio/files', {
    ...page,
    ...mediaList(request, entries, texts, { canWrite: page.canWrite, showsCourse: false }),
    sentence: t('studio:media.sentence', { count: draft.assets.length }),
    unused: draft.assets.filter(({ path }) => !uses.has(path)).length,
    storage: await storageView(draft.assets, texts),
    faults: faultsView(faults, texts),
    scripts: [...page.scripts, ...(page.canWrite ? ['/js/file-drop.js'] : [])],
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
