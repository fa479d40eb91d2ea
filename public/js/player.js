/**
 * The controls of a recording, in place of the browser's own: a timeline with its chapters, speed, captions, picture in
 * picture and full screen. Without it, the page has the browser's controls.
 */

const volumeKey = 'media-volume'

/**
 * Shows the controls of a recording.
 *
 * @returns {Record<string, () => void>} what keys do.
 */
export function showPlayer(media) {
  const player = media.closest('[data-player]')
  const frame = player.querySelector('[data-frame]')
  const isVideo = media.tagName === 'VIDEO'
  const part = name => player.querySelector(`[data-${name}]`)
  const play = () => (media.paused ? media.play().catch(() => undefined) : media.pause())
  const skip = seconds =>
    (media.currentTime = Math.min(Math.max(0, media.currentTime + seconds), lengthOf(media)))
  const actions = {
    k: play,
    j: () => skip(-10),
    l: () => skip(10),
    m: () => (media.muted = !media.muted),
    ...(isVideo && {
      c: () => switchCaptions(media),
      f: () => switchFullscreen(media, frame),
      i: () => switchPicture(media),
    }),
  }
  media.removeAttribute('controls')
  player.classList.add('has-controls')
  for (const control of player.querySelectorAll('[data-controls]')) {
    control.hidden = false
    control.classList.add('is-ready')
  }

  showPlaying(media, player, play)
  for (const button of player.querySelectorAll('[data-skip]')) {
    button.addEventListener('click', () => skip(Number(button.dataset.skip)))
  }
  showTimeline(media, part('line'), showChapters(media, player))
  showSpeed(media, part('rate'))
  showVolume(media, part('mute'), part('volume'))
  showFault(media, part('fault'))
  if (isVideo) {
    showCaptions(media, part('captions'), part('languages'))
    showPicture(media, part('picture'))
    showFullscreen(media, frame, part('fullscreen'))
  }
  return actions
}

const lengthOf = media =>
  Number.isFinite(media.duration) ? media.duration : Number(media.dataset.length) || Infinity

function showPlaying(media, player, play) {
  const button = player.querySelector('[data-play]')
  button.addEventListener('click', play)
  player.querySelector('[data-start-button]')?.addEventListener('click', play)
  if (media.tagName === 'VIDEO') media.addEventListener('click', play)
  const update = () => {
    player.classList.toggle('is-playing', !media.paused)
    if (!media.paused) player.classList.add('is-begun')
    button.ariaLabel = media.paused ? button.dataset.play : button.dataset.pause
  }
  for (const name of ['play', 'pause', 'ended']) media.addEventListener(name, update)
  update()
}

/** Says which chapter plays, and leads to the ones before and after it. The line draws them as its parts. */
function showChapters(media, player) {
  const chapters = JSON.parse(media.dataset.chapters || '[]').map(([start, title]) => ({ start, title }))
  const at = time => chapters.findLastIndex(({ start }) => start <= time + 0.05)
  const bar = player.querySelector('[data-chapter]')
  if (!chapters.length) {
    bar.hidden = true
    return { chapters, at }
  }
  const part = name => bar.querySelector(`[data-${name}]`)
  const [back, text, forward] = ['chapter-back', 'chapter-now', 'chapter-forward'].map(part)
  const update = () => {
    const now = at(media.currentTime)
    text.textContent = now < 0 ? '' : titleOf(text.dataset.text, now, chapters[now])
    setEnabled(back, now >= 0)
    setEnabled(forward, now + 1 < chapters.length)
  }
  // Back to the start of this chapter first, as on every player.
  back.addEventListener('click', () => {
    const now = at(media.currentTime)
    const isAtStart = now > 0 && media.currentTime - chapters[now].start < 3
    if (now >= 0) media.currentTime = chapters[isAtStart ? now - 1 : now].start
  })
  forward.addEventListener('click', () => {
    const following = chapters[at(media.currentTime) + 1]
    if (following) media.currentTime = following.start
  })
  for (const name of ['timeupdate', 'seeking', 'loadedmetadata']) media.addEventListener(name, update)
  update()
  return { chapters, at }
}

