import type { Types } from 'mongoose'
import { conflict } from '../platform/errors'
import { assetBytes, assetNamed, saveAsset, type Asset } from './asset'
import { toWebVtt } from './captions'
import { changeDraft } from './change-draft'
import { lessonsOf } from './content'
import type { CourseContent, Lesson } from './course'
import { openCaptions, writeCaptions, type CaptionsFile, type EditedCue } from './edit-captions'
import { kindOf } from './kinds/kinds'
import { addFile, replaceFile, type ChangedMedia } from './media-change'
import { replaceLesson } from './outline'
import { requireRoom } from './storage'

/** Reads the captions of a draft to edit them; those that don't exist yet are empty. */
export async function readCaptionsFile(file: Asset | null): Promise<CaptionsFile> {
  const bytes = file && (await assetBytes(file.hash))
  return openCaptions(bytes?.toString('utf8').replace(/^\uFEFF/, '') ?? '')
}

/** Where captions are saved: over those that were read, or beside a recording that doesn't have any yet. */
type Place = { file: Asset | null; path: string; recording: Asset | null }

/**
 * Saves captions as WebVTT. New ones become the captions of the lessons that play the recording and have none.
 *
 * @returns null when they are as they were.
 * @throws 409 when the file has changed since it was read, 413 without room, 422 when another file has the name.
 */
export async function saveCaptions(
  course: Types.ObjectId,
  place: Place,
  cues: readonly EditedCue[],
  by?: Types.ObjectId,
): Promise<ChangedMedia | null> {
  return storeCaptions(course, place, writeCaptions(await readCaptionsFile(place.file), cues), by)
}

/** Begins captions with those of a file, WebVTT or SubRip, and otherwise does what `saveCaptions` does. */
export function beginCaptions(
  course: Types.ObjectId,
  place: Place,
  text: string,
  by?: Types.ObjectId,
): Promise<ChangedMedia | null> {
  return storeCaptions(course, place, toWebVtt(text), by)
}

async function storeCaptions(
  course: Types.ObjectId,
  { file, path, recording }: Place,
  text: string,
  by?: Types.ObjectId,
): Promise<ChangedMedia | null> {
  const before = file && (await assetBytes(file.hash))
  const bytes = Buffer.from(text)
  if (before?.equals(bytes)) return null
  await requireRoom(bytes.length)
  const written = {
    path: path.replace(/\.srt$/i, '.vtt'),
    hash: await saveAsset(bytes, 'text/vtt'),
    size: bytes.length,
    type: 'text/vtt',
    seconds: openCaptions(text).cues.reduce((last, { end }) => Math.max(last, end), 0),
  }
  if (file) {
    return replaceFile(
      course,
      file.path,
      current => {
        if (current.hash !== file.hash) throw conflict('studio:errors.draftChanged')
        return written
      },
      by,
    )
  }
  const added = await addFile(course, written, by)
  const changed = await changeDraft(course, content => withCaptions(content, recording, written.path), { by })
  return { ...added, course: changed }
}

/** Names new captions in the lessons that play a recording and don't name any. */
function withCaptions(content: CourseContent, recording: Asset | null, path: string): CourseContent {
  return lessonsOf(content).reduce((changed, lesson) => {
    const field = recording && emptyCaptionsField(lesson, recording, content.assets)
    return field ? replaceLesson(changed, { ...lesson, [field]: path }) : changed
  }, content)
}

function emptyCaptionsField(lesson: Lesson, recording: Asset, assets: readonly Asset[]): string | undefined {
  const values: Record<string, unknown> = lesson
  const fields = Object.entries(kindOf(lesson).fields)
  const isPlayed = fields.some(([name, { input }]) => {
    const file = values[name]
    return (
      input.input === 'file' && typeof file === 'string' && assetNamed(assets, file)?.path === recording.path
    )
  })
  const [name] =
    fields.find(
      ([name, { input }]) =>
        input.input === 'file' && input.types.includes('text/vtt') && values[name] === null,
    ) ?? []
  return isPlayed ? name : undefined
}
