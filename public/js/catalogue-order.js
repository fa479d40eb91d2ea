// The order of the catalogue: courses that are dragged, or moved with Alt and an arrow. Without this file, the arrows
// of each course do the same.

import { dragRows } from './rows.js'

const list = document.querySelector('[data-catalogue]')

if (list) {
  dragRows(list.children, { kind: 'course', onDrop: (course, row) => place(course, row.dataset.course) })
  list.addEventListener('keydown', event => {
    const to = { ArrowUp: 'up', ArrowDown: 'down' }[event.key]
    const row = event.target.closest('[data-course]')
    if (!to || !event.altKey || !row) return
    event.preventDefault()
    row.querySelector(`button[value="${to}"]:not(:disabled)`)?.click()
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
