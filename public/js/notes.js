/**
 * Notes: they save themselves while they are written, and are deleted in place with a way back. On a lesson, a new one
 * takes the second that its recording is at. Without this file, they are plain forms.
 */
import { isShortcut } from './lesson-keys.js'
import { openPart } from './lesson-panel.js'
import { markPassages, offerHighlights } from './highlights.js'

const pause = 1000
const composer = document.querySelector('[data-new-note]')
const media = document.querySelector('[data-media]')
/** What is typed and not saved yet, by form. */
const unsaved = new Map()

document.addEventListener('input', event => {
  const form = formOf(event.target)
  if (!form || event.target.name !== 'note') return
  if (form === composer) noteTime()
  clearTimeout(unsaved.get(form))
  unsaved.set(
    form,
    setTimeout(() => save(form), pause),
  )
})
document.addEventListener('visibilitychange', () => document.hidden && saveAll())
addEventListener('pagehide', saveAll)
addEventListener('online', saveAll)
document.addEventListener('submit', event => {
  const form = event.target
  if (form === composer) return finish(event)
  if (form.matches('[data-note-removal]')) return remove(event)
  if (formOf(form)) return closeEditor(event)
})

if (composer) {
  startAnew()
  restoreTyped()
  offerHighlights({ keep: quote => send(fieldsOf(quote)), write: writeAbout })
  document.addEventListener('keydown', event => {
    if (event.key.toLowerCase() !== 'n' || event.repeat || !isShortcut(event)) return
    event.preventDefault()
    write()
  })
}

/** The form of a note that saves itself. */
function formOf(element) {
  return element.closest('[data-new-note], [data-note-edit] form')
}

/** Each new note gets an id here, so that saving it twice makes one note. */
function startAnew() {
  const id = crypto
    .getRandomValues(new Uint8Array(12))
    .reduce((hex, n) => hex + n.toString(16).padStart(2, '0'), '')
  composer.dataset.id = id
}

function noteTime() {
  const { at } = composer.elements
  if (at && !at.value && media?.currentTime >= 1) at.value = clockOf(media.currentTime)
}

