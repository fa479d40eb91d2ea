// The outline of a course: lessons that are dragged, or moved with Alt and an arrow, and lessons that are ticked and
// moved together. Without this file, arrows, "Move to another module" and the form of ticked lessons do the same.

import { dragRows, tickRanges } from './rows.js'

const moved = 'moved lesson'
const selection = document.querySelector('[data-selection]')
const lessons = [...document.querySelectorAll('li[data-move]')]

dragRows(lessons, { kind: 'lesson', onDrop: drop, places: document.querySelectorAll('p[data-module]') })
document.addEventListener('keydown', moveByKey)
focusMoved()
if (selection) {
  document.addEventListener('change', event => event.target.name === 'lessons' && countTicked())
  countTicked()
  tickRanges('lessons')
}

/** Moves a lesson, or all that are ticked with it, before the lesson of a row, or to the end of an empty module. */
function drop(slug, place) {
  const { module } = place.closest('[data-module]').dataset
  const before = place.dataset.lesson ?? ''
  const ticked = tickedLessons()
  if (ticked.includes(slug)) {
    const fields = [
      ['action', 'move'],
      ['module', module],
      ['before', before],
    ]
    send(selection.getAttribute('action'), [...fields, ...ticked.map(each => ['lessons', each])], slug)
  } else {
    const { move } = lessons.find(lesson => lesson.dataset.lesson === slug).dataset
    send(
      move,
      [
        ['to', 'module'],
        ['module', module],
        ['before', before],
      ],
      slug,
    )
  }
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
