/**
 * The pages of the prices, for somebody who is signed in: once they have been visible for twenty seconds, says so, and again when
 * the page is left. The server compares with its own clock.
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
