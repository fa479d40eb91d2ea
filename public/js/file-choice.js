/** Shows the picture of the file that is chosen in a list, or its ending. The server does so when the page is opened. */
document.addEventListener('change', ({ target }) => {
  const place = target.closest('.file-choice')?.querySelector('[data-file-picture]')
  if (place) place.replaceChildren(pictureOf(target.selectedOptions[0].dataset))
})

function pictureOf({ picture, video, ending = '' }) {
  if (picture) return Object.assign(new Image(), { src: picture, alt: '' })
  if (video) {
    const properties = { src: video, preload: 'metadata', muted: true, playsInline: true, tabIndex: -1 }
    return Object.assign(document.createElement('video'), properties)
  }
  return Object.assign(document.createElement('span'), { textContent: ending })
}
