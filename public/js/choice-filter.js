/** Finds some of many choices by what is typed. Without it, the list scrolls. */
const plain = text => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase()

function show() {
  for (const filter of document.querySelectorAll('[data-filter]')) filter.hidden = false
}

document.addEventListener('input', ({ target }) => {
  const filter = target.closest('[data-filter]')
  if (!filter) return
  const wanted = plain(target.value.trim())
  const choices = [...filter.parentElement.querySelectorAll('.check')]
  for (const choice of choices) choice.hidden = !plain(choice.textContent).includes(wanted)
  const shown = choices.filter(choice => !choice.hidden).length
  filter.querySelector('[role="status"]').textContent = wanted ? `${shown}/${choices.length}` : ''
})
document.addEventListener('keydown', event => {
  // Enter would save the form.
  if (event.key === 'Enter' && event.target.closest('[data-filter]')) event.preventDefault()
})
// A form that has changed its rows comes back anew.
document.addEventListener('draft:saved', show)
show()
