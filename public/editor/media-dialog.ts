import type { Command } from 'prosemirror-state'
import type { EditorView } from 'prosemirror-view'
import { make } from './make'
import type { CourseFile } from './send-files'

/**
 * Returns the command that lists the files of the course, to be put into the text. What is typed above the list leaves
 * those whose name or alt text has it.
 */
export function mediaDialog(
  dialog: HTMLDialogElement,
  files: () => CourseFile[],
  insert: (view: EditorView, file: CourseFile) => void,
): Command {
  const search = dialog.querySelector<HTMLInputElement>('input')!
  const list = dialog.querySelector('ul')!
  const none = dialog.querySelector<HTMLElement>('[data-none]')!
  let choose: (file: CourseFile) => void = () => {}

  search.addEventListener('input', show)

  function show(): void {
    const words = search.value.trim().toLowerCase()
    const found = files().filter(({ path, alt = '' }) => `${path} ${alt}`.toLowerCase().includes(words))
    list.replaceChildren(...found.map(file => make('li', {}, choice(file))))
    none.hidden = found.length > 0
  }

  function choice(file: CourseFile): HTMLElement {
    const { path, alt = '' } = file
    const name = make('span', { className: 'insert-title' }, nameOf(file))
    const about = make('span', { className: 'meta', dir: 'auto' }, alt)
    const other = make('span', { className: 'media-choice-type' }, path.split('.').pop() ?? '')
    const button = make(
      'button',
      { type: 'button' },
      thumbnailOf(file) ?? other,
      make('span', {}, name, about),
    )
    button.addEventListener('click', () => {
      dialog.close()
      choose(file)
    })
    return button
  }

  return (_state, _dispatch, view) => {
    if (!view) return false
    choose = file => insert(view, file)
    search.value = ''
    show()
    dialog.showModal()
    search.focus()
    return true
  }
}

const nameOf = ({ path }: CourseFile) => path.replace(/^assets\//, '')

/** Returns a small picture of a file, or the first picture of a video; null for any other. */
function thumbnailOf({ type, thumbnail }: CourseFile): HTMLElement | null {
  if (thumbnail === null) return null
  if (type.startsWith('image/')) return make('img', { src: thumbnail, alt: '', loading: 'lazy' })
  const video = make('video', { src: thumbnail, preload: 'metadata', muted: true, tabIndex: -1 })
  video.ariaHidden = 'true'
  return video
}

/** Shows files that were added to the course first in the list beside the lesson. */
export function listFiles(added: CourseFile[]): void {
  const list = document.querySelector('[data-lesson-files]')
  if (!list) return
  for (const file of added) {
    for (const link of list.querySelectorAll<HTMLAnchorElement>('a')) {
      if (link.getAttribute('href') === file.href) link.closest('li')!.remove()
    }
    const picture = make('span', { className: 'lesson-file-picture' })
    picture.append(thumbnailOf(file) ?? '')
    list.prepend(make('li', {}, make('a', { href: file.href }, picture, make('span', {}, nameOf(file)))))
  }
  document.querySelector<HTMLElement>('[data-no-files]')!.hidden = true
}
