/**
 * Counts the seconds in which a page is visible, and passes them on every 10 seconds, when the page is hidden and when
 * the reader leaves it or sends a form.
 *
 * @param {(seconds: number, isLeaving: boolean) => void} pass
 */
export function visibleSeconds(pass) {
  let seconds = 0
  let visibleSince = document.hidden ? null : performance.now()
  const count = () => {
    if (visibleSince === null) return
    seconds += (performance.now() - visibleSince) / 1000
    visibleSince = document.hidden ? null : performance.now()
  }
  const passOn = (isLeaving = false) => {
    count()
    if (seconds < 1) return
    pass(seconds, isLeaving)
    seconds = 0
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) passOn(true)
    else visibleSince = performance.now()
  })
  addEventListener('pagehide', () => passOn(true))
  // The last seconds before "Mark as done".
  document.addEventListener('submit', () => passOn(true))
  setInterval(() => document.hidden || passOn(), 10_000)
}
