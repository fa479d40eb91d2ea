/**
 * Lessons without a video: counts the seconds for which the page is visible, and reports them every 10 seconds and
 * when the page is hidden or left. video.js reports lessons with a video.
 */
import { reporter } from './report.js'

const lesson = document.querySelector('[data-lesson]')
const token = lesson?.dataset.learner

if (token && !document.querySelector('[data-film]')) {
  const report = reporter(`${lesson.dataset.lesson}/progress`, token)
  let seconds = 0
  let since = document.hidden ? null : performance.now()
  const count = () => {
    if (since === null) return
    seconds += (performance.now() - since) / 1000
    since = document.hidden ? null : performance.now()
  }
  const send = (leaving = false) => {
    count()
    if (seconds < 1) return
    report({ seconds: seconds.toFixed(1) }, leaving)
    seconds = 0
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) send(true)
    else since = performance.now()
  })
  addEventListener('pagehide', () => send(true))
  setInterval(() => document.hidden || send(), 10_000)
}
