/**
 * A transcript beside a recording: a search that marks and counts what it finds, and a switch for whether the list
 * follows the recording.
 */

const stillKey = 'transcript-still'

/** @returns {{ follow: (line: Element) => void }} brings the line that is being said into view. */
export function showTranscript(section) {
  const list = section.querySelector('[data-timeline]')
  const tools = section.querySelector('[data-transcript-tools]')
  const follows = tools.querySelector('[data-follow]')
  tools.hidden = false
  follows.checked = !isStill()
  follows.addEventListener('change', () => keepStill(!follows.checked))
  const search = searchIn(list, tools)
  const show = line => (list.scrollTop = line.offsetTop - list.offsetTop - list.clientHeight / 2)
  search.onMatch(show)
  return { follow: line => follows.checked && !search.isActive() && show(line) }
}

function isStill() {
  try {
    return localStorage.getItem(stillKey) !== null
  } catch {
    return false
  }
}

function keepStill(isOn) {
  try {
    if (isOn) localStorage.setItem(stillKey, 'true')
    else localStorage.removeItem(stillKey)
  } catch {
    // The choice ends with the page.
  }
}

/** Enter and Shift+Enter go through the matches, Escape ends the search. */
function searchIn(list, tools) {
  const [input, status] = [tools.querySelector('[data-find]'), tools.querySelector('[data-found]')]
  const texts = [...list.querySelectorAll('[data-text]')]
  let matches = []
  let current = -1
  let show = () => undefined
  const find = () => {
    for (const text of texts) text.replaceChildren(text.textContent)
    const wanted = folded(input.value.trim()).join('')
    matches = wanted ? texts.flatMap(text => markIn(text, wanted)) : []
    current = -1
    if (matches.length) go(1)
    else status.textContent = wanted ? status.dataset.none : ''
    for (const button of tools.querySelectorAll('[data-go]')) button.hidden = !matches.length
  }
  const go = step => {
    if (!matches.length) return
    matches[current]?.classList.remove('is-match')
    current = (current + step + matches.length) % matches.length
    matches[current].classList.add('is-match')
    show(matches[current].closest('li'))
    status.textContent = status.dataset.found
      .replace('{number}', current + 1)
      .replace('{total}', matches.length)
  }
  input.addEventListener('input', find)
  input.addEventListener('keydown', event => {
    if (event.isComposing) return
    if (event.key === 'Enter') go(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape' && input.value) {
      input.value = ''
      find()
    } else return
    event.preventDefault()
  })
  for (const button of tools.querySelectorAll('[data-go]')) {
    button.addEventListener('click', () => go(Number(button.dataset.go)))
  }
  return { onMatch: listener => (show = listener), isActive: () => input.value.trim() !== '' }
}

/** Marks each match in a text of which only the text is kept, and returns the marks. */
function markIn(element, wanted) {
  const text = element.textContent
  const letters = folded(text)
  const marks = []
  const parts = []
  let end = 0
  for (let start = 0; start < letters.length; start++) {
    const length = lengthOfMatch(letters, start, wanted)
    if (!length) continue
    const mark = document.createElement('mark')
    mark.textContent = text.slice(start, start + length)
    parts.push(text.slice(end, start), mark)
    marks.push(mark)
    end = start + length
    start = end - 1
  }
  if (marks.length) element.replaceChildren(...parts, text.slice(end))
  return marks
}

/** How many letters of a text from `start` on say what is wanted; 0 when they say something else. */
function lengthOfMatch(letters, start, wanted) {
  let said = ''
  for (let n = start; n < letters.length && wanted.startsWith(said); n++) {
    said += letters[n]
    if (said && said.startsWith(wanted)) return n - start + 1
  }
  return 0
}

/** Each letter without its case and accents: `gerat` finds `Gerät`. */
function folded(text) {
  return [...Array(text.length).keys()].map(n =>
    text[n].normalize('NFD').replace(/\p{M}/gu, '').toLowerCase(),
  )
}
