/**
 * The tour of the home page, in a dialog over it. Its script is loaded once someone opens it; without this file, the
 * link leads to the tour's lesson.
 */
const dialog = document.querySelector('[data-tour-dialog]')

document.querySelector('[data-tour-open]').addEventListener('click', event => {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  dialog.showModal()
  dialog.querySelector('h2').focus()
  // Without a connection the steps are a list of pictures.
  import('./tour.js').catch(() => undefined)
})
dialog.querySelector('[data-close]').addEventListener('click', () => dialog.close())
