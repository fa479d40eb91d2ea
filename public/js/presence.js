// Tells the academy that a part of a course is being edited here, while the page is visible, and shows who else is.
// Without this file, the page shows who was there when it was opened.

const place = document.querySelector('[data-presence]')
const interval = 15_000
/** Tells this page from the others of its reader: one may be left after the next one has been opened. */
const page = Array.from(crypto.getRandomValues(new Uint32Array(3)), part => part.toString(36)).join('-')
let timer

if (place) {
  beat()
  document.addEventListener('visibilitychange', beat)
  window.addEventListener('pageshow', event => event.persisted && beat())
  window.addEventListener('pagehide', () => {
    clearTimeout(timer)
    navigator.sendBeacon(`${place.dataset.presence}/end`, fields())
  })
}

function fields() {
  const _csrf = document.querySelector('[name="_csrf"]').value
  return new URLSearchParams({ _csrf, place: place.dataset.place, page })
}

async function beat() {
  clearTimeout(timer)
  if (document.hidden) return
  timer = setTimeout(beat, interval)
  try {
    const response = await fetch(place.dataset.presence, { method: 'POST', body: fields() })
    // Whoever is signed out, or may no longer write here, is no longer here.
    if (response.status >= 400 && response.status < 500) clearTimeout(timer)
    if (response.ok) show(await response.json())
  } catch {
    // The next one may arrive.
  }
}

function show({ here, lessons }) {
  replace(place, here)
  for (const mark of document.querySelectorAll('[data-present]')) {
    replace(mark, lessons[mark.dataset.present] ?? '')
  }
}

/** Leaves what hasn't changed alone, so that it isn't read out again. */
function replace(element, html) {
  const fresh = document.createElement('template')
  fresh.innerHTML = html
  if (wordsOf(fresh.content) !== wordsOf(element)) element.replaceChildren(fresh.content)
}

function wordsOf(element) {
  return element.textContent.replace(/\s+/g, ' ').trim()
}
