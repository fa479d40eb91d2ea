import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { conflict, HttpError, notFound } from '../platform/errors'
import {
  date,
  defineRecord,
  list,
  nested,
  nullable,
  number,
  objectId,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

const noteFields = {
  /** 24 hex digits, unique among the notes of one person on one lesson. */
  id: string(),
  /** Empty for a highlight without a note. */
  text: string(),
  /** The highlighted passage; null for a note on the whole lesson. */
  quote: nullable(nested({ exact: string(), prefix: string(), suffix: string() })),
  /** The second of the recording that it is about. */
  second: nullable(number()),
  createdAt: date(),
  changedAt: date(),
}

/** What one learner has written on one lesson. Nobody else reads it, and nothing is computed from it. */
export const LessonNotes = defineRecord(
  'LessonNotes',
  'lesson_notes',
  {
    /** `person:course:lesson`. */
    _id: string(),
    person: objectId(),
    course: objectId(),
    slug: string(),
    lesson: string(),
    notes: list(nested(noteFields)),
    /** The number of changes: of two at once, one is tried again. */
    changes: withDefault(number(), 0),
  },
  { indexes: [[{ person: 1, slug: 1, lesson: 1 }]] },
)
export type LessonNotes = RecordOf<typeof LessonNotes>
export type Note = LessonNotes['notes'][number]

/** Seconds in which a deleted note can be brought back. */
const removedForSeconds = 3600

/** Deleted notes, until they can't be brought back any more. */
export const RemovedNotes = defineRecord(
  'RemovedNote',
  'removed_notes',
  {
    /** `person:note`. */
    _id: string(),
    person: objectId(),
    /** The id of the lesson's record. */
    from: string(),
    note: nested(noteFields),
    removedAt: date(),
  },
  { indexes: [[{ person: 1 }], [{ removedAt: 1 }, { expireAfterSeconds: removedForSeconds }]] },
)

/** The most that one person can write: characters of a note, notes on a lesson, and characters of all of those. */
export const noteCaps = { text: 4000, quote: 1000, context: 100, notes: 100, characters: 50_000 }
const maxAttempts = 5

/** The lesson that a note is on, and whose note it is. */
export type NotedLesson = Pick<LessonNotes, 'person' | 'course' | 'slug' | 'lesson'>

const idOf = ({ person, course, lesson }: NotedLesson) => `${person}:${course}:${lesson}`
const removedId = (person: Types.ObjectId, note: string) => `${person}:${note}`

const none: Note[] = []

/** Returns a person's notes on a lesson, in the order in which they were written. */
export async function notesOn(lesson: NotedLesson): Promise<Note[]> {
  return (await LessonNotes.loadKept(idOf(lesson)))?.notes ?? none
}

/** Returns all notes of a person, by lesson: at most as many records as lessons that they have opened. */
export async function allNotesOf(person: Types.ObjectId): Promise<LessonNotes[]> {
  const found = await LessonNotes.find({ person }).sort({ slug: 1, lesson: 1 })
  return found.filter(({ notes }) => notes.length > 0)
}

/**
 * Adds a note to a lesson, or changes its text when a note with its id is there: a form that saves itself sends the
 * same note again and again.
 *
 * @throws 422 for the 101st note on a lesson, or more than 50,000 characters on it; 409 when the notes keep being
 * changed at the same moment.
 */
export async function saveNote(
  lesson: NotedLesson,
  { id, text, quote, second }: Pick<Note, 'id' | 'text' | 'quote' | 'second'>,
): Promise<void> {
  const _id = idOf(lesson)
  const { person, course, slug, lesson: name } = lesson
  await LessonNotes.upsertIfMatching(
    { _id, person },
    {
      $setOnInsert: { course, slug, lesson: name, notes: [], changes: 0 },
    },
  )
  await changeNotes({ _id }, notes => {
    const known = notes.find(each => each.id === id)
    if (known) return withText(notes, known, text)
    return [...notes, { id, text, quote, second, createdAt: now(), changedAt: now() }]
  })
}

/** Where a person's note is: the course and lesson by the slugs in its address. */
export type NotePlace = Pick<LessonNotes, 'person' | 'slug' | 'lesson'> & { id: string }

/**
 * Changes the text of a note.
 *
 * @throws what `saveNote` throws, and 404 for a note that the person doesn't have.
 */
export async function changeNote({ id, ...place }: NotePlace, text: string): Promise<void> {
  await changeNotes(place, notes => withText(notes, noteIn(notes, id), text))
}

/**
 * Deletes a note. It can be brought back within an hour.
 *
 * @throws 404 for a note that the person doesn't have.
 */
export async function removeLessonNote({ id, ...place }: NotePlace): Promise<void> {
  const from = await LessonNotes.findOne(place)
  const note = from?.notes.find(each => each.id === id)
  // A second press of the button.
  if (!note && (await RemovedNotes.findById(removedId(place.person, id)))) return
  if (!from || !note) throw notFound()
  const removed = { person: place.person, from: from._id, note, removedAt: now() }
  // What an earlier deletion has left counts no more: the note may have been changed since.
  await RemovedNotes.update({ _id: removedId(place.person, id) }, { $set: removed }, { upsert: true })
  await changeNotes(place, notes => notes.filter(each => each.id !== id))
}

/**
 * Brings a deleted note back to its place.
 *
 * @throws 404 for a note that wasn't deleted within the last hour, and what `saveNote` throws.
 */
export async function restoreNote({ id, ...place }: NotePlace): Promise<void> {
  const removed = await RemovedNotes.findById(removedId(place.person, id))
  const lesson = await LessonNotes.findOne(place)
  if (!lesson) throw notFound()
  // A second press of the button.
  if (lesson.notes.some(each => each.id === id)) return
  if (!removed || removed.from !== lesson._id) throw notFound()
  await changeNotes(place, notes =>
    notes.some(each => each.id === id)
      ? notes
      : [...notes, removed.note].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime()),
  )
  await RemovedNotes.deleteOne({ _id: removed._id })
}

