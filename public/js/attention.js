/**
 * Pricing pages of signed-in learners: reports once that the page has been visible for 20 seconds. The server
 * compares this with its own clock.
 */
import { reporter } from './report.js'

const page = document.querySelector('[data-attention]')

if (page) {
  const { attention, stamp, token } = page.dataset
  const report = reporter('/pricing/attention', token)
  const enough = 20
  let seconds = 0
  let said = false
  setInterval(() => {
    if (document.hidden || said) return
    seconds += 1
    if (seconds < enough) return
    said = true
    void report({ what: attention, stamp, seconds: String(seconds) })
  }, 1000)
}
