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
    const { path, url, type, alt = '' } = file
    const name = make('span', { className: 'insert-title' }, path.replace(/^assets\//, ''))
    const about = make('span', { className: 'meta', dir: 'auto' }, alt)
    const picture = type.startsWith('image/')
      ? make('img', { src: url, alt: '', loading: 'lazy' })
      : make('span', { className: 'media-choice-type' }, path.split('.').pop() ?? '')
    const button = make('button', { type: 'button' }, picture, make('span', {}, name, about))
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
