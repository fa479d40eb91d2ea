/**
 * A lesson of a learner: has it kept for reading without a connection, says when there is none, keeps what is read
 * meanwhile, and sends it when the connection is back. Without service workers, only the last three.
 */
import { addReading, clearReports, sendReports } from './offline-progress.js'

const lesson = document.querySelector('[data-lesson]')
const note = document.querySelector('[data-offline]')
const { reader, version } = lesson.dataset
const path = lesson.dataset.lesson

showState()
addEventListener('offline', showState)
addEventListener('online', async () => {
  showState()
  if (!(await sendReports())) return
  const said = document.querySelector('p[data-sent]')
  if (said) said.textContent = said.dataset.sent
})
void sendReports()
if (navigator.serviceWorker) void keepLesson()

function showState() {
  note.textContent = navigator.onLine ? '' : note.dataset.offline
}

async function keepLesson() {
  navigator.serviceWorker.addEventListener('message', ({ data }) => data?.forget && clearReports())
  try {
    await navigator.serviceWorker.register('/service-worker.js')
    const { active } = await navigator.serviceWorker.ready
    active.postMessage({ keep: path, version })
  } catch {
    // The browser keeps no lessons, such as in a private window.
  }
}

document.addEventListener('submit', event => {
  const form = event.target
  if (navigator.onLine || !form.matches('[data-completion]')) return
  event.preventDefault()
  addReading({ path, reader, done: true })
  const said = document.createElement('p')
  said.className = 'meta'
  said.role = 'status'
  said.dataset.sent = form.dataset.sent
  said.tabIndex = -1
  form.replaceWith(said)
  said.textContent = form.dataset.completion
  // The button was where the keyboard is.
  said.focus()
})
