/**
 * Counts which seconds of a recording really play, reports them every 10 seconds, on pause and when the learner leaves,
 * and says how many there are as they pass. What was counted before is in the page, and what the server has counted in
 * each of its answers.
 */
import { reporter } from './report.js'

export function countPlayed(media, url, token) {
  const report = reporter(url, token)
  // A recording whose file doesn't know its length can play on after its captions, where nothing is counted.
  const length = Number(media.dataset.length) || Infinity
  const texts = [...document.querySelectorAll('[data-played]')]
  const pattern = JSON.parse(texts[0]?.dataset.pattern ?? 'null')
  let counted = rangesOf(media.dataset.watched)
  let sending = []
  let ranges = []
  let last = null
  let said = 0

  // People look at a video, but they listen to audio while they do something else, and a small window stays in view.
  const isHidden = () =>
    document.hidden && media.tagName !== 'AUDIO' && document.pictureInPictureElement !== media
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
    sayPlayed()
  }
  const sayPlayed = () => {
    if (!pattern || Math.floor(media.currentTime) === said) return
    said = Math.floor(media.currentTime)
    const seconds = secondsIn([...counted, ...sending, ...ranges])
    for (const text of texts) text.textContent = sentence(pattern, seconds, length)
  }
  const send = async (isLeaving = false) => {
    recordPlayed()
    if (!ranges.length) return
    const fields = {
      ranges: ranges.map(range => range.map(second => second.toFixed(2)).join('-')).join(','),
      position: media.currentTime.toFixed(1),
      rate: String(media.playbackRate),
    }
    const sent = ranges
    sending.push(...sent)
    ranges = []
    const progress = await report(fields, isLeaving)
    sending = sending.filter(range => !sent.includes(range))
    // Nothing answers a report of a page that is left, which may come back.
    if (isLeaving) counted.push(...sent)
    if (!progress) return
    counted = rangesOf(progress.watched)
    for (const text of texts) text.textContent = progress.played
    // A finished lesson changes the page: the next lesson, the progress chart, the certificate.
    if (progress.done && media.ended) location.reload()
  }
  media.addEventListener('timeupdate', recordPlayed)
  media.addEventListener('seeking', () => (last = null))
  media.addEventListener('pause', () => send())
  media.addEventListener('ended', () => send())
  document.addEventListener('visibilitychange', () => document.hidden && send(true))
  addEventListener('pagehide', () => send(true))
  setInterval(() => media.paused || send(), 10_000)
}

/** Reads `0-30,45-60`. */
function rangesOf(text) {
  return (text || '')
    .split(',')
    .filter(Boolean)
    .map(range => range.split('-').map(Number))
}

/** How many different seconds there are, as the server counts them: each belongs to the range that has its middle. */
function secondsIn(ranges) {
  let seconds = 0
  let end = 0
  for (const [from, to] of ranges.map(range => range.map(Math.round)).sort(([a], [b]) => a - b)) {
    seconds += Math.max(0, to - Math.max(from, end))
    end = Math.max(end, to)
  }
  return seconds
}

/** Fills the server's sentence, which has `{played}` and `{percent}`. */
function sentence({ text, duration }, played, length) {
  const [minutes, seconds] = [Math.floor(played / 60), played % 60]
  const shape = duration[minutes ? (seconds ? 'both' : 'minutes') : 'seconds']
  const time = shape.replace('{minutes}', minutes).replace('{seconds}', seconds)
  const percent = Math.min(100, Math.floor((100 * played) / length))
  return text.replace('{played}', () => time).replace('{percent}', percent)
}
