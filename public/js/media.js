/**
 * A lesson with a recording: records which seconds really play, reports them every 10 seconds, on pause and when the
 * learner leaves, and marks in each list of times where the recording is. The times seek in it. Keys control it from
 * anywhere on the page, and its speed is kept in the browser. Buttons to skip and a choice of speed appear where a page
 * has them.
 */
import { isShortcut } from './lesson-keys.js'
import { reporter } from './report.js'

const media = document.querySelector('[data-media]')
const lesson = document.querySelector('[data-lesson]')
const speeds = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2]
const speedKey = 'media-speed'
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
  keepSpeed()
  document.addEventListener('keydown', pressKey)
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

/** Plays at the speed that was chosen last in this browser, and keeps what is chosen here. */
function keepSpeed() {
  try {
    const kept = Number(localStorage.getItem(speedKey))
    if (speeds.includes(kept)) media.playbackRate = media.defaultPlaybackRate = kept
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

function pressKey(event) {
  if (!isShortcut(event)) return
  const action = actions[event.key.toLowerCase()]
  if (!action) return
  action()
  event.preventDefault()
}

const actions = {
  k: () => (media.paused ? media.play().catch(() => undefined) : media.pause()),
  j: () => skip(-10),
  l: () => skip(10),
  m: () => (media.muted = !media.muted),
  c: switchCaptions,
  f: switchFullscreen,
  i: switchPicture,
  '<': () => changeSpeed(-1),
  '>': () => changeSpeed(1),
}

function skip(seconds) {
  const end = Number.isFinite(media.duration) ? media.duration : Infinity
  media.currentTime = Math.min(Math.max(0, media.currentTime + seconds), end)
}

function changeSpeed(step) {
  const next = speeds[speeds.indexOf(media.playbackRate) + step]
  if (next) media.playbackRate = next
}

/** Shows the default captions, or hides those that are shown. */
function switchCaptions() {
  const tracks = [...media.textTracks].filter(({ kind }) => kind === 'captions' || kind === 'subtitles')
  const shown = tracks.filter(({ mode }) => mode === 'showing')
  for (const track of shown) track.mode = 'hidden'
  if (!shown.length && tracks[0]) tracks[0].mode = 'showing'
}

function switchFullscreen() {
  if (document.fullscreenElement) void document.exitFullscreen()
  else if (media.tagName === 'VIDEO') media.requestFullscreen?.().catch(() => undefined)
}

function switchPicture() {
  if (document.pictureInPictureElement) void document.exitPictureInPicture()
  else media.requestPictureInPicture?.().catch(() => undefined)
}

function showControls(controls) {
  if (!controls) return
  controls.hidden = false
  for (const button of controls.querySelectorAll('[data-skip]')) {
    button.addEventListener('click', () => skip(Number(button.dataset.skip)))
  }
  const rate = controls.querySelector('[data-rate]')
  const showSpeed = () => (rate.value = String(media.playbackRate))
  showSpeed()
  media.addEventListener('ratechange', showSpeed)
  rate.addEventListener('change', () => (media.playbackRate = Number(rate.value)))
}
