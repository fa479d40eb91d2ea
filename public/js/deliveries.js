// Opens the chosen delivery next to the list instead of on its own page.
const side = document.getElementById('delivery')
const table = document.querySelector('.deliveries')

table?.addEventListener('click', async event => {
  const link = event.target.closest('a')
  if (!link || !side || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  // On a phone the side panel is far below the table, so the link opens the page.
  if (side.getBoundingClientRect().top > table.getBoundingClientRect().bottom) return
  event.preventDefault()
  const delivery = await fetchDelivery(link.href)
  if (!delivery) return void (location.href = link.href)
  side.replaceChildren(...delivery.childNodes)
  markChosen(link.closest('tr'))
})

/** Returns the delivery from its page as an element; null when it can't be loaded. */
async function fetchDelivery(href) {
  const response = await fetch(href).catch(() => null)
  if (!response?.ok) return null
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  return page.getElementById('delivery')
}

function markChosen(row) {
  const previous = table.querySelector('.is-chosen')
  previous?.removeAttribute('aria-current')
  previous?.classList.remove('is-chosen')
  row.classList.add('is-chosen')
  row.setAttribute('aria-current', 'true')
}
