// The order of the catalogue: courses that are dragged, or moved with Alt and an arrow. Without this file, the arrows
// of each course do the same.

const list = document.querySelector('[data-catalogue]')

if (list) {
  for (const row of list.children) makeDraggable(row)
  list.addEventListener('keydown', event => {
    const to = { ArrowUp: 'up', ArrowDown: 'down' }[event.key]
    const row = event.target.closest('[data-course]')
    if (!to || !event.altKey || !row) return
    event.preventDefault()
    row.querySelector(`button[value="${to}"]:not(:disabled)`)?.click()
  })
}

function makeDraggable(row) {
  row.draggable = true
  row.addEventListener('dragstart', event => {
    event.dataTransfer.setData('text/x-course', row.dataset.course)
    event.dataTransfer.effectAllowed = 'move'
    row.classList.add('is-dragged')
  })
  row.addEventListener('dragend', () => row.classList.remove('is-dragged'))
  row.addEventListener('dragover', event => {
    if (!event.dataTransfer.types.includes('text/x-course')) return
    event.preventDefault()
    row.classList.add('is-target')
  })
  row.addEventListener('dragleave', () => row.classList.remove('is-target'))
  row.addEventListener('drop', event => {
    event.preventDefault()
    row.classList.remove('is-target')
    const course = event.dataTransfer.getData('text/x-course')
    if (course && course !== row.dataset.course) place(course, row.dataset.course)
  })
}

/** Sends the form of a course with its new place: the page that comes back says what was done. */
function place(course, before) {
  const form = list.querySelector(`[data-course="${course}"] form`)
  for (const [name, value] of [
    ['action', 'place'],
    ['before', before],
  ]) {
    const field = document.createElement('input')
    Object.assign(field, { type: 'hidden', name, value })
    form.append(field)
  }
  form.submit()
}
