// The lesson's form: automatic saving, toolbar snippets and links to lines of its Markdown. The visual editor is
// another file (editor/lesson-editor.ts), which writes its text into the form when this one asks for it with the event
// `collect`. Without either, the page is a form with a text area and a Save button.

const form = document.querySelector('#editor')
const text = document.querySelector('#body')
const saveDelay = 1500
/** In bytes: browsers refuse to send more once a page is left. */
const maxLeavingBytes = 60_000

if (form?.dataset.autosave !== undefined) saveAutomatically()
goToLine()
window.addEventListener('hashchange', goToLine)
for (const button of document.querySelectorAll('[data-insert]')) {
  button.addEventListener('click', () =>
    insertSnippet(document.querySelector(`[data-snippet="${button.dataset.insert}"]`)),
  )
}

/**
 * Saves soon after a change, before a link of the page is followed, and when the page is left in another way. What
 * couldn't be saved stays in this tab, and is there again when the lesson is. Once someone else has saved the lesson,
 * only the Save button saves, and shows both texts.
 */
function saveAutomatically() {
  const status = document.querySelector('[data-saved]')
  const statusText = status.querySelector('span')
  const { title, body, baseVersion } = form.elements
  const unsavedKey = `unsaved ${form.action}`
  let timer
  // The values that came with the page, not the current ones: text typed before this file loaded has to be saved too.
  let saved = JSON.stringify([title.defaultValue, body.defaultValue])
  /** What is on its way: its text and its version, and the promise that says whether it was saved. */
  let sending = null
  let hasConflict = false
  let hasFailed = false

  bringBack()
  form.addEventListener('input', saveSoon)
  form.addEventListener('submit', () => (saved = contents()))
  document.addEventListener('keydown', event => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (hasConflict) form.requestSubmit()
    else save()
  })
  document.addEventListener('click', saveBeforeLink)
  document.addEventListener('flush', event => event.detail.push(save()))
  document.addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && leave(false))
  window.addEventListener('pagehide', () => leave(true))
  if (contents() !== saved) saveSoon()

  function saveSoon() {
    if (!hasConflict) timer ??= setTimeout(save, saveDelay)
  }

  /** Returns whether everything is saved. */
  async function save() {
    clearTimeout(timer)
    timer = undefined
    if (sending) await sending.result
    const text = contents()
    if (text === saved) return true
    return !hasConflict && begin(text)
  }

  /** Starts to send a text at once, so that this also works while the page is left. */
  async function begin(text, isLeaving = false) {
    const current = { text, version: '', result: send(text, isLeaving) }
    sending = current
    versionOf(text).then(version => (current.version = version))
    const isSaved = await current.result
    sending = null
    if (contents() === saved) sessionStorage.removeItem(unsavedKey)
    else if (isSaved) saveSoon()
    return isSaved
  }

  async function send(text, isLeaving) {
    showStatus(form.dataset.saving)
    try {
      const fields = new URLSearchParams(new FormData(form))
      const response = await request(fields, isLeaving)
      const result = await response.json()
      hasFailed = !response.ok
      if (response.ok) {
        saved = text
        baseVersion.value = result.baseVersion
        document.querySelector('[data-checks]').innerHTML = result.checks
        document.querySelector('[data-workflow]').innerHTML = result.workflow
        const mark = document.querySelector('.is-open [data-needs-fixes]')
        if (mark) mark.hidden = !result.needsFixes
        form.dispatchEvent(new CustomEvent('saved', { detail: result.questions }))
        showStatus(result.saved)
      } else {
        hasConflict = response.status === 409
        showStatus(result.conflict ?? Object.values(result.errors ?? {})[0] ?? form.dataset.failed)
      }
    } catch {
      hasFailed = true
      showStatus(form.dataset.failed)
    }
    return !hasFailed
  }

  function request(fields, isLeaving) {
    const keepalive = isLeaving && fields.toString().length < maxLeavingBytes
    return fetch(form.action, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: fields,
      keepalive,
    })
  }

  /** Follows a link when everything is saved. If it can't be, the second click follows it. */
  async function saveBeforeLink(event) {
    const link = event.target.closest('a[href]')
    const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
    if (!link || event.defaultPrevented || isElsewhere || link.target || link.hasAttribute('download')) return
    const isHere = link.pathname === location.pathname && link.hash
    if (isHere || link.isContentEditable || hasFailed || (contents() === saved && !sending)) return
    event.preventDefault()
    if (await save()) location.assign(link.href)
  }

  function leave(isGone) {
    const text = contents()
    if (text === saved) return
    const copy = { text, baseVersion: baseVersion.value, known: [saved, sending?.text] }
    sessionStorage.setItem(unsavedKey, JSON.stringify(copy))
    if (hasConflict || sending?.text === text) return
    if (!sending) begin(text, true)
    else if (isGone) {
      const fields = new URLSearchParams(new FormData(form))
      // The save that is on its way may arrive first.
      fields.set('sentVersion', sending.version)
      request(fields, true).catch(() => {})
    }
  }

  /** Puts what wasn't saved when the lesson was left back into the form. */
  function bringBack() {
    const copy = JSON.parse(sessionStorage.getItem(unsavedKey) ?? 'null')
    sessionStorage.removeItem(unsavedKey)
    if (!copy || copy.text === saved || contents() !== saved) return
    const [lastTitle, lastBody] = JSON.parse(copy.text)
    title.value = lastTitle
    body.value = lastBody
    // Someone else's text is compared with this one.
    if (!copy.known.includes(saved)) baseVersion.value = copy.baseVersion
  }

  function contents() {
    form.dispatchEvent(new Event('collect'))
    return JSON.stringify([title.value, body.value])
  }

  /** Returns a text's version as the server computes it (see studio/course-page.ts), or '' where browsers can't. */
  async function versionOf(text) {
    const [title, body] = JSON.parse(text)
    const bytes = new TextEncoder().encode(JSON.stringify({ title, body }))
    const hash = await crypto.subtle?.digest('SHA-256', bytes)
    if (!hash) return ''
    const base64 = btoa(String.fromCharCode(...new Uint8Array(hash)))
    return base64.replaceAll('+', '-').replaceAll('/', '_').slice(0, 16)
  }

  function showStatus(sentence) {
    statusText.textContent = sentence
    status.classList.toggle('is-failing', hasFailed)
  }
}

/** Selects line 29 of the text for `#line-29`, where the text is shown as Markdown. */
function goToLine() {
  const line = Number(/^#line-(\d+)$/.exec(location.hash)?.[1])
  if (!line || !text?.offsetParent) return
  const lines = text.value.split('\n')
  const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0)
  text.focus()
  text.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0))
  const height = parseFloat(getComputedStyle(text).lineHeight)
  window.scrollTo({ top: text.getBoundingClientRect().top + window.scrollY + (line - 6) * height })
}

function insertSnippet(snippet) {
  text.focus()
  text.setRangeText(snippet.content.textContent, text.selectionStart, text.selectionEnd, 'end')
  text.dispatchEvent(new InputEvent('input', { bubbles: true }))
}
