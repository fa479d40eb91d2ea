// Links with `data-dialog` open their page as a dialog. Its form is sent as it would be from the page.
document.addEventListener('click', async event => {
  const link = event.target.closest('a[data-dialog]')
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
  event.preventDefault()
  const answer = await fetch(link.href).catch(() => null)
  const page = answer?.ok && new DOMParser().parseFromString(await answer.text(), 'text/html')
  const content = page && page.querySelector('.dialog-page')
  if (!content) return void (location.href = link.href)
  const dialog = document.createElement('dialog')
  dialog.replaceChildren(...content.childNodes)
  dialog.setAttribute('aria-labelledby', 'dialog-title')
  dialog.querySelector('h1').id = 'dialog-title'
  dialog.addEventListener('close', () => dialog.remove())
  dialog.querySelector('[data-close]')?.addEventListener('click', closing => {
    closing.preventDefault()
    dialog.close()
  })
  document.body.append(dialog)
  dialog.showModal()
})
