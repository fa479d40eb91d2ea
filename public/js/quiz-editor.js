/**
 * The quiz editor: saves one question at a time, previews it while it is typed, and is quick by keyboard. Without this
 * file, each question is a form with a Save button.
 */
const form = document.querySelector('#question')
const list = document.querySelector('[data-question-list]')
const find = document.querySelector('[data-find]')
/** The first field of a row that is typed in. */
const firstField = 'textarea, input:not([type="radio"], [type="checkbox"]), select'
const status = document.querySelector('[data-saved]')

if (list) searchAsYouType()
if (list?.dataset.position) for (const row of list.children) makeDraggable(row)
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

/** Moves a question before the one it is dropped on. "Move up" and "Move down" do the same. */
function makeDraggable(row) {
  row.draggable = true
  row.addEventListener('dragstart', event => {
    event.dataTransfer.setData('text/x-question', row.dataset.question)
    event.dataTransfer.effectAllowed = 'move'
  })
  row.addEventListener('dragover', event => {
    if (!event.dataTransfer.types.includes('text/x-question')) return
    event.preventDefault()
    row.classList.add('is-target')
  })
  row.addEventListener('dragleave', () => row.classList.remove('is-target'))
  row.addEventListener('drop', async event => {
    event.preventDefault()
    row.classList.remove('is-target')
    const id = event.dataTransfer.getData('text/x-question')
    if (!id || id === row.dataset.question) return
    const body = new URLSearchParams({
      _csrf: list.closest('form').elements._csrf.value,
      before: row.dataset.question,
    })
    const response = await fetch(`${list.dataset.position}/${id}/position`, { method: 'POST', body })
    if (response.ok) location.href = response.url
    else show(list.dataset.failed, true)
  })
}

function edit() {
  const saves = form.dataset.autosave !== undefined
  let saved = contents()
  let saveTimer
  let previewTimer
  let saving = null
  let hasConflict = false
  let hasFailed = false

  form.addEventListener('input', () => {
    clearTimeout(saveTimer)
    clearTimeout(previewTimer)
    previewTimer = setTimeout(preview, 400)
    if (saves && !hasConflict) saveTimer = setTimeout(save, 1500)
  })
  form.querySelector('[data-show-kind]')?.classList.add('visually-hidden')
  form.elements.kind.addEventListener('change', () => {
    saved = contents()
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
  form.addEventListener('submit', () => (saved = contents()))
  for (const button of form.querySelectorAll('[data-flush], [data-copy]')) {
    button.addEventListener('click', async event => {
      if (!saves || contents() === saved) return
      event.preventDefault()
      if (await save()) form.requestSubmit(button)
    })
  }
  // Saved without a new page, so that "back" leads to where the question was opened. What can't be saved is submitted,
  // and the page says why.
  form.querySelector('[data-save]')?.addEventListener('click', async event => {
    if (!saves || hasConflict) return
    event.preventDefault()
    if (!(await save())) form.requestSubmit()
  })
  document.addEventListener('click', saveBeforeLink)
  document.querySelector('[data-next-seed]')?.addEventListener('click', event => {
    event.preventDefault()
    const seed = (Number(form.elements.seed.value) % 999) + 1
    form.elements.seed.value = String(seed)
    document.querySelector('[data-seed]').textContent = String(seed)
    preview()
  })
  window.addEventListener('pagehide', () => save(true))
  document.addEventListener('visibilitychange', () => document.hidden && save(true))
  window.addEventListener('beforeunload', event => {
    if (!saves && contents() !== saved) event.preventDefault()
  })
  document.addEventListener('quiz-editor:save', () => save())

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

  /** Follows a link when everything is saved. If it can't be, the second click follows it. */
  async function saveBeforeLink(event) {
    const link = event.target.closest('a[href]')
    const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
    if (!link || event.defaultPrevented || isElsewhere || !saves || hasFailed || contents() === saved) return
    if (link.pathname === location.pathname && link.hash) return
    event.preventDefault()
    if (await save()) location.assign(link.href)
    else hasFailed = true
  }

  /** Saves what has changed. Returns whether everything is saved. */
  async function save(isLeaving = false) {
    clearTimeout(saveTimer)
    if (saving) await saving
    const sent = contents()
    if (!saves || hasConflict || sent === saved) return sent === saved
    saving = send(sent, isLeaving)
    const isSaved = await saving
    saving = null
    return isSaved
  }

  async function send(sent, isLeaving) {
    show(form.dataset.saving)
    try {
      const response = await post(form.action, isLeaving)
      const result = await response.json()
      if (response.ok) {
        saved = sent
        hasFailed = false
        form.elements.baseVersion.value = result.baseVersion
        list.querySelector('.is-open [data-prompt]').textContent = result.prompt
        document.querySelector('[data-checks]').innerHTML = result.checks
        showPreview(result.preview)
        show(result.saved)
        return true
      }
      hasConflict = response.status === 409
      const [problem] = Object.values(result.errors ?? {})
      show(result.conflict ?? (problem ? `${form.dataset.unsaved} ${problem}` : form.dataset.failed), true)
    } catch {
      show(form.dataset.failed, true)
    }
    return false
  }

  async function preview() {
    const { preview: url } = document.querySelector('[data-preview]').dataset
    const response = await post(url, false, 'text/html').catch(() => null)
    if (response?.ok) showPreview(await response.text())
  }

  function post(url, keepalive, accept = 'application/json') {
    const body = new URLSearchParams(new FormData(form))
    return fetch(url, { method: 'POST', headers: { accept }, body, keepalive })
  }

  function contents() {
    const fields = new URLSearchParams(new FormData(form))
    for (const name of ['_csrf', 'baseVersion', 'seed']) fields.delete(name)
    return fields.toString()
  }
}

function showPreview(html) {
  if (html) document.querySelector('[data-preview]').innerHTML = html
}

function show(sentence, isFailing = false) {
  status.querySelector('span').textContent = sentence
  status.classList.toggle('is-failing', isFailing)
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
