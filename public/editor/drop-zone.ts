import { make } from './make'

/**
 * Takes files that are dropped anywhere on the page, and says so while they are dragged over it. What a part of the
 * page takes itself isn't given to `take`.
 *
 * @param hint what is said, for those who drag; whoever can't has the form or the editor's menu.
 */
export function dropZone(hint: string, take: (files: File[]) => void): void {
  const zone = make('p', { className: 'drop-hint' }, hint)
  zone.ariaHidden = 'true'
  const show = (isShown: boolean) => {
    document.body.classList.toggle('is-dropping', isShown)
    if (isShown) document.body.append(zone)
    else zone.remove()
  }
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false

  document.addEventListener('dragover', event => {
    if (!hasFiles(event)) return
    event.preventDefault()
    show(true)
  })
  document.addEventListener('dragleave', event => event.relatedTarget ?? show(false))
  // Parts of the page stop what they take themselves.
  document.addEventListener('drop', () => show(false), true)
  document.addEventListener('drop', event => {
    const files = [...(event.dataTransfer?.files ?? [])]
    if (!files.length || event.defaultPrevented) return
    event.preventDefault()
    take(files)
  })
}
