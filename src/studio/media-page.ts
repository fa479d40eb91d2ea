import type { Request, Response } from 'express'
import { z } from 'zod'
import { storeFile } from '../courses/add-files'
import { assetUrl, type Asset } from '../courses/asset'
import { languageInName } from '../courses/captions'
import { changeDraft } from '../courses/change-draft'
import { courseCaps, maxAltLength } from '../courses/content'
import type { Course } from '../courses/course'
import { courseFault, type CourseFault } from '../courses/course-fault'
import { cropOf, cropped } from '../courses/crop'
import { replaceFile } from '../courses/media-change'
import { usesOf } from '../courses/media-uses'
import { requireRoom } from '../courses/storage'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { conflict, HttpError, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { emptyForm, optionalField, readForm, type Form } from '../web/form'
import { parametersOf } from '../web/parameters'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { captionsHref, captionsPlace } from './captions-view'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { faultsView } from './faults-view'
import {
  factsOf,
  fileHref,
  kindOfMedia,
  sizeText,
  thumbnailOf,
  undoUrl,
  usesView,
  type UseView,
} from './media-view'
import { readingFiles } from './reading-files'
import { urlOf } from './urls'

export const readReplacement = readUploads('file', { files: 1, megabytes: courseCaps.megabytes })

/** What a page of a file shows besides the file: an invalid form, or what is wrong. */
type Shown = { form?: Form; problem?: string; faults?: CourseFault[] }

/** `GET /studio/courses/:slug/file?path=assets/x.png`: a file, where it is used, and what can be done with it. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  await renderFile(response, person, parametersOf(request).path ?? '')
}

/** `POST …/file?path=…`: saves what the library says of a picture. Texts that are in lessons stay as they are. */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const { path } = draftFile(request, response)
  const { data, form } = readForm(said, request, response)
  if (form) {
    response.status(422)
    return renderFile(response, person, path, { form })
  }
  await changeDraft(
    course._id,
    content => {
      const assets = content.assets.map(asset => (asset.path === path ? withWords(asset, data) : asset))
      return { ...content, assets }
    },
    { by: person._id },
  )
  await audit({ actor: person._id, action: 'file.changed', subject: course.slug, detail: { path } })
  setDoneFlash(response, t('studio:flash.fileSaved'))
  response.redirect(303, fileHref(course, path))
}

const percentField = z
  .string()
  .trim()
  .regex(/^(?:100|\d{1,2})$/, { error: 'studio:errors.percent' })
  .transform(Number)
  .default(50)

const said = z.object({ alt: optionalField(maxAltLength), focusX: percentField, focusY: percentField })

function withWords(
  { alt: _alt, focus: _focus, ...asset }: Asset,
  { alt, focusX: x, focusY: y }: z.output<typeof said>,
): Asset {
  const isMiddle = x === 50 && y === 50
  return { ...asset, ...(alt !== null && { alt }), ...(!isMiddle && { focus: { x, y } }) }
}

const pixelField = z
  .string()
  .trim()
  .regex(/^\d{1,5}$/, { error: 'studio:errors.pixels' })
  .transform(Number)

const part = z.object({ left: pixelField, top: pixelField, width: pixelField, height: pixelField })

/** `POST …/file/crop?path=…`: shows a part of a picture wherever it is used. The original stays. */
export async function crop(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const before = draftFile(request, response)
  const { data, form } = readForm(part, request, response)
  if (form) {
    response.status(422)
    return renderFile(response, person, before.path, { form })
  }
  if (kindOfMedia(before) !== 'image') throw notFound()
  await unlessRefused(response, person, before.path, async () => {
    const after = await readingFiles(() => cropped(course._id, before, data))
    const { change } = await replaceFile(
      course._id,
      before.path,
      asset => {
        if (asset.hash !== before.hash) throw conflict('studio:errors.draftChanged')
        return { ...after, ...(asset.alt && { alt: asset.alt }) }
      },
      person._id,
    )
    const detail = { path: before.path, ...data }
    await audit({ actor: person._id, action: 'file.cropped', subject: course.slug, detail })
    setFlash(response, {
      kind: 'done',
      bold: t('studio:flash.cropped', { path: before.path }),
      undo: { action: undoUrl(course, change), text: t('studio:flash.undo') },
    })
    response.redirect(303, fileHref(course, before.path))
  })
}