function clockOf(second) {
  const [hours, minutes, seconds] = [second / 3600, (second / 60) % 60, second % 60].map(Math.floor)
  const two = n => String(n).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`
}

function fieldsOf(quote = {}) {
  const { _csrf } = composer.elements
  return new URLSearchParams({ _csrf: _csrf.value, ...quote, partial: '1' })
}

function bodyOf(form) {
  const body = new URLSearchParams(new FormData(form))
  if (form === composer) body.set('id', composer.dataset.id)
  return body
}

function saveAll() {
  for (const form of unsaved.keys()) save(form, true)
}

/** Saves a note as it is now. What fails is saved with the next change, or when the browser is online again. */
async function save(form, isLeaving = false) {
  clearTimeout(unsaved.get(form))
  if (!form.elements.note.value.trim()) return unsaved.delete(form)
  const typed = form.elements.note.value
  say(form, form.dataset.saving)
  try {
    const response = await fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: bodyOf(form),
      keepalive: isLeaving,
    })
    if (response.status === 422 && form.dataset.full) return say(form, form.dataset.full)
    if (!response.ok) throw new Error(String(response.status))
    if (form.elements.note.value === typed) unsaved.delete(form)
    if (form === composer) sessionStorage.removeItem(typedKey())
    say(form, (await response.json()).said)
    return true
  } catch {
    if (form === composer) keepTyped()
    say(form, failureOf(form))
    return false
  }
}

function failureOf({ dataset }) {
  return navigator.onLine ? dataset.failed : (dataset.offlineText ?? dataset.failed)
}

/** A new note that isn't saved outlives its page, for its reader in this tab. */
function typedKey() {
  const { reader } = document.querySelector('[data-lesson]').dataset
  return `note ${reader} ${new URL(composer.action).pathname}`
}

function keepTyped() {
  try {
    const { id } = composer.dataset
    sessionStorage.setItem(typedKey(), JSON.stringify({ ...Object.fromEntries(new FormData(composer)), id }))
  } catch {
    // The browser keeps nothing.
  }
}

function restoreTyped() {
  const kept = sessionStorage.getItem(typedKey())
  if (!kept) return
  const { id, ...fields } = JSON.parse(kept)
  composer.dataset.id = id
  for (const name of ['note', 'at']) if (composer.elements[name]) composer.elements[name].value = fields[name]
  quoteInComposer(fields.exact ? fields : null)
  void save(composer)
}

function say(form, sentence) {
  form.querySelector('[data-note-status]').textContent = sentence
}

/** Saves a new note, and shows it with the others. */
async function finish(event) {
  if (!composer.elements.note.value.trim() && !composer.elements.exact.value) return
  event.preventDefault()
  clearTimeout(unsaved.get(composer))
  unsaved.delete(composer)
  const body = bodyOf(composer)
  body.set('partial', '1')
  if (!(await send(body))) {
    keepTyped()
    unsaved.set(composer, 0)
    return navigator.onLine && composer.submit()
  }
  sessionStorage.removeItem(typedKey())
  composer.reset()
  quoteInComposer(null)
  startAnew()
  say(composer, '')
  composer.elements.note.focus()
}

/** Sends a new note, and replaces the list by what comes back. Returns whether it is saved. */
async function send(body) {
  await Promise.all([...unsaved.keys()].filter(form => form !== composer).map(form => save(form)))
  try {
    const response = await fetch(composer.action, { method: 'POST', headers: { accept: 'text/html' }, body })
    if (!response.ok) throw new Error(String(response.status))
    const template = document.createElement('template')
    template.innerHTML = await response.text()
    document.querySelector('[data-notes]').replaceWith(template.content.firstElementChild)
    count()
    markPassages()
    return true
  } catch {
    say(composer, failureOf(composer))
    return false
  }
}

function count() {
  const number = document.querySelectorAll('[data-note-item]:not([hidden])').length
  const shown = document.querySelector('[data-note-count]')
  if (shown) shown.textContent = number || ''
}

/** Goes to the form for a new note. */
function write() {
  openPart('notes')
  composer.elements.note.focus()
}

function writeAbout(quote) {
  quoteInComposer(quote)
  write()
}

function quoteInComposer(quote) {
  for (const name of ['exact', 'prefix', 'suffix']) composer.elements[name].value = quote?.[name] ?? ''
  const shown = composer.querySelector('[data-new-quote]')
  shown.hidden = !quote
  shown.textContent = quote?.exact ?? ''
}

async function closeEditor(event) {
  event.preventDefault()
  const form = event.target
  unsaved.set(form, 0)
  if (!form.elements.note.value.trim() || !(await save(form))) return navigator.onLine && form.submit()
  const details = form.closest('details')
  const text = form.closest('[data-note-item]').querySelector('[data-note-text]')
  text.textContent = form.elements.note.value.trim()
  details.open = false
  details.querySelector('summary').focus()
}

async function remove(event) {
  const form = event.target
  event.preventDefault()
  const item = form.closest('[data-note-item]')
  const said = await post(form.action, form)
  if (!said) return form.submit()
  const row = document.createElement('li')
  row.className = 'note-removed'
  const text = document.createElement('span')
  text.role = 'status'
  const undo = document.createElement('button')
  undo.className = 'link-button'
  undo.type = 'button'
  undo.textContent = form.dataset.undo
  row.append(text, undo)
  item.before(row)
  item.hidden = true
  text.textContent = said
  undo.focus()
  count()
  markPassages()
  undo.addEventListener('click', async () => {
    if (!(await post(form.action.replace(/removal$/, 'restoration'), form))) return
    row.remove()
    item.hidden = false
    count()
    markPassages()
    form.querySelector('button').focus()
  })
}

/** Returns what the server says it has done; undefined when it hasn't. */
async function post(url, form) {
  const body = new URLSearchParams(new FormData(form))
  const response = await fetch(url, { method: 'POST', headers: { accept: 'application/json' }, body }).catch(
    () => undefined,
  )
  return response?.ok ? (await response.json()).said : undefined
}
