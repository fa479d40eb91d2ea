/**
 * A lesson that is read: counts the seconds in which its page is visible and reports them each ten seconds, when it is hidden
 * and when it is left. A lesson with a film is counted by video.js instead.
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
