/**
 * A text lesson: counts the seconds in which its page is visible and reports them every 10 seconds, when the page is
 * hidden and when the learner leaves it. media.js counts a lesson with a recording instead, tour.js a tour.
 */
import { reporter } from './report.js'

const lesson = document.querySelector('[data-lesson]')
const token = lesson?.dataset.learner

// A page that was loaded ahead is opened now.
if (token && 'ahead' in lesson.dataset) {
  void reporter(`${lesson.dataset.lesson}/progress`, token)({ opened: '1' })
}

if (token && !document.querySelector('[data-media], [data-tour]')) {
  const report = reporter(`${lesson.dataset.lesson}/progress`, token)
  let seconds = 0
  let visibleSince = document.hidden ? null : performance.now()
  const count = () => {
    if (visibleSince === null) return
    seconds += (performance.now() - visibleSince) / 1000
    visibleSince = document.hidden ? null : performance.now()
  }
  const send = (isLeaving = false) => {
    count()
    if (seconds < 1) return
    report({ seconds: seconds.toFixed(1), ...place() }, isLeaving)
    seconds = 0
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) send(true)
    else visibleSince = performance.now()
  })
  addEventListener('pagehide', () => send(true))
  // The last seconds before "Mark as done".
  document.addEventListener('submit', () => send(true))
  setInterval(() => document.hidden || send(), 10_000)
}

/** The heading that the text is at, which reading.js marks in the outline; nothing for a text without headings. */
function place() {
  const contents = document.querySelector('[data-contents]')
  const current = contents?.querySelector('[aria-current]')
  return contents ? { place: current ? decodeURIComponent(current.hash.slice(1)) : '' } : {}
}
