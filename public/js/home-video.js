/**
 * The film over the picture of the home page plays once it is opened: that was the click. At its end, and with Escape,
 * the picture is back. One without a picture stays as it is. Nothing of a closed film is loaded, its still neither.
 */
const film = document.querySelector('.home-video:not([open])')
const video = film?.querySelector('video')

if (film) {
  film.addEventListener('toggle', () => {
    if (!film.open) return video.pause()
    if (video.dataset.poster) video.poster = video.dataset.poster
    video.focus()
    video.play().catch(() => undefined)
  })
  video.addEventListener('ended', () => document.fullscreenElement || close())
  film.addEventListener('keydown', event => event.key === 'Escape' && !document.fullscreenElement && close())
}

function close() {
  film.open = false
  film.querySelector('summary').focus()
}
