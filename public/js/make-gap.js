/**
 * Makes a gap of the words that are selected in the text of a question: the words become the gap's answer. Without it,
 * the author types `{1}` and the answer.
 *
 * @param {HTMLElement} place with the button, and the sentences that it says
 * @param {(n: number) => HTMLElement | null} rowAt returns the row of a gap, counted from 0; null when there are enough
 */
export function makeGaps(place, rowAt) {
  const text = document.querySelector('#text')
  const status = place.querySelector('[role="status"]')
  place.hidden = false
  place.querySelector('button').addEventListener('click', make)
  text.addEventListener('keydown', event => {
    if (event.code !== 'KeyG' || !event.altKey || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    make()
  })

  function make() {
    const { selectionStart: from, selectionEnd: to, value } = text
    const selected = value.slice(from, to)
    const words = selected.trim()
    if (!words || /[{}\n]/.test(words)) return say(place.dataset.none)
    const used = new Set([...value.matchAll(/\{(\d+)\}/g)].map(([, number]) => Number(number)))
    let n = 0
    while (used.has(n + 1) || rowAt(n)?.querySelector('[name^="accept."]').value.trim()) n++
    const row = rowAt(n)
    if (!row) return say(place.dataset.full)
    row.querySelector('[name^="accept."]').value = words
    const start = from + selected.indexOf(words)
    text.setRangeText(`{${n + 1}}`, start, start + words.length, 'end')
    text.focus()
    text.dispatchEvent(new Event('input', { bubbles: true }))
    say(place.dataset.done.replace('{number}', n + 1).replace('{words}', () => words))
  }

  function say(sentence) {
    status.textContent = sentence
  }
}
