// The lesson editor: toolbar snippets, automatic saving, links to lines, and lessons that can be dragged. Without this
// file the page is a form with a text area, a Save button and arrows.

const form = document.querySelector('#editor')
const text = document.querySelector('#body')

if (form?.dataset.autosave !== undefined) saveAutomatically()
goToLine()
window.addEventListener('hashchange', goToLine)
for (const button of document.querySelectorAll('[data-insert]')) {
  button.addEventListener('click', () =>
    insertSnippet(document.querySelector(`[data-snippet="${button.dataset.insert}"]`)),
  )
}
for (const lesson of document.querySelectorAll('[data-move]')) makeDraggable(lesson)

/**
 * Saves 2 seconds after the last key. Once someone else has saved the lesson, only the Save button saves, and shows
 * both texts.
 */
function saveAutomatically() {
  const status = document.querySelector('[data-saved]')
  const statusText = status.querySelector('span')
  const { title, body } = form.elements
  let timer
  // The values that came with the page, not the current ones: text typed before this file loaded has to be saved too.
  let saved = JSON.stringify([title.defaultValue, body.defaultValue])
  let isSaving = false
  let hasConflict = false

  form.addEventListener('input', () => {
    clearTimeout(timer)
    if (!hasConflict) timer = setTimeout(save, 2000)
  })
  window.addEventListener('beforeunload', event => {
    if (contents() !== saved) event.preventDefault()
  })
  form.addEventListener('submit', () => (saved = contents()))
  document.addEventListener('keydown', event => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (hasConflict) form.requestSubmit()
    else save()
  })
  if (contents() !== saved) timer = setTimeout(save, 2000)

  async function save() {
    const sent = contents()
    if (isSaving || sent === saved) return
    isSaving = true
    showStatus(form.dataset.saving)
    try {
      const response = await fetch(form.action, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
      })
      const result = await response.json()
      if (response.ok) {
        saved = sent
        form.elements.baseVersion.value = result.baseVersion
        document.querySelector('[data-checks]').innerHTML = result.checks
        showStatus(result.saved)
      } else {
        hasConflict = response.status === 409
        showStatus(result.conflict ?? Object.values(result.errors ?? {})[0] ?? form.dataset.failed, true)
      }
    } catch {
      showStatus(form.dataset.failed, true)
    }
    isSaving = false
    if (!hasConflict && contents() !== sent) timer = setTimeout(save, 2000)
  }

  function contents() {
    return JSON.stringify([title.value, body.value])
  }

  function showStatus(sentence, isFailing = false) {
    statusText.textContent = sentence
    status.classList.toggle('is-failing', isFailing)
  }
}

/** Selects line 29 of the text for `#line-29`. */
function goToLine() {
  const line = Number(/^#line-(\d+)$/.exec(location.hash)?.[1])
  if (!line || !text) return
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

/** Moves a lesson before the one it is dropped on. The arrows and "Move to another module" do the same. */
function makeDraggable(lesson) {
  lesson.draggable = true
  lesson.addEventListener('dragstart', event => {
    event.dataTransfer.setData('text/x-lesson', lesson.dataset.move)
    event.dataTransfer.effectAllowed = 'move'
    lesson.classList.add('is-dragged')
  })
  lesson.addEventListener('dragend', () => lesson.classList.remove('is-dragged'))
  lesson.addEventListener('dragover', event => {
    if (!event.dataTransfer.types.includes('text/x-lesson')) return
    event.preventDefault()
    lesson.classList.add('is-target')
  })
  lesson.addEventListener('dragleave', () => lesson.classList.remove('is-target'))
  lesson.addEventListener('drop', async event => {
    event.preventDefault()
    lesson.classList.remove('is-target')
    const positionUrl = event.dataTransfer.getData('text/x-lesson')
    if (!positionUrl || positionUrl === lesson.dataset.move) return
    const position = {
      _csrf: document.querySelector('[name="_csrf"]').value,
      to: 'module',
      module: lesson.closest('ol').dataset.module,
      before: lesson.dataset.lesson,
    }
    await fetch(positionUrl, { method: 'POST', body: new URLSearchParams(position) })
    location.reload()
  })
}
