/**
 * The pricing pages of a signed-in visitor: reports once that the page was visible for 20 seconds. The server checks
 * the report against its own clock.
 */
import { reporter } from './report.js'

const page = document.querySelector('[data-attention]')

if (page) {
  const { attention, timestamp, token } = page.dataset
  const report = reporter('/pricing/attention', token)
  const minSeconds = 20
  let seconds = 0
  let isSent = false
  setInterval(() => {
    if (document.hidden || isSent) return
    seconds += 1
    if (seconds < minSeconds) return
    isSent = true
    void report({ page: attention, timestamp, seconds: String(seconds) })
  }, 1000)
}
