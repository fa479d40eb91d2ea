// Captions beside their recording: they save themselves, play from a row, and are quick by keyboard. What a button does
// to them is done on the server, as it is without this file.

const form = document.querySelector('#captions')
const media = document.querySelector('[data-player]')
const rows = document.querySelector('[data-rows]')
const status = document.querySelector('[data-saved]')
const undoButton = document.querySelector('[data-undo]')
const shortcuts = document.querySelector('#shortcuts')
const saveDelay = 1500

let saved = contents()
let timer
let sending = null
let hasConflict = false
/** Where the last saves are undone, the newest one at the end. */
const undos = []

document.querySelector('[data-tools]').hidden = false
form.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(save, saveDelay)
})
form.addEventListener('submit', event => {
  event.preventDefault()
  const action = event.submitter?.value ?? 'save'
  run(action, action.startsWith('split') ? second() : '')
})
rows.addEventListener('click', event => {
  const link = event.target.closest('[data-play]')
  if (!link) return
  event.preventDefault()
  playFrom(link.closest('[data-row]'))
})
media?.addEventListener('timeupdate', markRow)
undoButton.addEventListener('click', undo)
document.querySelector('[data-help]').addEventListener('click', () => shortcuts.showModal())
document.addEventListener('keydown', pressKey)
document.addEventListener('click', saveBeforeLink)
document.addEventListener('visibilitychange', () => document.hidden && save(true))
window.addEventListener('pagehide', () => save(true))

function contents() {
  const fields = new FormData(form)
  return JSON.stringify(['start', 'end', 'text'].map(name => fields.getAll(name)))
}

/** Returns whether everything is saved. */
async function save(isLeaving = false) {
  clearTimeout(timer)
  if (sending) await sending
  if (contents() === saved) return true
  return send('save', '', isLeaving)
}

/** Presses a button of the form, and moves the focus to the row that it is about. */
async function run(action, at) {
  clearTimeout(timer)
  if (sending) await sending
  const result = await send(action, at)
  if (!result || action === 'save') return
  const [name, row] = action.split(':')
  const n = Number(row) + (name === 'add' || name === 'split' ? 1 : 0)
  const rows = rowList()
  const next = rows[Math.min(n, rows.length - 1)] ?? form
  next.querySelector(name === 'add' ? 'textarea' : '[name="start"]')?.focus()
}

function send(action, at, isLeaving = false) {
  sending = post(action, at, isLeaving).finally(() => (sending = null))
  return sending
}

async function post(action, at, isLeaving) {
  if (hasConflict) return false
  const sent = contents()
  show(form.dataset.saving)
  const body = new URLSearchParams(new FormData(form))
  body.set('action', action)
  body.set('at', at)
  try {
    const response = await fetch(location.href, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body,
      keepalive: isLeaving && body.toString().length < 60_000,
    })
    const result = await response.json()
    if (!response.ok) {
      hasConflict = response.status === 409
      showProblems(result.problems)
      show(hasConflict ? form.dataset.changed : (result.problem ?? form.dataset.failed), true)
      return false
    }
    take(result, sent)
    return true
  } catch {
    show(form.dataset.failed, true)
    timer = setTimeout(save, 5000)
    return false
  }
}

/** Shows what the server has made of the rows. What has been typed since stays. */
function take({ version, address, track, state, undo, rows: html, origins, problems }, sent) {
  form.elements.baseVersion.value = version
  if (address) history.replaceState(null, '', address)
  if (undo) undos.push(undo)
  undoButton.setAttribute('aria-disabled', String(!undos.length))
  if (html !== undefined) {
    rows.innerHTML = html
    saved = contents()
    offerShift()
  } else {
    saved = sent
    rowList().forEach((row, n) => {
      row.querySelector('[name="origin"]').value = origins[n] ?? ''
    })
    showProblems(problems)
  }
  if (track) showTrack(track)
  show(state)
  if (contents() !== saved) timer = setTimeout(save, saveDelay)
}

function showProblems(problems) {
  problems?.forEach((problem, n) => {
    const place = rowList()[n]?.querySelector('[data-cue-problem]')
    if (place) place.textContent = problem
  })
}

function showTrack(src) {
  const track = media?.querySelector('track')
  if (track) track.src = src
  else if (media)
    media.append(Object.assign(document.createElement('track'), { kind: 'captions', src, default: true }))
}

