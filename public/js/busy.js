/**
 * A form that is on its way: the button that sent it says so, and pressing again sends nothing until another page has
 * come or this one has come back. After ten seconds it may be sent again: whoever has stopped a page that did not
 * come is not locked out. Files take as long as they take.
 */
const { sending } = document.querySelector('[data-sending]').dataset
const underWay = new Map()

// On the window, which hears of it last: a form that another script sends itself has been taken by then.
addEventListener('submit', event => {
  const form = event.target
  if (event.defaultPrevented || form.getAttribute('method') !== 'post') return
  if (underWay.has(form)) return event.preventDefault()
  const undo = makeBusy(event.submitter)
  const timer = form.enctype === 'multipart/form-data' ? 0 : setTimeout(() => release(form), 10_000)
  underWay.set(form, () => (clearTimeout(timer), undo()))
})
addEventListener('pageshow', () => [...underWay.keys()].forEach(release))

/** Its name and value are sent, so it is never disabled. Answers how it was before. */
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
