/**
 * The pricing pages of a signed-in visitor: reports once that the page was read for 20 seconds. The server checks the
 * report against its own clock.
 */
import { reporter } from './report.js'
import { visibleSeconds } from './visible-seconds.js'

const page = document.querySelector('[data-attention]')

if (page) {
  const { attention, timestamp, token } = page.dataset
  const report = reporter('/pricing/attention', token)
  const minSeconds = 20
  let seconds = 0
  let isSent = false
  visibleSeconds((more, isLeaving) => {
    seconds += more
    if (isSent || seconds < minSeconds) return
    isSent = true
    void report({ page: attention, timestamp, seconds: seconds.toFixed(1) }, isLeaving)
  })
}