function show(sentence, hasFailed = false) {
  status.textContent = sentence
  status.classList.toggle('is-failing', hasFailed)
}

/** Undoes the last save, and shows the captions as they are then. */
async function undo() {
  if (!(await save())) return
  const last = undos.pop()
  if (!last) return
  const body = new URLSearchParams({ _csrf: form.elements._csrf.value })
  const response = await fetch(last, { method: 'POST', headers: { accept: 'application/json' }, body })
  if (!response.ok) return show(form.dataset.failed, true)
  const page = await (await fetch(location.href)).text()
  const fresh = new DOMParser().parseFromString(page, 'text/html')
  rows.innerHTML = fresh.querySelector('[data-rows]').innerHTML
  form.elements.baseVersion.value = fresh.querySelector('#captions [name="baseVersion"]').value
  const track = fresh.querySelector('[data-player] track')
  if (track) showTrack(track.getAttribute('src'))
  saved = contents()
  undoButton.setAttribute('aria-disabled', String(!undos.length))
  offerShift()
}

function rowList() {
  return [...rows.querySelectorAll('[data-row]')]
}

function offerShift() {
  const select = form.querySelector('[data-shift-from]')
  const [all, ...others] = select.options
  const model = others[0]
  if (!model) return
  const text = n => model.dataset.text.replace(/\d+/, String(n + 1))
  model.dataset.text ??= model.textContent
  select.replaceChildren(
    all,
    ...rowList()
      .slice(1)
      .map((_, n) =>
        Object.assign(model.cloneNode(true), { value: String(n + 1), textContent: text(n + 1) }),
      ),
  )
}

/** Reads a time as the server does: `1:05.25`. */
function secondsOf(text) {
  return text
    .trim()
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0)
}

const second = () => (media ? media.currentTime.toFixed(3) : '')

function clock(seconds) {
  const minutes = Math.floor(seconds / 60) % 60
  const hours = Math.floor(seconds / 3600)
  const rest = (seconds % 60).toFixed(3).padStart(6, '0')
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`
}

function playFrom(row) {
  if (!media || !row) return
  media.currentTime = secondsOf(row.querySelector('[name="start"]').value) || 0
  media.play().catch(() => undefined)
}

function markRow() {
  for (const row of rowList()) {
    const [start, end] = ['start', 'end'].map(name => secondsOf(row.querySelector(`[name="${name}"]`).value))
    row.classList.toggle('is-now', media.currentTime >= start && media.currentTime < end)
  }
}

function setTime(row, name) {
  const field = row?.querySelector(`[name="${name}"]`)
  if (!field || !media) return
  field.value = clock(media.currentTime)
  field.dispatchEvent(new Event('input', { bubbles: true }))
}

function pressKey(event) {
  if (!event.ctrlKey || event.metaKey || event.isComposing || shortcuts.open) return
  const row = document.activeElement.closest?.('[data-row]')
  const n = rowList().indexOf(row)
  const press = (name, at = '') => row && run(`${name}:${n}`, at)
  const focusRow = step => rowList()[n + step]?.querySelector('textarea').focus()
  const commands = {
    ' ': () => media && (media.paused ? media.play().catch(() => undefined) : media.pause()),
    Enter: () => (event.shiftKey ? run(`add:${n}`, second()) : playFrom(row)),
    S: () => event.shiftKey && press('split', second()),
    M: () => event.shiftKey && press('merge'),
    Delete: () => event.shiftKey && press('remove'),
    Backspace: () => event.shiftKey && press('remove'),
    '[': () => setTime(row, 'start'),
    ']': () => setTime(row, 'end'),
    ArrowDown: () => focusRow(1),
    ArrowUp: () => focusRow(-1),
    z: () => event.altKey && undo(),
    s: () => save(),
    '/': () => shortcuts.showModal(),
  }
  const command = commands[event.key]
  if (!command || (event.key === 'z' && !event.altKey)) return
  if (/^(?:Delete|Backspace|S|M)$/.test(event.key) && !event.shiftKey) return
  event.preventDefault()
  command()
}

/** Follows a link when everything is saved. If it can't be, the second click follows it. */
async function saveBeforeLink(event) {
  const link = event.target.closest('a[href]')
  const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  if (!link || event.defaultPrevented || isElsewhere || link.dataset.play !== undefined) return
  if (contents() === saved && !sending) return
  event.preventDefault()
  const isSaved = await save()
  saved = contents()
  if (isSaved) location.assign(link.href)
}
