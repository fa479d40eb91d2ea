/**
 * Questions beside a lesson and on their own pages: shows similar ones while someone types (data-similar), asks about
 * the second that the recording is at (data-second), takes a
 * pasted picture (data-pasted), and copies the address of an answer (data-share). Without it, the
 * question is about the lesson as a whole, and the link leads to the answer.
 */
const pause = 400
const fewest = 12

for (const form of document.querySelectorAll('form[data-similar]')) {
  const field = form.querySelector('textarea')
  const rows = form.querySelector('[data-similar-rows]')
  let timer
  let asked = ''
  field.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(look, pause)
  })
  form.addEventListener('submit', () => {
    const second = form.querySelector('[data-second]')
    const media = document.querySelector('video, audio')
    if (second && media?.currentTime > 0) second.value = String(Math.floor(media.currentTime))
  })

  async function look() {
    const typed = field.value.trim()
    if (typed === asked) return
    asked = typed
    if (typed.length < fewest) {
      rows.replaceChildren()
      return
    }
    try {
      const response = await fetch(
        `${form.dataset.similar}?${new URLSearchParams({ q: typed.slice(0, 500) })}`,
      )
      if (!response.ok || field.value.trim() !== typed) return
      const part = document.createElement('template')
      part.innerHTML = await response.text()
      rows.replaceChildren(part.content)
    } catch {
      // Offline: asking still works once the connection is back.
    }
  }
}

for (const link of document.querySelectorAll('a[data-share]')) {
  link.addEventListener('click', async event => {
    event.preventDefault()
    await navigator.clipboard.writeText(link.href)
    const text = link.textContent
    link.textContent = link.dataset.share
    setTimeout(() => (link.textContent = text), 2000)
  })
}

for (const form of document.querySelectorAll('form[data-pasted]')) {
  form.addEventListener('paste', event => {
    const [picture] = [...(event.clipboardData?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
    const field = form.querySelector('input[type=file]')
    if (!picture || !field) return
    event.preventDefault()
    const chosen = new DataTransfer()
    chosen.items.add(picture)
    field.files = chosen.files
    field.closest('details').open = true
  })
}
