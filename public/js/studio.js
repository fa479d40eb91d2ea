// The editor of a lesson: toolbar, saving by itself, lines that can be linked to, lessons that can be dragged. Without this
// file the page is a form with a text area, a Save button and arrows.

const form = document.querySelector('#editor')
const text = document.querySelector('#body')

if (form?.dataset.autosave !== undefined) saveByItself()
goToLine()
window.addEventListener('hashchange', goToLine)
for (const button of document.querySelectorAll('[data-insert]')) {
  button.addEventListener('click', () =>
    insert(document.querySelector(`[data-snippet="${button.dataset.insert}"]`)),
  )
}
for (const lesson of document.querySelectorAll('[data-move]')) letDrag(lesson)

/** Saves two seconds after the last key, unless somebody else has saved the lesson: then only the button does, and shows both. */
function saveByItself() {
  const state = document.querySelector('[data-saved]')
  const words = state.querySelector('span')
  const { title, body } = form.elements
  let timer
  // What came with the page, and not what stands there now: who types before this file has come wants that saved too.
  let saved = JSON.stringify([title.defaultValue, body.defaultValue])
  let saving = false
  let stopped = false

  form.addEventListener('input', () => {
    clearTimeout(timer)
    if (!stopped) timer = setTimeout(save, 2000)
  })
  window.addEventListener('beforeunload', event => {
    if (contents() !== saved) event.preventDefault()
  })
  form.addEventListener('submit', () => (saved = contents()))
  document.addEventListener('keydown', event => {
    if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    if (stopped) form.requestSubmit()
    else save()
  })
  if (contents() !== saved) timer = setTimeout(save, 2000)

  async function save() {
    const sent = contents()
    if (saving || sent === saved) return
    saving = true
    say(form.dataset.saving)
    try {
      const answer = await fetch(form.action, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(new FormData(form)),
      })
      const said = await answer.json()
      if (answer.ok) {
        saved = sent
        form.elements.was.value = said.was
        document.querySelector('[data-checks]').innerHTML = said.checks
        say(said.saved)
      } else {
        stopped = answer.status === 409
        say(said.conflict ?? Object.values(said.errors ?? {})[0] ?? form.dataset.failed, true)
      }
    } catch {
      say(form.dataset.failed, true)
    }
    saving = false
    if (!stopped && contents() !== sent) timer = setTimeout(save, 2000)
  }

  function contents() {
    return JSON.stringify([title.value, body.value])
  }

  function say(sentence, failing = false) {
    words.textContent = sentence
    state.classList.toggle('is-failing', failing)
  }
}

/** `#line-29` selects line 29 of the text. */
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

function insert(snippet) {
  text.focus()
  text.setRangeText(snippet.content.textContent, text.selectionStart, text.selectionEnd, 'end')
  text.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

/** A lesson dropped on another one goes in front of it. The arrows and "Move to another part" do the same. */
function letDrag(lesson) {
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
    const address = event.dataTransfer.getData('text/x-lesson')
    if (!address || address === lesson.dataset.move) return
    const token = document.querySelector('[name="_csrf"]').value
    const place = {
      _csrf: token,
      to: 'module',
      module: lesson.closest('ol').dataset.module,
      before: lesson.dataset.lesson,
    }
    await fetch(address, { method: 'POST', body: new URLSearchParams(place) })
    location.reload()
  })
}