const titleOf = (text, n, { title }) => text.replace('{number}', n + 1).replace('{title}', () => title)

/** Stays focusable, so that the focus isn't lost at the first and the last chapter. */
function setEnabled(button, isEnabled) {
  button.ariaDisabled = isEnabled ? null : 'true'
}

function showTimeline(media, line, { chapters, at }) {
  const [track, slider, tip] = ['track', 'seek', 'tip'].map(name => line.querySelector(`[data-${name}]`))
  const times = line.parentElement.querySelector('[data-time]')
  let parts = []
  const draw = () => {
    const length = lengthOf(media)
    if (length === Infinity) return
    slider.max = String(length)
    const starts = [...new Set([0, ...chapters.map(({ start }) => start)])].filter(start => start < length)
    parts = starts.map((start, n) => {
      const [part, fill] = [document.createElement('span'), document.createElement('span')]
      const end = starts[n + 1] ?? length
      part.style.flexGrow = String(end - start)
      part.append(fill)
      return { part, fill, start, end }
    })
    track.replaceChildren(...parts.map(({ part }) => part))
    update()
  }
  const update = () => {
    const { currentTime: now } = media
    const length = lengthOf(media)
    slider.value = String(now)
    for (const { fill, start, end } of parts) {
      fill.style.inlineSize = `${100 * Math.min(1, Math.max(0, (now - start) / (end - start)))}%`
    }
    times.textContent = `${clock(now)} / ${length === Infinity ? '–:––' : clock(length)}`
  }
  const titleAt = time => chapters[at(time)]?.title
  // Only when someone moves it, or a screen reader would say each second.
  const say = () => {
    const time = Number(slider.value)
    const position = slider.dataset.text
      .replace('{time}', clock(time))
      .replace('{length}', clock(lengthOf(media)))
    slider.ariaValueText = [position, titleAt(time)].filter(Boolean).join(', ')
  }
  const showTip = (time, share) => {
    tip.textContent = [clock(time), titleAt(time)].filter(Boolean).join('  ')
    tip.hidden = false
    const room = line.clientWidth - tip.offsetWidth
    tip.style.left = `${Math.max(0, Math.min(room, share * line.clientWidth - tip.offsetWidth / 2))}px`
  }
  const showTipAtSlider = () => showTip(Number(slider.value), Number(slider.value) / Number(slider.max))
  const hideTip = () => (tip.hidden = true)

  for (const name of ['loadedmetadata', 'durationchange']) media.addEventListener(name, draw)
  for (const name of ['timeupdate', 'seeking']) media.addEventListener(name, update)
  for (const name of ['seeked', 'pause', 'loadedmetadata']) media.addEventListener(name, say)
  slider.addEventListener('input', () => {
    media.currentTime = Number(slider.value)
    say()
    showTipAtSlider()
  })
  slider.addEventListener('keydown', event => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5 }[event.key]
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    media.currentTime = Math.min(Math.max(0, media.currentTime + step), lengthOf(media))
    slider.value = String(media.currentTime)
    say()
    showTipAtSlider()
  })
  slider.addEventListener('focus', () => {
    say()
    if (slider.matches(':focus-visible')) showTipAtSlider()
  })
  slider.addEventListener('blur', hideTip)
  line.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = line.getBoundingClientRect()
    const share = Math.min(1, Math.max(0, (clientX - left) / width))
    showTip(share * Number(slider.max), share)
  })
  line.addEventListener('pointerleave', hideTip)
  draw()
}

/** A speed that isn't listed, set by the browser's own controls, is listed while it is in use. */
function showSpeed(media, rate) {
  const update = () => {
    const value = String(media.playbackRate)
    rate.querySelector('[data-other]')?.remove()
    if (![...rate.options].some(option => option.value === value)) {
      const option = new Option(`${value}×`, value)
      option.dataset.other = ''
      rate.append(option)
    }
    rate.value = value
  }
  update()
  media.addEventListener('ratechange', update)
  rate.addEventListener('change', () => (media.playbackRate = Number(rate.value)))
}

