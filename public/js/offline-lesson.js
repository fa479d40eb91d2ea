/** The kept copy of a lesson: counts the seconds in which it is visible, and marks it as done, to be sent later. */
import { addReading, sendReports } from './offline-progress.js'
import { visibleSeconds } from './visible-seconds.js'

const copy = document.querySelector('[data-copy]')
const note = document.querySelector('[data-offline]')
const { reader, copy: path } = copy.dataset
const done = document.querySelector('[data-mark-done]')

visibleSeconds(seconds => addReading({ path, reader, seconds }))
showState()
addEventListener('offline', showState)
addEventListener('online', showState)
if (done) {
  done.hidden = false
  done.addEventListener('click', () => {
    addReading({ path, reader, done: true })
    done.hidden = true
    const said = document.querySelector('[data-marked]')
    said.textContent = said.dataset.marked
    void sendReports()
  })
}

function showState() {
  note.textContent = navigator.onLine ? note.dataset.copyText : note.dataset.offline
  document.querySelector('[data-online]').hidden = !navigator.onLine
  if (navigator.onLine) void sendReports()
}
