/**
 * A video lesson: records which seconds really play while the page is visible, reports them every 10 seconds, on pause
 * and when the learner leaves, and keeps the transcript in step. Times in the transcript seek in the video.
 */
import { reporter } from './report.js'

const video = document.querySelector('[data-video]')
const lesson = document.querySelector('[data-lesson]')
const transcript = document.querySelector('[data-transcript]')
const lines = [...document.querySelectorAll('[data-transcript] li')]

if (video) {
  const start = Number(video.dataset.start)
  if (start > 0) video.addEventListener('loadedmetadata', () => (video.currentTime = start), { once: true })
  video.addEventListener('timeupdate', followTranscript)
  for (const line of lines) line.querySelector('a').addEventListener('click', event => seek(event, line))
  const token = lesson?.dataset.learner
  if (token) reportProgress(reporter(`${lesson.dataset.lesson}/progress`, token))
}

function reportProgress(report) {
  let ranges = []
  let last = null

  // Between two updates the video plays no faster than its rate: a longer step is a seek, and was not watched.
  const recordPlayed = () => {
    const current = video.currentTime
    const isWatching = !video.paused && !video.seeking && !document.hidden
    if (
      isWatching &&
      last !== null &&
      current > last &&
      current - last < 1.5 * Math.max(1, video.playbackRate)
    ) {
      const range = ranges.at(-1)
      if (range && Math.abs(range[1] - last) < 0.05) range[1] = current
      else ranges.push([last, current])
    }
    last = isWatching ? current : null
  }
  const send = async (isLeaving = false) => {
    recordPlayed()
    if (!ranges.length) return
    const fields = {
      ranges: ranges.map(range => range.map(second => second.toFixed(2)).join('-')).join(','),
      position: video.currentTime.toFixed(1),
      rate: String(video.playbackRate),
    }
    ranges = []
    showProgress(await report(fields, isLeaving))
  }
  video.addEventListener('timeupdate', recordPlayed)
  video.addEventListener('seeking', () => (last = null))
  video.addEventListener('pause', () => send())
  video.addEventListener('ended', () => send())
  document.addEventListener('visibilitychange', () => document.hidden && send(true))
  addEventListener('pagehide', () => send(true))
  setInterval(() => video.paused || send(), 10_000)
}

function showProgress(progress) {
  const text = document.querySelector('[data-watched]')
  if (!progress || !text) return
  text.textContent = text.dataset.watched.replace('%', String(progress.watched))
  // A finished lesson changes the page: the next lesson, the progress chart, the certificate.
  if (progress.done && video.ended) location.reload()
}

function followTranscript() {
  const current = video.currentTime
  for (const line of lines) {
    const { from, to } = line.dataset
    const isNow = !line.classList.contains('chapter') && current >= Number(from) && current < Number(to)
    if (isNow && !line.classList.contains('is-now')) {
      transcript.scrollTop = line.offsetTop - transcript.offsetTop - transcript.clientHeight / 2
    }
    line.classList.toggle('is-now', isNow)
    if (isNow) line.setAttribute('aria-current', 'true')
    else line.removeAttribute('aria-current')
  }
}

function seek(event, line) {
  event.preventDefault()
  video.currentTime = Number(line.dataset.from)
  video.focus()
}
