/**
 * A form of the studio that saves itself: a while after typing, before a link or a button leads away, and when its page
 * is left. Its `data-` attributes have the sentences: `saving`, `failed`, and `unsaved` before what can't be saved.
 */
const status = document.querySelector('[data-saved]')

/** Shows a sentence beside the form, such as "Saved 12:03". */
export function showState(sentence, isFailing = false) {
  status.querySelector('span').textContent = sentence
  status.classList.toggle('is-failing', isFailing)
}

/**
 * Makes a form save itself; without `data-autosave`, it only warns before what was typed is lost.
 *
 * @param {HTMLFormElement} form with the fields `_csrf` and `baseVersion`
 * @param {{ ignored?: string[], onSaved: (result: object) => void }} options the fields that aren't contents, and what
 * follows from the response
 * @returns {{ save: () => Promise<boolean>, forget: () => void, post: Function }} `save` returns whether everything is
 * saved, `forget` counts what is typed as saved, and `post` sends the form to a URL
 */
export function selfSaving(form, { ignored = [], onSaved }) {
  const saves = form.dataset.autosave !== undefined
  // What the page came with: what was typed before this script ran isn't saved.
  let saved = contents(asSent())
  let timer
  let saving = null
  let hasConflict = false
  let hasFailed = false
  /** The field that kept the form from being saved. */
  let invalid = null

  form.addEventListener('input', () => {
    clearTimeout(timer)
    if (saves && !hasConflict) timer = setTimeout(save, 1500)
  })
  form.addEventListener('submit', () => forget())
  for (const button of form.querySelectorAll('[data-flush], [data-copy]')) {
    button.addEventListener('click', async event => {
      if (!saves || contents() === saved) return
      event.preventDefault()
      if (await save()) form.requestSubmit(button)
    })
  }
  // Saved without a new page, so that "back" leads to where the form was opened. What can't be saved is submitted, and
  // the page says why.
  form.querySelector('[data-save]')?.addEventListener('click', async event => {
    if (!saves || hasConflict) return
    event.preventDefault()
    if (!(await save())) form.requestSubmit()
  })
  document.addEventListener('click', saveBeforeLink)
  document.addEventListener('flush', event => event.detail.push(save()))
  window.addEventListener('pagehide', () => save(true))
  document.addEventListener('visibilitychange', () => document.hidden && save(true))
  window.addEventListener('beforeunload', event => {
    if (!saves && contents() !== saved) event.preventDefault()
  })
  return { save: () => save(), forget, post }

  function forget() {
    saved = contents()
  }

  /** Follows a link when everything is saved. If it can't be, the second click follows it. */
  async function saveBeforeLink(event) {
    const link = event.target.closest('a[href]')
    const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
    if (!link || event.defaultPrevented || isElsewhere || !saves || hasFailed || contents() === saved) return
    if (link.pathname === location.pathname && link.hash) return
    event.preventDefault()
    if (await save()) return location.assign(link.href)
    hasFailed = true
    invalid?.focus()
  }

  /** Saves what has changed. Returns whether everything is saved. */
  async function save(isLeaving = false) {
    clearTimeout(timer)
    if (saving) await saving
    const sent = contents()
    if (!saves || hasConflict || sent === saved) return sent === saved
    saving = send(sent, isLeaving)
    const isSaved = await saving
    saving = null
    return isSaved
  }

  async function send(sent, isLeaving) {
    showState(form.dataset.saving)
    try {
      // The form may have a field that is called "action".
      const response = await post(form.getAttribute('action'), isLeaving)
      const result = await response.json()
      if (response.ok) {
        saved = sent
        hasFailed = false
        markInvalid(null)
        form.elements.baseVersion.value = result.baseVersion
        onSaved(result)
        showState(result.saved)
        return true
      }
      hasConflict = response.status === 409
      const [[name, problem] = []] = Object.entries(result.errors ?? {})
      markInvalid(form.elements.namedItem(name ?? ''))
      const unsaved = problem ? `${form.dataset.unsaved} ${problem}` : form.dataset.failed
      showState(result.conflict ?? unsaved, true)
    } catch {
      showState(form.dataset.failed, true)
    }
    return false
  }

  function markInvalid(field) {
    invalid?.removeAttribute('aria-invalid')
    invalid = field instanceof HTMLElement ? field : null
    invalid?.setAttribute('aria-invalid', 'true')
  }

  function post(url, keepalive = false, accept = 'application/json') {
    const body = new URLSearchParams(new FormData(form))
    return fetch(url, { method: 'POST', headers: { accept }, body, keepalive })
  }

  function asSent() {
    const copy = form.cloneNode(true)
    copy.reset()
    return copy
  }

  function contents(of = form) {
    const fields = new URLSearchParams(new FormData(of))
    for (const name of ['_csrf', 'baseVersion', ...ignored]) fields.delete(name)
    return fields.toString()
  }
}
