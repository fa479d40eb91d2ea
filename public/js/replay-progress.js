// Reads the progress of a replay again while it runs, and its page once it has ended.
const every = 2000

async function refresh() {
  const shown = document.getElementById('replay')
  if (!shown?.hasAttribute('data-running')) return
  if (!document.hidden && !shown.contains(document.activeElement)) {
    const response = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => null)
    const page = response?.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
    const next = page && page.getElementById('replay')
    if (next) document.getElementById('replay').replaceWith(next)
    const facts = next && page.querySelector('.endpoint-facts')
    if (facts) document.querySelector('.endpoint-facts').replaceWith(facts)
  }
  setTimeout(refresh, every)
}

setTimeout(refresh, every)
