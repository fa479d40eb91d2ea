import type { Request, Response } from 'express'
import {
  withMergedCue,
  withNewCue,
  withoutCue,
  withShiftedCues,
  withSplitCue,
  type EditedCue,
} from '../courses/edit-captions'
import { playedName } from '../courses/captions'
import type { Course } from '../courses/course'
import { courseFault } from '../courses/course-fault'
import { inspectMedia } from '../courses/media'
import { assetUrl } from '../courses/asset'
import { maxRecordingSeconds } from '../courses/recording-length'
import { beginCaptions, readCaptionsFile, saveCaptions } from '../courses/save-captions'
import { audit } from '../events/audit'
import type { Person } from '../people/person'
import { conflict, HttpError, notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import { parametersOf } from '../web/parameters'
import { formReader } from '../web/route'
import { textsOf, type Texts } from '../web/texts'
import { bytesOf, readUploads, uploadsOf } from '../web/upload'
import { pageOf, renderView } from '../web/views'
import {
  captionsHref,
  captionsPlace,
  captionsView,
  cueRows,
  readTime,
  type CaptionsPlace,
  type TypedCue,
} from './captions-view'
import { courseOf, coursePage, setDoneFlash } from './course-page'
import { problemText } from './faults-view'
import { undoUrl } from './media-view'
import { wantsJson } from './wants-json'

/** More than two hours of speech. Each caption is a row with four fields. */
const maxCues = 2000
/** Longer than any file has in one caption, so that a file with a long one can be edited too. */
const maxTextLength = 4000

export const readCaptionsUpload = readUploads('file', { files: 1, megabytes: 2 })
export const readCues = formReader(4000, 4 * maxCues + 50)

/**
 * `GET /studio/courses/:slug/captions?path=assets/tour.vtt`, or `?recording=assets/tour.mp4&language=de` for captions
 * that may not exist yet: a row for each caption, beside the recording.
 */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  const place = placeOf(request, response)
  const { cues } = await readCaptionsFile(place.file)
  await render(response, person, place, { cues: cues.length ? cues : [firstCue] })
}

const firstCue: EditedCue = { start: 0, end: 2, text: '', origin: null }

/**
 * `POST …/captions`: saves the rows as they were typed, after what a button does to them: `add:3` after the row with
 * that number (from 0), `split:3` at the second `at` or in its middle, `merge:3` with the next, `remove:3`, or `shift`
 * by `shiftBy` seconds from the row `shiftFrom`. `baseVersion` is the hash of the file that the rows come from. The
 * page's script accepts JSON.
 */
export async function update(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const { t } = texts
  const course = courseOf(response)
  const place = placeOf(request, response)
  const body = request.body as Record<string, unknown>
  const { cues: typedCues, typed } = readRows(body)
  if (body.baseVersion !== (place.file?.hash ?? '')) {
    if (wantsJson(request)) throw conflict('studio:captions.changed')
    // The rows are of a file that isn't there any more; saving them once more replaces the colleague's.
    const cues = typedCues.map(cue => ({ ...cue, origin: null }))
    response.status(409)
    return render(response, person, place, { cues, typed, problem: t('studio:captions.changedTyped') })
  }
  const problem = typed.some(({ isUnreadable }) => isUnreadable)
    ? t('studio:captions.fixTimes')
    : typedCues.some(({ text }) => text.length > maxTextLength)
      ? t('studio:captions.fixText', { maximum: maxTextLength })
      : problemOfShift(body, t)
  if (problem) {
    response.status(422)
    if (wantsJson(request)) {
      const rows = rowsOf(place, { cues: typedCues, typed }, response)
      return void response.json({ problem, problems: rows.map(each => each.problem) })
    }
    return render(response, person, place, { cues: typedCues, typed, problem })
  }
  const action = actionOf(body)
  const cues = changed(typedCues, action, body)
  const isSaid = cues.some(({ text }) => text.trim())
  const saved = isSaid ? await saveCaptions(course._id, place, cues, person._id) : null
  if (saved) {
    const detail = { path: saved.file!.path }
    await audit({ actor: person._id, action: 'captions.changed', subject: course.slug, detail })
  }
  const inOrder = isSaid ? cues.toSorted((a, b) => a.start - b.start) : cues
  const file = saved?.file ?? place.file
  const state = isSaid ? t('studio:captions.saved') : t('studio:captions.notSaid')
  if (wantsJson(request)) {
    const now = { ...place, file, path: file?.path ?? place.path }
    const placed = inOrder.map((cue, n) => ({ ...cue, origin: isSaid ? n : cue.origin }))
    const rows = rowsOf(now, { cues: placed }, response)
    return void response.json({
      version: file?.hash ?? '',
      address: file ? captionsHref(course, { path: file.path }) : null,
      track: file && assetUrl(file.hash, playedName(file.path)),
      state,
      undo: undoOf(course, place, saved?.change),
      ...(action.name === 'save'
        ? {
            origins: cues.map(cue => (isSaid ? inOrder.indexOf(cue) : null)),
            problems: cues.map(cue => rows[inOrder.indexOf(cue)]!.problem),
          }
        : {
            rows: renderView(
              'studio/caption-rows',
              pageOf(response, { cues: rows, canWrite: true, layout: null }),
            ),
          }),
    })
  }
  if (!isSaid) return render(response, person, place, { cues, problem: state })
  const undo = undoOf(course, place, saved?.change)
  setFlash(response, {
    kind: 'done',
    bold: t(saved ? 'studio:flash.captionsSaved' : 'studio:flash.captionsSame'),
    undo: undo ? { action: undo, text: t('studio:flash.undo') } : undefined,
  })
  response.redirect(303, captionsHref(course, { path: file!.path }))
}