/** Shows the page of a file with what a change to it was refused for. */
async function unlessRefused(
  response: Response,
  person: Person,
  path: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 422)) throw error
    response.status(422)
    await renderFile(response, person, path, { problem: textsOf(response).t(error.key, error.values) })
  }
}

/**
 * `POST …/file/replacement?path=…`: puts an uploaded file of the same kind in the place of another one, wherever it is
 * used. It keeps the name; if its ending differs, the draft's references get the new one.
 */
export async function replace(request: Request, response: Response, person: Person): Promise<void> {
  const { t } = textsOf(response)
  const course = courseOf(response)
  const before = draftFile(request, response)
  const refuse = (fault: CourseFault) => {
    response.status(422)
    return renderFile(response, person, before.path, { faults: [fault] })
  }
  const [upload] = uploadsOf(request)
  if (!upload) return refuse(courseFault('', null, 'studio:faults.noFile'))
  await requireRoom(upload.size)
  const { file, fault } = await readingFiles(async () => storeFile(upload.name, await bytesOf(upload)))
  if (fault) return refuse({ ...fault, file: upload.name })
  if (kindOfMedia(file.asset) !== kindOfMedia(before)) {
    const kind = t(`studio:media.kinds.${kindOfMedia(before)}`)
    return refuse(courseFault(upload.name, null, 'studio:faults.otherKind', { kind }))
  }
  await unlessRefused(response, person, before.path, async () => {
    const { change, file: after } = await replaceFile(
      course._id,
      before.path,
      asset => inPlaceOf(asset, file.asset),
      person._id,
    )
    const detail = { path: before.path, file: after!.path }
    await audit({ actor: person._id, action: 'file.replaced', subject: course.slug, detail })
    const count = usesOf(course.draft).get(before.path)?.length ?? 0
    setFlash(response, {
      kind: 'done',
      bold: t('studio:flash.fileReplaced', { path: before.path }),
      text: [
        after!.path === before.path ? '' : t('studio:flash.renamedTo', { path: after!.path }),
        t('studio:flash.replacedEverywhere', { count }),
      ].join(' '),
      undo: { action: undoUrl(course, change), text: t('studio:flash.undo') },
    })
    response.redirect(303, fileHref(course, after!.path))
  })
}

/** Returns a new file with the name of the old one, and with what the library says of it. */
function inPlaceOf(before: Asset, { width, height, ...file }: Asset): Asset {
  const ending = /\.[^./]+$/
  const isSameType = file.type === before.type
  const path = isSameType ? before.path : before.path.replace(ending, ending.exec(file.path)?.[0] ?? '')
  return {
    ...file,
    path,
    ...(width && { width }),
    ...(height && { height }),
    ...(before.alt && { alt: before.alt }),
  }
}

/** Returns the file that the address names, or responds with 404. */
function draftFile(request: Request, response: Response): Asset {
  const { path } = parametersOf(request)
  const asset = courseOf(response).draft.assets.find(each => each.path === path)
  if (!asset) throw notFound()
  return asset
}

