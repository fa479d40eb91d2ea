/**
 * A text lesson: counts the seconds in which its page is visible and reports them every 10 seconds, when the page is
 * hidden and when the learner leaves it. media.js counts a lesson with a recording instead, tour.js a tour.
 */
import { addReading } from './offline-progress.js'
import { reporter } from './report.js'
import { visibleSeconds } from './visible-seconds.js'

const lesson = document.querySelector('[data-lesson]')
const token = lesson?.dataset.learner

// A page that was loaded ahead is opened now.
if (token && 'ahead' in lesson.dataset) {
  void reporter(`${lesson.dataset.lesson}/progress`, token)({ opened: '1' })
}

if (token && !document.querySelector('[data-media], [data-tour]')) {
  const { reader, lesson: path } = lesson.dataset
  const report = reporter(`${path}/progress`, token)
  visibleSeconds((seconds, isLeaving) => {
    // Without a connection, it is kept and sent later.
    if (navigator.onLine) void report({ seconds: seconds.toFixed(1), ...place() }, isLeaving)
    else addReading({ path, reader, seconds, ...place() })
  })
}

/** The heading that the text is at, which reading.js marks in the outline; nothing for a text without headings. */
function place() {
  const contents = document.querySelector('[data-contents]')
  const current = contents?.querySelector('[aria-current]')
  return contents ? { place: current ? decodeURIComponent(current.hash.slice(1)) : '' } : {}
}
