// A link with data-dialog opens its page as a dialog: the content of .dialog-page, whose form is sent as usual. Without
// a response, or without that content, the link is followed.
document.addEventListener('click', async event => {
  const link = event.target.closest('a[data-dialog]')
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  const response = await fetch(link.href).catch(() => null)
  const page = response?.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
  // It would be about a lead that is no longer on the page, or there already.
  if (!link.isConnected || link.closest('[inert]') || document.querySelector('dialog:modal')) return
  const content = page && page.querySelector('.dialog-page')
  if (!content) return void (location.href = link.href)
  const dialog = document.createElement('dialog')
  dialog.replaceChildren(...content.childNodes)
  dialog.setAttribute('aria-labelledby', 'dialog-title')
  dialog.querySelector('h1').id = 'dialog-title'
  dialog.addEventListener('close', () => dialog.remove())
  dialog.querySelector('[data-close]')?.addEventListener('click', click => {
    click.preventDefault()
    dialog.close()
  })
  document.body.append(dialog)
  dialog.showModal()
})

// A button copies words of the page, without the quotes around them, and says so.
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copy-text]')
  if (!button) return
  const source = document.getElementById(button.dataset.copyText)
  try {
    await navigator.clipboard.writeText(source.textContent.trim().replace(/^“|”$/g, ''))
    button.textContent = button.dataset.copied
  } catch {
    getSelection().selectAllChildren(source)
  }
})

const print = document.querySelector('[data-print]')
print?.classList.add('is-ready')
print?.addEventListener('click', () => window.print())