function showVolume(media, mute, volume) {
  try {
    const kept = Number(localStorage.getItem(volumeKey) ?? 1)
    if (kept > 0 && kept < 1) media.volume = kept
  } catch {
    // The browser keeps nothing.
  }
  const update = () => {
    const isMuted = media.muted || media.volume === 0
    mute.ariaPressed = String(isMuted)
    volume.value = String(media.muted ? 0 : media.volume)
  }
  mute.addEventListener('click', () => (media.muted = !media.muted))
  volume.addEventListener('input', () => {
    media.muted = false
    media.volume = Number(volume.value)
    try {
      localStorage.setItem(volumeKey, volume.value)
    } catch {
      // The volume ends with the page.
    }
  })
  media.addEventListener('volumechange', update)
  update()
}

function showFault(media, fault) {
  // It may have failed before this script ran.
  fault.hidden = media.networkState !== HTMLMediaElement.NETWORK_NO_SOURCE
  // The error of a source doesn't bubble.
  media.addEventListener('error', () => (fault.hidden = false), true)
  media.addEventListener('loadedmetadata', () => (fault.hidden = true))
  fault.querySelector('button').addEventListener('click', () => {
    fault.hidden = true
    media.load()
  })
}

const captionsOf = media =>
  [...media.textTracks].filter(({ kind }) => kind === 'captions' || kind === 'subtitles')

/** One track has a button, several have a choice of languages. */
function showCaptions(media, button, languages) {
  const update = () => {
    const shown = captionsOf(media).findIndex(({ mode }) => mode === 'showing')
    if (button) button.ariaPressed = String(shown >= 0)
    if (languages) languages.value = String(shown)
  }
  button?.addEventListener('click', () => switchCaptions(media))
  languages?.addEventListener('change', () => showTrack(media, Number(languages.value)))
  media.textTracks.addEventListener('change', update)
  media.addEventListener('loadedmetadata', update)
  update()
}

/** Shows the first captions, or hides those that are shown. */
function switchCaptions(media) {
  showTrack(media, captionsOf(media).some(({ mode }) => mode === 'showing') ? -1 : 0)
}

function showTrack(media, shown) {
  for (const [n, track] of captionsOf(media).entries()) track.mode = n === shown ? 'showing' : 'hidden'
}

function showPicture(media, button) {
  button.hidden = !document.pictureInPictureEnabled
  button.addEventListener('click', () => switchPicture(media))
  media.addEventListener('enterpictureinpicture', () => (button.ariaPressed = 'true'))
  media.addEventListener('leavepictureinpicture', () => (button.ariaPressed = 'false'))
}

function switchPicture(media) {
  if (document.pictureInPictureElement) void document.exitPictureInPicture()
  else media.requestPictureInPicture?.().catch(() => undefined)
}

function showFullscreen(media, frame, button) {
  // A frame on another site may not.
  button.hidden = !document.fullscreenEnabled && !media.webkitEnterFullscreen
  button.addEventListener('click', () => switchFullscreen(media, frame))
  document.addEventListener('fullscreenchange', () => {
    button.ariaPressed = String(document.fullscreenElement === frame)
  })
}

/** With the controls; on an iPhone the video alone, with the browser's own. */
function switchFullscreen(media, frame) {
  if (document.fullscreenElement) void document.exitFullscreen()
  else if (frame.requestFullscreen) frame.requestFullscreen().catch(() => undefined)
  else media.webkitEnterFullscreen?.()
}

/** Formats seconds as on a player: 292 becomes `4:52`, 3661 `1:01:01`. */
function clock(seconds) {
  const whole = Math.floor(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  const two = value => String(value).padStart(2, '0')
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}
