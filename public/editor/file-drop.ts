// The library's upload: files can be dropped anywhere on the page, and are sent with a line of progress. Without this
// file, they are sent by the form.
import { dropZone } from './drop-zone'
import { make } from './make'
import { progressLine } from './progress-line'
import { Cancelled, sendFiles } from './send-files'

const form = document.querySelector<HTMLFormElement>('[data-upload]')
if (form) start(form)

function start(form: HTMLFormElement): void {
  const { uploads = '', uploading = '', cancel = '', failed = '', done = '', hint = '' } = form.dataset
  const lines = document.querySelector<HTMLElement>('[data-upload-lines]')!
  const problem = document.querySelector<HTMLElement>('[data-upload-problem]')!
  const field = form.querySelector<HTMLInputElement>('input[type="file"]')!
  const token = form.querySelector<HTMLInputElement>('[name="_csrf"]')!.value
  const isReplacing = () => new FormData(form).get('sameName') === 'replace'

  form.addEventListener('submit', event => {
    // The form itself says what happens to a file with the name of another.
    if (isReplacing() || !field.files?.length) return
    event.preventDefault()
    void add([...field.files])
  })
  dropZone(hint, files => void add(files))

  async function add(files: File[]): Promise<void> {
    problem.hidden = true
    const line = progressLine(files, { uploading, cancel })
    const place = make('p', {}, line.element)
    lines.append(place)
    lines.scrollIntoView({ block: 'nearest' })
    const destination = { url: form.action, uploadsUrl: uploads, token, failed }
    try {
      const added = await sendFiles(destination, files, line)
      place.textContent = `${done} ${added.map(({ path }) => path).join(', ')}`
      location.reload()
    } catch (error) {
      place.remove()
      if (error instanceof Cancelled) return
      problem.textContent = (error as Error).message
      problem.hidden = false
    }
  }
}
