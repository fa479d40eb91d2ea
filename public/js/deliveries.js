// The chosen delivery opens at the side instead of on its page.
const side = document.getElementById('delivery')
const table = document.querySelector('.deliveries')

table?.addEventListener('click', async event => {
  const link = event.target.closest('a')
  if (!link || !side || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  // On a phone the side lies far below the table: there the page itself is better.
  if (side.getBoundingClientRect().top > table.getBoundingClientRect().bottom) return
  event.preventDefault()
  const answer = await fetch(link.href).catch(() => null)
  const part =
    answer?.ok && new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('delivery')
  if (!part) return void (location.href = link.href)
  side.replaceChildren(...part.childNodes)
  table.querySelector('[aria-current]')?.removeAttribute('aria-current')
  table.querySelector('.is-chosen')?.classList.remove('is-chosen')
  const row = link.closest('tr')
  row.classList.add('is-chosen')
  row.setAttribute('aria-current', 'true')
})
