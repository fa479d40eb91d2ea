/**
 * The quiz editor: saves one question at a time, previews it while it is typed, and is quick by keyboard. Without this
 * file, each question is a form with a Save button.
 */
import { makeGaps } from './make-gap.js'
import { dragIntoOrder, tickRanges } from './rows.js'
import { selfSaving, showState } from './self-saving.js'

const form = document.querySelector('#question')
const list = document.querySelector('[data-question-list]')
const find = document.querySelector('[data-find]')
/** The first field of a row that is typed in. */
const firstField = 'textarea, input:not([type="radio"], [type="checkbox"]), select'

if (list) searchAsYouType()
if (list?.dataset.position) {
  const token = list.closest('form').elements._csrf.value
  dragIntoOrder(list, { kind: 'question', token, onFail: () => showState(list.dataset.failed, true) })
  tickRanges('questions')
}
if (form) edit()
document.addEventListener('keydown', pressKey)

/** Hides the questions that don't have the typed words. */
function searchAsYouType() {
  find.form.addEventListener('submit', event => event.preventDefault())
  find.addEventListener('input', () => {
    const words = find.value.toLowerCase().trim()
    for (const row of list.children) row.hidden = !row.dataset.search.includes(words)
  })
  const legend = document.querySelector('[data-selected]')
  list.addEventListener('change', () => {
    const count = list.querySelectorAll(':checked').length
    legend.dataset.text ??= legend.textContent
    legend.textContent = count ? `${legend.dataset.text}: ${count}` : legend.dataset.text
  })
}

function edit() {
  let previewTimer
  const { save, forget, post } = selfSaving(form, {
    ignored: ['seed'],
    onSaved({ prompt, checks, preview }) {
      list.querySelector('.is-open [data-prompt]').textContent = prompt
      document.querySelector('[data-checks]').innerHTML = checks
      showPreview(preview)
    },
  })

  form.addEventListener('input', () => {
    clearTimeout(previewTimer)
    previewTimer = setTimeout(preview, 400)
  })
  form.querySelector('[data-show-kind]')?.classList.add('visually-hidden')
  form.elements.kind.addEventListener('change', () => {
    forget()
    form.requestSubmit(form.querySelector('[data-show-kind]'))
  })
  form.querySelector('[data-add]')?.addEventListener('click', event => {
    event.preventDefault()
    addRow()
  })
  form.addEventListener('keydown', event => {
    const field = event.target
    const row = field.closest('[data-entry]')
    if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey || !row) return
    if (field.dataset.lines !== undefined || event.isComposing) return
    event.preventDefault()
    const next = row.nextElementSibling ?? addRow()
    next?.querySelector(firstField)?.focus()
  })
  document.querySelector('[data-next-seed]')?.addEventListener('click', event => {
    event.preventDefault()
    const seed = (Number(form.elements.seed.value) % 999) + 1
    form.elements.seed.value = String(seed)
    document.querySelector('[data-seed]').textContent = String(seed)
    preview()
  })
  document.addEventListener('quiz-editor:save', () => save())
  const gaps = form.querySelector('[data-make-gap]')
  if (gaps) makeGaps(gaps, n => form.querySelector(`[data-entry="${n}"]`) ?? addRow())

  /** Adds an empty row to the table, or returns null when it is full. */
  function addRow() {
    const rows = [...form.querySelectorAll('[data-entry]')]
    const table = form.querySelector('[data-entries]')
    if (rows.length >= Number(table.dataset.maximum)) return null
    const row = rows.at(-1).cloneNode(true)
    const n = Number(row.dataset.entry) + 1
    row.dataset.entry = String(n)
    for (const field of row.querySelectorAll('input, textarea, select')) {
      if (field.name === 'right') field.value = String(n)
      else {
        field.name = field.name.replace(/\d+$/, String(n))
        if (field.tagName !== 'SELECT') field.value = ''
      }
      if (field.id) field.id = field.id.replace(/\d+$/, String(n))
      field.checked = false
      field.ariaLabel = field.ariaLabel.replace(/\d+$/, String(n + 1))
    }
    for (const share of row.querySelectorAll('[data-share]')) share.textContent = ''
    for (const error of row.querySelectorAll('.field-error')) error.remove()
    rows.at(-1).after(row)
    row.querySelector(firstField)?.focus()
    return row
  }

  async function preview() {
    const { preview: url } = document.querySelector('[data-preview]').dataset
    const response = await post(url, false, 'text/html').catch(() => null)
    if (response?.ok) showPreview(await response.text())
  }
}

function showPreview(html) {
  if (html) document.querySelector('[data-preview]').innerHTML = html
}

/** Single letters only work outside fields. */
function pressKey(event) {
  const isTyping = event.target.matches('input:not([type="checkbox"], [type="radio"]), textarea, select')
  const command = event.ctrlKey || event.metaKey
  if (command && event.key === 's' && form) {
    event.preventDefault()
    document.dispatchEvent(new CustomEvent('quiz-editor:save'))
  } else if (command && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    const url = event.key === 'ArrowDown' ? form?.dataset.next : form?.dataset.previous
    if (!url) return
    event.preventDefault()
    location.href = url
  } else if (command && event.key === 'd' && form?.querySelector('[data-copy]')) {
    event.preventDefault()
    form.querySelector('[data-copy]').click()
  } else if (!isTyping && !command && !event.altKey && event.key === 'n') {
    document.querySelector('[data-new]')?.click()
  } else if (!isTyping && !command && event.key === '/' && find) {
    event.preventDefault()
    find.focus()
  }
}
