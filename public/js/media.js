/**
 * A lesson with a recording: records which seconds really play, reports them every 10 seconds, on pause and when the
 * learner leaves, and marks in each list of times where the recording is. The times seek in it. Buttons to skip and a
 * choice of speed appear where a page has them.
 */
import { reporter } from './report.js'

const media = document.querySelector('[data-media]')
const lesson = document.querySelector('[data-lesson]')
const timelines = [...document.querySelectorAll('[data-timeline]')]

if (media) {
  const start = Number(media.dataset.start)
  if (start > 0) media.addEventListener('loadedmetadata', () => (media.currentTime = start), { once: true })
  media.addEventListener('timeupdate', followRecording)
  for (const timeline of timelines) {
    for (const line of linesOf(timeline)) {
      line.querySelector('a').addEventListener('click', event => seek(event, line, timeline))
    }
  }
  showControls(document.querySelector('[data-media-controls]'))
  const token = lesson?.dataset.learner
  if (token) reportProgress(reporter(`${lesson.dataset.lesson}/progress`, token))
}

function reportProgress(report) {
  let ranges = []
  let last = null
  // A recording whose file doesn't know its length can play on after its captions, where nothing is counted.
  const length = Number(media.dataset.length) || Infinity

  // People look at a video, but they listen to audio while they do something else.
  const isHidden = () => document.hidden && media.tagName !== 'AUDIO'
  // Between two updates a recording plays no faster than its rate: a longer step is a seek, and was not played.
  const recordPlayed = () => {
    const current = Math.min(media.currentTime, length)
    const isPlaying = !media.paused && !media.seeking && !isHidden()
    if (
      isPlaying &&
      last !== null &&
      current > last &&
      current - last < 1.5 * Math.max(1, media.playbackRate)
    ) {
      const range = ranges.at(-1)
      if (range && Math.abs(range[1] - last) < 0.05) range[1] = current
      else ranges.push([last, current])
    }
    last = isPlaying ? current : null
  }
  const send = async (isLeaving = false) => {
    recordPlayed()
    if (!ranges.length) return
    const fields = {
      ranges: ranges.map(range => range.map(second => second.toFixed(2)).join('-')).join(','),
      position: media.currentTime.toFixed(1),
      rate: String(media.playbackRate),
    }
    ranges = []
    showProgress(await report(fields, isLeaving))
  }
  media.addEventListener('timeupdate', recordPlayed)
  media.addEventListener('seeking', () => (last = null))
  media.addEventListener('pause', () => send())
  media.addEventListener('ended', () => send())
  document.addEventListener('visibilitychange', () => document.hidden && send(true))
  addEventListener('pagehide', () => send(true))
  setInterval(() => media.paused || send(), 10_000)
}

function showProgress(progress) {
  if (!progress) return
  for (const text of document.querySelectorAll('[data-played]')) text.textContent = progress.played
  // A finished lesson changes the page: the next lesson, the progress chart, the certificate.
  if (progress.done && media.ended) location.reload()
}

function followRecording() {
  const current = media.currentTime
  for (const timeline of timelines) {
    for (const line of linesOf(timeline)) {
      const { from, to } = line.dataset
      const isNow = !line.classList.contains('chapter') && current >= Number(from) && current < Number(to)
      if (isNow && !line.classList.contains('is-now')) {
        timeline.scrollTop = line.offsetTop - timeline.offsetTop - timeline.clientHeight / 2
      }
      line.classList.toggle('is-now', isNow)
      if (isNow) line.setAttribute('aria-current', 'true')
      else line.removeAttribute('aria-current')
    }
  }
}

function linesOf(timeline) {
  return [...timeline.querySelectorAll('li')]
}

/** A chapter plays at once, and the focus stays in the list. A line of a transcript moves it to the player. */
function seek(event, line, timeline) {
  event.preventDefault()
  media.currentTime = Number(line.dataset.from)
  if (timeline.dataset.timeline === 'play') media.play().catch(() => undefined)
  else media.focus()
}

function showControls(controls) {
  if (!controls) return
  controls.hidden = false
  for (const button of controls.querySelectorAll('[data-skip]')) {
    button.addEventListener('click', () => {
      const end = Number.isFinite(media.duration) ? media.duration : Infinity
      media.currentTime = Math.min(Math.max(0, media.currentTime + Number(button.dataset.skip)), end)
    })
  }
  const rate = controls.querySelector('[data-rate]')
  rate.addEventListener('change', () => (media.playbackRate = Number(rate.value)))
}
