// The outline of a course: lessons that are dragged, or moved with Alt and an arrow, and lessons that are ticked and
// moved together. Without this file, arrows, "Move to another module" and the form of ticked lessons do the same.

const moved = 'moved lesson'
const selection = document.querySelector('[data-selection]')
const lessons = [...document.querySelectorAll('li[data-move]')]

for (const lesson of lessons) makeDraggable(lesson)
for (const module of document.querySelectorAll('p[data-module]')) takeDrops(module, () => '')
document.addEventListener('keydown', moveByKey)
focusMoved()
if (selection) {
  document.addEventListener('change', event => event.target.name === 'lessons' && countTicked())
  countTicked()
}

function makeDraggable(lesson) {
  lesson.draggable = true
  lesson.addEventListener('dragstart', event => {
    event.dataTransfer.setData('text/x-lesson', lesson.dataset.lesson)
    event.dataTransfer.effectAllowed = 'move'
    lesson.classList.add('is-dragged')
  })
  lesson.addEventListener('dragend', () => lesson.classList.remove('is-dragged'))
  takeDrops(lesson, () => lesson.dataset.lesson)
}

/** Moves a lesson that is dropped here before the lesson that `before` returns, or to the end of the module. */
function takeDrops(place, before) {
  place.addEventListener('dragover', event => {
    if (!event.dataTransfer.types.includes('text/x-lesson')) return
    event.preventDefault()
    place.classList.add('is-target')
  })
  place.addEventListener('dragleave', () => place.classList.remove('is-target'))
  place.addEventListener('drop', event => {
    event.preventDefault()
    place.classList.remove('is-target')
    const slug = event.dataTransfer.getData('text/x-lesson')
    if (!slug || slug === before()) return
    const { module } = place.closest('[data-module]').dataset
    const ticked = tickedLessons()
    if (ticked.includes(slug)) {
      const fields = [
        ['action', 'move'],
        ['module', module],
        ['before', before()],
      ]
      send(selection.getAttribute('action'), [...fields, ...ticked.map(each => ['lessons', each])], slug)
    } else {
      const { move } = lessons.find(lesson => lesson.dataset.lesson === slug).dataset
      send(
        move,
        [
          ['to', 'module'],
          ['module', module],
          ['before', before()],
        ],
        slug,
      )
    }
  })
}

/** Alt and an arrow move the lesson whose link has the focus one step. */
function moveByKey(event) {
  const to = { ArrowUp: 'up', ArrowDown: 'down' }[event.key]
  const lesson = event.target.closest?.('li[data-move]')
  if (!to || !event.altKey || !lesson) return
  event.preventDefault()
  send(lesson.dataset.move, [['to', to]], lesson.dataset.lesson)
}

/** Sends a form and shows the page again, which says what was done. */
async function send(url, fields, slug) {
  const body = new URLSearchParams([['_csrf', document.querySelector('[name="_csrf"]').value], ...fields])
  // The message for the next page is for the one that is shown again.
  await fetch(url, { method: 'POST', body, redirect: 'manual' }).catch(() => {})
  sessionStorage.setItem(moved, slug)
  location.reload()
}

/** The focus stays on the lesson that was moved. */
function focusMoved() {
  const slug = sessionStorage.getItem(moved)
  sessionStorage.removeItem(moved)
  if (slug)
    lessons
      .findLast(lesson => lesson.dataset.lesson === slug)
      ?.querySelector('a')
      .focus()
}

function tickedLessons() {
  return [...document.querySelectorAll('[name="lessons"]:checked')].map(box => box.value)
}

function countTicked() {
  const count = tickedLessons().length
  selection.querySelector('[data-count]').textContent = selection.dataset.selected.replace(
    '{count}',
    String(count),
  )
  selection.classList.toggle('is-active', count > 0)
}
