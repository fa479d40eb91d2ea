import type { Lesson } from '../courses/course'
import { quoteFinder, type TextQuote } from '../courses/text-quote'
import { clock } from '../courses/transcript'
import { noteCaps, type Note } from '../learning/lesson-notes'
import { emptyForm, type Form } from '../web/form'
import type { Texts } from '../web/texts'

/** Where notes are shown: on their lesson, or on the page with all of them. */
export type NotesPage = 'lesson' | 'notes'

/** An edited note that was refused, with what was typed. */
export type RefusedNote = { id: string; form: Form }

/**
 * Returns the view models of notes on a lesson.
 *
 * @param path of the lesson's page.
 * @param lesson as the reader sees it; null when they don't see it any more, and then nothing links to it.
 */
export function noteViews(
  texts: Texts,
  { path, lesson, notes }: { path: string; lesson: Lesson | null; notes: readonly Note[] },
  shownOn: NotesPage,
  refused?: RefusedNote,
) {
  const { t } = texts
  const place = quoteFinder(notes.some(({ quote }) => quote) ? (lesson?.body ?? '') : '')
  const shown = shownOn === 'lesson' ? '' : path
  return notes.map(({ id, text, quote, second, createdAt }) => {
    const found = quote && place(quote)
    const isGone = quote !== null && !found
    const state = isGone ? 'gone' : found?.isExact === false ? 'changed' : null
    const at = second === null ? null : { text: clock(second), href: `${shown}?t=${second}` }
    return {
      id,
      text,
      quote: quote && { ...quote, state, href: isGone ? null : `${shown}${textFragment(quote)}` },
      /** Without a lesson to show, it is text. */
      at: at && { ...at, href: lesson?.mediaSeconds ? at.href : null },
      day: { iso: texts.iso(createdAt), text: texts.date(createdAt, 'short') },
      action: `${path}/notes/${id}`,
      shownOn,
      label: text || quote?.exact.slice(0, 60) || '',
      isOpen: refused?.id === id,
      field: {
        ...noteField(t),
        ...{ id: `note-${id}-text`, label: t('academy:notes.edit'), value: text },
        // What was typed shows in the form that it was typed in.
        form: refused?.id === id ? refused.form : emptyForm(),
      },
    }
  })
}

/** The text of a note as a form field. */
export function noteField(t: Texts['t']) {
  const { text: maxlength } = noteCaps
  return { name: 'note', kind: 'textarea', label: t('academy:notes.text'), rows: 3, maxlength }
}

/** Words at each end of a passage that its link names. */
const words = 6

/**
 * Returns the part of a URL with which browsers show a passage (https://wicg.github.io/scroll-to-text-fragment/), also
 * without a script of ours.
 */
export function textFragment({ exact }: Pick<TextQuote, 'exact'>): string {
  const all = exact.split(/\s+/).filter(Boolean)
  const isShort = all.length <= 2 * words && !exact.includes('\n')
  const ends = isShort ? [all] : [all.slice(0, words), all.slice(-words)]
  return `#:~:text=${ends.map(each => encoded(each.join(' '))).join(',')}`
}

const encoded = (text: string) => encodeURIComponent(text).replaceAll('-', '%2D')
