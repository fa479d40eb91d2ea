/** In seconds. */
const maxSilence = 300
const signs = [
  'keydown',
  'pointerdown',
  'pointermove',
  'touchmove',
  'wheel',
  'scroll',
  'focusin',
  'selectionchange',
]

/**
 * Counts the seconds in which someone has a page before them: it is visible, and a key, a pointer, a touch, a scroll or
 * a moved focus shows, again and again, that they are there. What a sign comes after within five minutes counts, so
 * that a slow reader and a screen reader, which scrolls as it reads on, lose nothing, and a page that was left open
 * gains nothing. Passes the seconds on every 10 seconds, when the page is hidden and when the reader leaves it or sends
 * a form.
 *
 * @param {(seconds: number, isLeaving: boolean) => void} pass
 */
export function visibleSeconds(pass) {
  let seconds = 0
  // Visible, and not yet followed by a sign that someone was there.
  let silent = 0
  let visibleSince = document.hidden ? null : performance.now()
  const count = () => {
    if (visibleSince === null) return
    silent += (performance.now() - visibleSince) / 1000
    visibleSince = document.hidden ? null : performance.now()
  }
  const confirm = () => {
    count()
    if (silent <= maxSilence) seconds += silent
    silent = 0
  }
  const passOn = (isLeaving = false) => {
    if (seconds < 1) return
    pass(seconds, isLeaving)
    seconds = 0
  }
  // Changing the tab, leaving the page and sending a form are signs of a reader too.
  const leave = () => {
    confirm()
    passOn(true)
  }
  for (const sign of signs) addEventListener(sign, confirm, { passive: true, capture: true })
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) leave()
    else visibleSince = performance.now()
  })
  addEventListener('pagehide', leave)
  // The last seconds before "Mark as done".
  document.addEventListener('submit', leave)
  setInterval(() => document.hidden || passOn(), 10_000)
}
