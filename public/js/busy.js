/**
 * Marks the button of a form that is being sent, and ignores further presses until the next page arrives or this one is
 * shown again. After ten seconds the form can be sent again, so that a cancelled navigation locks nobody out; an upload
 * may take as long as it needs.
 */
const { sending } = document.querySelector('[data-sending]').dataset
const undoByForm = new Map()

// On the window, which handles the event last: a form that another script sends itself is already prevented here.
addEventListener('submit', event => {
  const form = event.target
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return
  if (undoByForm.has(form)) return event.preventDefault()
  const undo = makeBusy(event.submitter)
  const timer = form.enctype === 'multipart/form-data' ? 0 : setTimeout(() => release(form), 10_000)
  undoByForm.set(form, () => (clearTimeout(timer), undo()))
})
addEventListener('pageshow', () => [...undoByForm.keys()].forEach(release))

/** Returns a function that undoes it. The button is never disabled, since its name and value are part of the form. */
function makeBusy(button) {
  if (!button) return () => {}
  const content = [...button.childNodes]
  const isButton = button.classList.contains('button')
  button.setAttribute('aria-disabled', 'true')
  if (isButton) {
    button.style.minInlineSize = `${button.offsetWidth}px`
    button.classList.add('is-busy')
    button.replaceChildren(sending)
  }
  return () => {
    button.removeAttribute('aria-disabled')
    if (!isButton) return
    button.style.minInlineSize = ''
    button.classList.remove('is-busy')
    button.replaceChildren(...content)
  }
}

function release(form) {
  undoByForm.get(form)?.()
  undoByForm.delete(form)
}
