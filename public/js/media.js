/**
 * A page with a recording: keys control it from anywhere on the page, its speed is kept in the browser, and the lists
 * of times seek in it and mark where it is. played.js counts what is played, player.js has the controls, transcript.js
 * what a transcript can do.
 */
import { isShortcut } from './lesson-keys.js'
import { countPlayed } from './played.js'
import { showPlayer } from './player.js'
import { showTranscript } from './transcript.js'

const media = document.querySelector('[data-media]')
const lesson = document.querySelector('[data-lesson]')
const speeds = [0.75, 1, 1.25, 1.5, 1.75, 2]
const speedKey = 'media-speed'
const timelines = [...document.querySelectorAll('[data-timeline]')]

if (media) {
  const start = Number(media.dataset.start)
  if (start > 0) media.addEventListener('loadedmetadata', () => (media.currentTime = start), { once: true })
  keepSpeed()
  const actions = { ...showPlayer(media), '<': () => changeSpeed(-1), '>': () => changeSpeed(1) }
  // A lesson lists its keys, and lets its reader switch them off.
  if (lesson) document.addEventListener('keydown', event => pressKey(event, actions))
  const transcript = document.querySelector('[data-transcript]:has([data-timeline])')
  const shown = transcript ? showTranscript(transcript) : null
  media.addEventListener('timeupdate', () => followRecording(shown))
  for (const timeline of timelines) timeline.addEventListener('click', seek)
  const token = lesson?.dataset.learner
  if (token) countPlayed(media, `${lesson.dataset.lesson}/progress`, token)
}

function followRecording(transcript) {
  const current = media.currentTime
  for (const line of timelines.flatMap(timeline => [...timeline.children])) {
    const { from, to } = line.dataset
    const isNow = !line.classList.contains('chapter') && current >= Number(from) && current < Number(to)
    if (isNow === line.classList.contains('is-now')) continue
    line.classList.toggle('is-now', isNow)
    if (isNow) line.setAttribute('aria-current', 'true')
    else line.removeAttribute('aria-current')
    if (isNow && !line.closest('[data-transcript]')) scrollTo(line)
    else if (isNow) transcript.follow(line)
  }
}

function scrollTo(line) {
  const { parentElement: list } = line
  list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 2
}

/** A click anywhere on a line plays from there, and the focus stays in the list. Selecting its text plays nothing. */
function seek(event) {
  const line = event.target.closest('li')
  if (!line || event.ctrlKey || event.metaKey || event.shiftKey) return
  event.preventDefault()
  if (!event.target.closest('a') && getSelection()?.toString()) return
  media.currentTime = Number(line.dataset.from)
  media.play().catch(() => undefined)
}

/** Plays at the speed that was chosen last in this browser, and keeps what is chosen here. */
function keepSpeed() {
  try {
    const kept = Number(localStorage.getItem(speedKey))
    if (kept >= 0.25 && kept <= 2) media.playbackRate = media.defaultPlaybackRate = kept
  } catch {
    // The browser keeps nothing.
  }
  media.addEventListener('ratechange', () => {
    try {
      localStorage.setItem(speedKey, String(media.playbackRate))
    } catch {
      // The speed ends with the page.
    }
  })
}

function pressKey(event, actions) {
  if (!isShortcut(event)) return
  const action = actions[event.key.toLowerCase()]
  if (!action) return
  action()
  event.preventDefault()
}

/** The next listed speed, also from one that a browser's own controls have set. */
function changeSpeed(direction) {
  const rate = media.playbackRate
  const next = direction > 0 ? speeds.find(each => each > rate) : speeds.findLast(each => each < rate)
  if (next) media.playbackRate = next
}