/** `POST …/captions/file?recording=…`: begins the captions of a recording with those in an uploaded file. */
export async function beginFromFile(request: Request, response: Response, person: Person): Promise<void> {
  const texts = textsOf(response)
  const course = courseOf(response)
  const place = placeOf(request, response)
  if (place.file) throw conflict('studio:captions.changed')
  const [upload] = uploadsOf(request)
  const bytes = upload ? await bytesOf(upload) : Buffer.alloc(0)
  const { asset, fault } = upload
    ? await inspectMedia(upload.name, bytes)
    : { fault: courseFault('', null, 'studio:faults.noFile') }
  if (!asset || asset.type !== 'text/vtt') {
    const wrong = fault ?? courseFault(upload!.name, null, 'studio:faults.notCaptions')
    response.status(422)
    return render(response, person, place, { cues: [firstCue], problem: problemText([wrong], texts) })
  }
  const begun = await beginCaptions(
    course._id,
    place,
    bytes.toString('utf8').replace(/^\uFEFF/, ''),
    person._id,
  )
  const { path } = begun!.file!
  await audit({ actor: person._id, action: 'captions.changed', subject: course.slug, detail: { path } })
  setDoneFlash(response, texts.t('studio:flash.captionsSaved'))
  response.redirect(303, captionsHref(course, { path }))
}

/** The first captions of a recording are removed like other files. */
function undoOf(course: Course, { file }: CaptionsPlace, change: string | undefined): string | null {
  return file && change !== undefined ? undoUrl(course, change) : null
}

function placeOf(request: Request, response: Response): CaptionsPlace {
  const place = captionsPlace(courseOf(response).draft, parametersOf(request))
  if (!place) throw notFound()
  return place
}

/** Reads the rows of the form. A time that can't be read is 0, and its row says so. */
function readRows(body: Record<string, unknown>): { cues: EditedCue[]; typed: TypedCue[] } {
  const column = (name: string) => [body[name] ?? []].flat().map(String)
  const [origins, starts, ends, texts] = ['origin', 'start', 'end', 'text'].map(column)
  const isWhole = [origins, ends, texts].every(each => each!.length === starts!.length)
  if (!isWhole || starts!.length > maxCues) {
    throw new HttpError(400, 'web:errors.badRequest')
  }
  const typed = starts!.map((start, n) => {
    const times = [start, ends![n]!].map(readTime)
    return {
      start,
      end: ends![n]!,
      isUnreadable: times.some(time => time === null || time > maxRecordingSeconds),
    }
  })
  const cues = typed.map(({ start, end }, n) => ({
    start: readTime(start) ?? 0,
    end: readTime(end) ?? 0,
    text: texts![n]!.replace(/\r\n?/g, '\n'),
    origin: /^\d{1,6}$/.test(origins![n]!) ? Number(origins![n]) : null,
  }))
  return { cues, typed }
}

