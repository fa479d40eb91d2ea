/**
 * A film: notes which of its seconds are really played while the page is visible, reports them each ten seconds, on pause and when
 * the page is left, and lets the transcript follow. Times in the transcript wind the film in place.
 */
import { reporter } from './report.js'

const film = document.querySelector('[data-film]')
const lesson = document.querySelector('[data-lesson]')
const lines = [...document.querySelectorAll('[data-transcript] li')]
const scroll = document.querySelector('[data-transcript]')

if (film) {
  const start = Number(film.dataset.start)
  if (start > 0) film.addEventListener('loadedmetadata', () => (film.currentTime = start), { once: true })
  film.addEventListener('timeupdate', follow)
  for (const line of lines) line.querySelector('a').addEventListener('click', event => wind(event, line))
  if (lesson?.dataset.learner) watch(reporter(`${lesson.dataset.lesson}/progress`, lesson.dataset.learner))
}

function watch(report) {
  let ranges = []
  let last = null

  // Between two looks time passes no faster than the film plays: a longer step is a jump, and was not seen.
  const note = () => {
    const at = film.currentTime
    const seen = !film.paused && !film.seeking && !document.hidden
    if (seen && last !== null && at > last && at - last < 1.5 * Math.max(1, film.playbackRate)) {
      const range = ranges.at(-1)
      if (range && Math.abs(range[1] - last) < 0.05) range[1] = at
      else ranges.push([last, at])
    }
    last = seen ? at : null
  }
  const send = async (leaving = false) => {
    note()
    if (!ranges.length) return
    const fields = {
      ranges: ranges.map(range => range.map(second => second.toFixed(2)).join('-')).join(','),
      position: film.currentTime.toFixed(1),
      rate: String(film.playbackRate),
    }
    ranges = []
    show(await report(fields, leaving))
  }
  film.addEventListener('timeupdate', note)
  film.addEventListener('seeking', () => (last = null))
  film.addEventListener('pause', () => send())
  film.addEventListener('ended', () => send())
  document.addEventListener('visibilitychange', () => document.hidden && send(true))
  addEventListener('pagehide', () => send(true))
  setInterval(() => film.paused || send(), 10_000)
}

function show(answer) {
  const words = document.querySelector('[data-watched]')
  if (!answer || !words) return
  words.textContent = words.dataset.watched.replace('%', String(answer.watched))
  // The page says more once the lesson is done: the next lesson, the walk, the certificate.
  if (answer.done && film.ended) location.reload()
}

function follow() {
  const at = film.currentTime
  for (const line of lines) {
    const isNow =
      !line.classList.contains('chapter') && at >= Number(line.dataset.from) && at < Number(line.dataset.to)
    if (isNow && !line.classList.contains('is-now')) {
      scroll.scrollTop = line.offsetTop - scroll.offsetTop - scroll.clientHeight / 2
    }
    line.classList.toggle('is-now', isNow)
    if (isNow) line.setAttribute('aria-current', 'true')
    else line.removeAttribute('aria-current')
  }
}

function wind(event, line) {
  event.preventDefault()
  film.currentTime = Number(line.dataset.from)
  film.focus()
}
