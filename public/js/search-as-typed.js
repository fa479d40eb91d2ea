/**
 * Searches a list while someone types: the page that the form leads to is fetched, and `show` puts it into this one.
 * The focus stays in the field. Without a response, the form is sent as usual.
 *
 * @param {(page: Document, url: string) => void} show
 */
export function searchAsTyped(show) {
  let waiting
  let pending
  const search = form => {
    clearTimeout(waiting)
    pending?.abort()
    pending = new AbortController()
    const fields = [...new FormData(form)].filter(([, value]) => value)
    const url = `${form.getAttribute('action')}?${new URLSearchParams(fields)}`
    fetch(url, { headers: { accept: 'text/html' }, signal: pending.signal })
      .then(async response => {
        if (!response.ok) throw new Error(String(response.status))
        show(new DOMParser().parseFromString(await response.text(), 'text/html'), response.url)
      })
      .catch(error => {
        if (error.name !== 'AbortError') location.href = url
      })
  }
  addEventListener('input', event => {
    const form = event.target.closest('form[data-search]')
    if (!form || event.target.type !== 'search' || event.isComposing) return
    clearTimeout(waiting)
    waiting = setTimeout(() => search(form), 200)
  })
  addEventListener('submit', event => {
    const form = event.target.closest('form[data-search]')
    if (!form) return
    event.preventDefault()
    search(form)
  })
}