type Action = { name: string; row: number }

function actionOf({ action = 'save' }: Record<string, unknown>): Action {
  const [name = 'save', row = '0'] = String(action).split(':')
  return { name, row: /^-?\d{1,5}$/.test(row) ? Number(row) : 0 }
}

function changed(cues: EditedCue[], { name, row }: Action, body: Record<string, unknown>): EditedCue[] {
  const at = readTime(String(body.at ?? ''))
  switch (name) {
    case 'add':
      return cues.length < maxCues ? withNewCue(cues, row, at) : cues
    case 'split':
      return cues.length < maxCues ? withSplitCue(cues, row, at) : cues
    case 'merge':
      return withMergedCue(cues, row)
    case 'remove':
      return withoutCue(cues, row)
    case 'shift':
      return withShiftedCues(cues, Number(body.shiftFrom) || 0, shiftSeconds(body) ?? 0)
    default:
      return cues
  }
}

/** Returns the seconds of a shift, such as `1.5` or `-0,25`; null for any other text. */
function shiftSeconds({ shiftBy }: Record<string, unknown>): number | null {
  const text = String(shiftBy ?? '')
    .trim()
    .replace(',', '.')
    .replace('−', '-')
  return /^[+-]?\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : null
}

function problemOfShift(body: Record<string, unknown>, t: (key: string) => string): string {
  return actionOf(body).name === 'shift' && shiftSeconds(body) === null ? t('studio:captions.fixShift') : ''
}

type Rows = { cues: readonly EditedCue[]; typed?: TypedCue[] }

function rowsOf({ recording }: CaptionsPlace, { cues, typed }: Rows, response: Response) {
  const recordingUrl = recording && assetUrl(recording.hash, recording.path)
  return cueRows(cues, { length: recording?.seconds ?? null, recordingUrl, typed }, textsOf(response))
}

async function render(
  response: Response,
  person: Person,
  place: CaptionsPlace,
  { cues, typed, problem = '' }: Rows & { problem?: string },
): Promise<void> {
  const texts = textsOf(response)
  const view = captionsView(courseOf(response), place, texts)
  const page = await coursePage(person, response, 'files', { title: view.heading })
  response.render('studio/captions', {
    ...page,
    ...view,
    cues: cues.length > maxCues ? [] : rowsOf(place, { cues, typed }, response),
    isTooLong: cues.length > maxCues,
    baseVersion: place.file?.hash ?? '',
    problem,
    upload: place.file || !page.canWrite ? null : uploadView(courseOf(response), place, texts),
    keys: Object.entries(keys).map(([name, shown]) => ({
      keys: shown,
      text: texts.t(`studio:captions.keys.${name}`),
    })),
    scripts: [...page.scripts, ...(page.canWrite ? ['/js/captions.js'] : [])],
  })
}

/** The form that begins captions with a file. */
function uploadView(course: Course, { recording, language }: CaptionsPlace, { t }: Texts) {
  const of = { recording: recording!.path, ...(language && { language }) }
  return {
    action: captionsHref(course, of).replace('/captions?', '/captions/file?'),
    field: {
      name: 'file',
      label: t('studio:captions.fromFile'),
      hint: t('studio:captions.fromFileHint'),
      type: 'file',
      accept: '.vtt,.srt',
      required: true,
    },
  }
}

/** What the dialog of keyboard shortcuts lists. */
const keys = {
  play: 'Ctrl Space',
  playCue: 'Ctrl Enter',
  add: 'Ctrl Shift Enter',
  split: 'Ctrl Shift S',
  merge: 'Ctrl Shift M',
  remove: 'Ctrl Shift Delete',
  start: 'Ctrl [',
  end: 'Ctrl ]',
  next: 'Ctrl ↓',
  previous: 'Ctrl ↑',
  undo: 'Ctrl Alt Z',
  help: 'Ctrl /',
}
