/**
 * Adds, moves and removes rows of a list in place, and keeps the focus on the row that has moved. Without it, the same
 * buttons send the form, and the page comes back at its top. `data-stay` names the parts of the page that come back.
 */
document.addEventListener('submit', event => {
  const { target: form, submitter } = event
  if (submitter?.name !== 'change' || !submitter.value.includes(':') || !form.matches('[data-stay]')) return
  event.preventDefault()
  send(form, submitter).catch(() => {
    form.removeAttribute('data-stay')
    form.requestSubmit(submitter)
  })
})

async function send(form, button) {
  const { value } = button
  const body = new URLSearchParams(new FormData(form, button))
  const response = await fetch(form.action, { method: 'POST', body })
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const part of form.dataset.stay.split(', ')) {
    const fresh = page.querySelector(part)
    if (!fresh) throw new Error(`No page came back: ${response.status}`)
    document.querySelector(part).replaceChildren(...fresh.childNodes)
  }
  focusOn(value)
  document.dispatchEvent(new Event('draft:saved'))
}

/** Focuses the button of the row that was moved, or the errors; `value` is `up:hero`, `down:rows:0` or `add:rows`. */
function focusOn(value) {
  const [verb, list, index] = value.split(':')
  const added = document
    .querySelector(`[value="${value}"]`)
    ?.closest('fieldset')
    .querySelectorAll('.form-row')
  if (verb === 'add' && added) return [...added].at(-1).querySelector('input, select').focus()
  const row = index === undefined ? list : `${list}:${Number(index) + { up: -1, down: 1, remove: 0 }[verb]}`
  const buttons = [verb, 'up', 'down', 'remove'].map(each => `[name="change"][value="${each}:${row}"]`)
  const next = [`#form-errors`, ...buttons, '#form :is(input, select):not([type="hidden"])']
  next
    .map(selector => document.querySelector(selector))
    .find(Boolean)
    ?.focus()
}
