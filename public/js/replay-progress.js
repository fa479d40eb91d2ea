// Reads the progress of a replay again while it runs, and its page once it has ended.
const every = 2000
/** What changes around a replay: the state, the alarm, the figures and the chart. */
const parts = ['.endpoint-url', '.endpoint-alarm', '.endpoint-facts']

async function refresh() {
  const shown = document.getElementById('replay')
  if (!shown?.hasAttribute('data-running')) return
  if (!document.hidden && !shown.contains(document.activeElement)) {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null)
    const page = response?.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
    if (page) show(page)
  }
  setTimeout(refresh, every)
}

function show(page) {
  const next = page.getElementById('replay')
  if (!next) return
  document.getElementById('replay').replaceWith(next)
  for (const part of parts) {
    const [before, after] = [document, page].map(each => each.querySelector(part))
    if (after) before?.replaceWith(after)
    else before?.remove()
  }
  // The list of attempts has a script of its own, which keeps the place in it.
  if (!next.hasAttribute('data-running')) dispatchEvent(new Event('replay-end'))
}

setTimeout(refresh, every)
