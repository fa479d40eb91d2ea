/** A button that copies the text of a field, and says so. Where a page may not, the text is selected. */
for (const button of document.querySelectorAll('[data-copy]')) {
  const field = document.getElementById(button.dataset.copy)
  button.hidden = false
  button.addEventListener('click', async () => {
    field.select()
    try {
      await navigator.clipboard.writeText(field.value)
      button.querySelector('[role="status"]').textContent = button.dataset.copied
    } catch {
      field.focus()
    }
  })
}
