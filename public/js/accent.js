/**
 * Chooses the accent colour: a picker beside the field, the contrast of each pair while one types, and the nearest
 * colour that passes at a press. Without it, the page that comes back after saving says the same.
 */
const { contrast: url } = document.querySelector('[data-contrast]').dataset
const field = document.querySelector('#accent')
const picker = document.querySelector('[data-picker]')
const pause = 150
let timer

picker.hidden = false
picker.addEventListener('input', () => type(picker.value.toUpperCase()))
field.addEventListener('input', () => {
  const typed = field.value.trim()
  if (/^#[0-9a-f]{6}$/i.test(typed)) picker.value = typed
  clearTimeout(timer)
  timer = setTimeout(() => measure(typed).catch(() => {}), pause)
})
document.addEventListener('click', event => {
  const button = event.target.closest('[name="nearest"]')
  if (!button) return
  event.preventDefault()
  field.focus()
  type(button.value)
})

function type(colour) {
  field.value = colour
  field.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

/** The server measures. What isn't a colour yet leaves the table as it is; saving says what is wrong with it. */
async function measure(typed) {
  const response = typed ? await fetch(`${url}?${new URLSearchParams({ accent: typed })}`) : null
  if (response && !response.ok) return
  const html = response ? await response.text() : ''
  if (field.value.trim() === typed) document.querySelector('#colours').innerHTML = html
}