/** Renders the page of a file. Throws 404 for one that isn't in the draft. */
export async function renderFile(
  response: Response,
  person: Person,
  path: string,
  { form, problem, faults = [] }: Shown = {},
): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const course = courseOf(response)
  const asset = course.draft.assets.find(each => each.path === path)
  if (!asset) throw notFound()
  const name = path.replace(/^assets\//, '')
  const page = await coursePage(person, response, 'files', { title: name })
  const uses = usesView(course, usesOf(course.draft).get(path) ?? [], texts)
  const kind = kindOfMedia(asset)
  const address = `?${new URLSearchParams({ path })}`
  response.render('studio/media-file', {
    ...page,
    heading: name,
    listUrl: `${urlOf(course)}/files`,
    file: {
      path,
      kind,
      url: assetUrl(asset.hash, path),
      facts: [t(`studio:media.kinds.${kind}`), factsOf(asset, texts), sizeText(asset.size, texts)].join(
        ' · ',
      ),
      width: asset.width,
      height: asset.height,
      alt: asset.alt ?? '',
      thumbnail: thumbnailOf(asset),
    },
    uses,
    usedText: usedText(uses, texts),
    removal: page.canWrite && !uses.length ? { url: `${urlOf(course)}/files/removal`, path } : null,
    problem: problem ?? '',
    faults: faultsView(faults, texts),
    form: form ?? emptyForm(),
    picture: kind === 'image' && page.canWrite ? await postImageView(asset, uses, course, texts) : null,
    captions: tracksView(asset, course, page.canWrite, texts),
    scripts: [...page.scripts, ...(kind === 'image' ? ['/js/media-file.js'] : [])],
    replacement: page.canWrite
      ? {
          url: `${urlOf(course)}/file/replacement${address}`,
          field: {
            name: 'file',
            label: t('studio:media.newFile'),
            hint: t('studio:media.newFileHint', { kind: t(`studio:media.kinds.${kind}`) }),
            type: 'file',
            required: true,
          },
        }
      : null,
  })
}

/** Returns the ways to the captions of a recording, or to those in a file; null for any other file. */
function tracksView(asset: Asset, course: Course, canWrite: boolean, { t, languageName }: Texts) {
  const { draft } = course
  const kind = kindOfMedia(asset)
  if (kind === 'captions') {
    const link = { href: captionsHref(course, { path: asset.path }), text: t('studio:captions.edit') }
    return { text: '', links: [link] }
  }
  const place = captionsPlace(draft, { recording: asset.path })
  if (!place) return null
  const links = place.tracks.map(({ path }) => ({
    href: captionsHref(course, { path }),
    text: languageName(languageInName(path) ?? draft.language),
  }))
  const first = { href: captionsHref(course, { recording: asset.path }), text: t('studio:captions.write') }
  return {
    text: t('studio:captions.tracksText'),
    links: links.length || !canWrite ? links : [first],
  }
}

/** Returns how many lessons use a file, in words. */
function usedText(uses: UseView[], { t }: Texts): string {
  if (!uses.length) return t('studio:media.usedNowhere')
  const places = new Set(uses.map(({ text }) => text)).size
  return t('studio:media.usedIn', { count: places })
}

/** Returns the forms of a picture. Without a text of its own, it starts with what a lesson says. */
async function postImageView(asset: Asset, uses: UseView[], course: Course, { t }: Texts) {
  const { alt, path, focus = { x: 50, y: 50 } } = asset
  const address = `?${new URLSearchParams({ path })}`
  const inLessons = uses.flatMap(use => (use.alt ? [use.alt] : []))
  const { original, box } = await cropOf(course._id, asset)
  const number = (name: string, value: number, max: number) => ({
    name,
    label: t(`studio:media.fields.${name}`),
    type: 'number',
    value,
    min: 0,
    max,
    inputmode: 'numeric',
    autocomplete: 'off',
  })
  const [width, height] = [original.width ?? 0, original.height ?? 0]
  return {
    action: address,
    altField: {
      name: 'alt',
      label: t('studio:media.alt'),
      hint: t(alt || !inLessons.length ? 'studio:media.altHint' : 'studio:media.altFromLesson'),
      value: alt ?? inLessons[0] ?? '',
      maxlength: maxAltLength,
      autocomplete: 'off',
    },
    different: alt ? uses.filter(use => use.alt !== null && use.alt !== alt) : [],
    focusFields: [number('focusX', focus.x, 100), number('focusY', focus.y, 100)],
    focusText: t('studio:media.focusAt', focus),
    crop: {
      action: `${urlOf(course)}/file/crop${address}`,
      url: assetUrl(original.hash, path),
      width,
      height,
      isCropped: box.width < width || box.height < height,
      fields: [
        number('left', box.left, width),
        number('top', box.top, height),
        number('width', box.width, width),
        number('height', box.height, height),
      ],
    },
  }
}
