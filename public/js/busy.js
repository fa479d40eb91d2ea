/**
 * Forms that are being sent: the button shows it, and another click sends nothing until the next page loads or this
 * one is shown again. After 10 seconds the form can be sent again, in case the reader has stopped the page. Uploads
 * have no such limit.
 */
const { sending } = document.querySelector('[data-sending]').dataset
const underWay = new Map()

// The window gets the event last, so scripts that send a form themselves have already prevented the default.
addEventListener('submit', event => {
  const form = event.target
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return
  if (underWay.has(form)) return event.preventDefault()
  const undo = makeBusy(event.submitter)
  const timer = form.enctype === 'multipart/form-data' ? 0 : setTimeout(() => release(form), 10_000)
  underWay.set(form, () => (clearTimeout(timer), undo()))
})
addEventListener('pageshow', () => [...underWay.keys()].forEach(release))

/** Marks the button as busy and returns a function that undoes it. Disabled buttons don't send their value. */
function makeBusy(button) {
  if (!button) return () => {}
  const words = [...button.childNodes]
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
    button.replaceChildren(...words)
  }
}

function release(form) {
  underWay.get(form)?.()
  underWay.delete(form)
}