function noteIn(notes: readonly Note[], id: string): Note {
  const note = notes.find(each => each.id === id)
  if (!note) throw notFound()
  return note
}

/** Returns the same notes when the text is the same. */
function withText(notes: Note[], note: Note, text: string): Note[] {
  if (note.text === text) return notes
  return notes.map(each => (each.id === note.id ? { ...each, text, changedAt: now() } : each))
}

/** Writes notes only over those that were read, so that the caps hold and no other tab's note is lost. */
async function changeNotes(
  filter: { _id: string } | Pick<NotePlace, 'person' | 'slug' | 'lesson'>,
  change: (notes: Note[]) => Note[],
): Promise<void> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const lesson = await LessonNotes.findOne(filter)
    if (!lesson) throw notFound()
    const notes = change(lesson.notes)
    if (notes === lesson.notes) return
    requireRoom(lesson.notes, notes)
    const { matchedCount } = await LessonNotes.updateOne(
      { _id: lesson._id, changes: lesson.changes },
      { $set: { notes, changes: lesson.changes + 1 } },
    )
    if (matchedCount) return
  }
  throw conflict('academy:errors.notes.busy')
}

function requireRoom(before: Note[], after: Note[]): void {
  if (after.length > before.length && after.length > noteCaps.notes) {
    throw new HttpError(422, 'academy:errors.notes.tooMany', { maximum: noteCaps.notes })
  }
  const size = charactersOf(after)
  if (size > noteCaps.characters && size > charactersOf(before)) {
    throw new HttpError(422, 'academy:errors.notes.tooLong', { maximum: noteCaps.characters })
  }
}

const charactersOf = (notes: Note[]) =>
  notes.reduce((sum, { text, quote }) => sum + text.length + (quote ? quote.exact.length : 0), 0)

/** Deletes everything that a person has written on lessons. */
export async function deleteNotesOf(person: Types.ObjectId): Promise<void> {
  await LessonNotes.deleteMany({ person })
  await RemovedNotes.deleteMany({ person })
}
