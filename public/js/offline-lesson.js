/** The kept copy of a lesson: counts the seconds in which it is visible, and marks it as done, to be sent later. */
import { addReading, isMarked, sendReports } from './offline-progress.js'
import { visibleSeconds } from './visible-seconds.js'

const copy = document.querySelector('[data-copy]')
const note = document.querySelector('[data-offline]')
const { reader, copy: path } = copy.dataset
const done = document.querySelector('[data-mark-done]')
const said = document.querySelector('[data-marked]')

visibleSeconds(seconds => addReading({ path, reader, seconds }))
let isBack = false
void look()
addEventListener('offline', look)
addEventListener('online', look)
setInterval(() => isBack || document.hidden || look(), 5000)
if (done && isMarked({ path, reader })) said.textContent = said.dataset.marked
else if (done) {
  done.hidden = false
  done.addEventListener('click', () => {
    addReading({ path, reader, done: true })
    done.hidden = true
    said.textContent = said.dataset.marked
    // The button was where the keyboard is.
    said.focus()
    void send()
  })
}

/** A browser that is in a network can still be without a connection, so the server is asked. */
async function look() {
  const headers = { accept: 'application/json' }
  isBack = await fetch('/offline/lessons', { headers }).then(
    response => response.ok,
    () => false,
  )
  note.textContent = isBack ? note.dataset.copyText : note.dataset.offline
  document.querySelector('[data-online]').hidden = !isBack
  if (isBack) await send()
}

async function send() {
  if ((await sendReports()) && said?.textContent) said.textContent = said.dataset.sent
}
