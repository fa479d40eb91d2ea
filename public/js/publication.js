/**
 * The page that publishes a course, as a dialog over the other pages of the course. The dialog has the address of the
 * page: "back" closes it, and reloading shows the page. Without this file, its link is followed.
 */
const isPublication = path => /^\/studio\/courses\/[^/]+\/publications\/new$/.test(path)
/** What the document in the window is about, whatever address a dialog has given it. */
const here = location.pathname
let dialog = null

document.addEventListener('click', openFromLink)
window.addEventListener('popstate', () => {
  if (dialog) dialog.close()
  // "Forward" to the dialog, or "back" from the page after it was reloaded.
  else if (location.pathname !== here) location.reload()
})

async function openFromLink(event) {
  const link = event.target.closest('a[href]')
  const isElsewhere = event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey
  if (!link || dialog || isElsewhere || !isPublication(link.pathname) || isPublication(here)) return
  // What a script couldn't save is said on the page, and the second click follows the link.
  if (link.dataset.unsaved !== undefined) return
  event.preventDefault()
  const saves = []
  document.dispatchEvent(new CustomEvent('flush', { detail: saves }))
  const isSaved = (await Promise.all(saves)).every(Boolean)
  if (!isSaved) return void (link.dataset.unsaved = '')
  const content = await contentOf(fetch(link.href))
  // A save replaces the link.
  const opener = link.isConnected ? link : document.querySelector(`a[href="${link.getAttribute('href')}"]`)
  if (content) open(content, link.href, opener)
  else location.assign(link.href)
}

function open(content, href, opener) {
  dialog = document.createElement('dialog')
  dialog.className = 'publication-dialog'
  dialog.setAttribute('aria-labelledby', 'publication-title')
  dialog.addEventListener('click', event => {
    if (!event.target.closest('[data-close]')) return
    event.preventDefault()
    dialog.close()
  })
  dialog.addEventListener('submit', send)
  dialog.addEventListener('close', () => {
    dialog.remove()
    dialog = null
    if (isPublication(location.pathname)) history.back()
    opener?.focus()
  })
  document.body.append(dialog)
  history.pushState(null, '', href)
  dialog.showModal()
  show(content)
}

/** Shows the page's content; the focus is on what prevented the publication, or else on the heading. */
function show(content) {
  dialog.replaceChildren(content)
  const heading = dialog.querySelector('h1')
  heading.id = 'publication-title'
  heading.tabIndex = -1
  const place = dialog.querySelector('[role="alert"]') ?? heading
  place.tabIndex = -1
  place.focus()
}

/** Sends the form. After a publication, the page says what was done; what prevented one is shown in the dialog. */
async function send(event) {
  event.preventDefault()
  const button = event.submitter
  if (dialog.dataset.sending !== undefined) return
  dialog.dataset.sending = ''
  const url = button.getAttribute('formaction') ?? event.target.getAttribute('action')
  const body = new URLSearchParams(new FormData(event.target))
  const response = await fetch(url, { method: 'POST', body, redirect: 'manual' }).catch(() => null)
  // In place of the dialog's address, so that "back" leads to what was there before it.
  if (response?.type === 'opaqueredirect') return location.replace(button.dataset.next)
  const content = response && (await contentOf(response))
  if (!dialog) return
  delete dialog.dataset.sending
  if (content) show(content)
  else event.target.submit()
}

/** Returns what the dialog shows of a page, with its message; null for another page. */
async function contentOf(response) {
  const found = await Promise.resolve(response).catch(() => null)
  if (!found) return null
  const page = new DOMParser().parseFromString(await found.text(), 'text/html')
  const content = page.querySelector('.publication')
  const message = page.querySelector('.studio-flash .flash')
  if (message) content?.querySelector('.publication-head').after(message)
  return content
}
