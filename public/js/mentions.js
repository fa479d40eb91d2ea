/**
 * Names of teammates, completed while someone types "@" in a comment: a list below the text box, with the pattern of a
 * combobox for a box of several lines. Up and Down choose, Enter and Tab complete, Escape closes. Without this file, a
 * name is typed as a hint shows it.
 */
const section = document.querySelector('[data-people]')
const people = JSON.parse(section?.dataset.people ?? '[]')
const maxShown = 6

for (const box of people.length ? section.querySelectorAll('textarea:is([name="text"], [name="reply"])') : [])
  complete(box)

function complete(box) {
  const list = document.createElement('ul')
  list.id = `${box.id}-people`
  list.className = 'mentions'
  list.hidden = true
  list.setAttribute('role', 'listbox')
  list.setAttribute('aria-label', section.dataset.peopleLabel)
  const status = document.createElement('span')
  status.className = 'visually-hidden'
  status.setAttribute('role', 'status')
  box.after(list, status)
  box.setAttribute('aria-autocomplete', 'list')
  box.setAttribute('aria-controls', list.id)
  box.autocomplete = 'off'
  let chosen = 0
  /** Where the "@" is that a name is typed after. */
  let start = -1

  box.addEventListener('input', show)
  box.addEventListener('click', show)
  box.addEventListener('blur', close)
  box.addEventListener('keydown', event => {
    if (list.hidden || event.isComposing) return
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step) choose((chosen + step + list.children.length) % list.children.length)
    else if (event.key === 'Escape') close()
    else if (event.key === 'Enter' || event.key === 'Tab') insert(list.children[chosen].textContent)
    else return
    event.preventDefault()
  })
  // Before the text box loses the focus.
  list.addEventListener('pointerdown', event => {
    event.preventDefault()
    const option = event.target.closest('[role="option"]')
    if (option) insert(option.textContent)
  })

  function show() {
    const typed = /(?:^|[^\p{L}\p{N}])@([^@\n]{0,40})$/u.exec(box.value.slice(0, box.selectionStart))?.[1]
    const found = typed === undefined ? [] : namesFor(typed)
    if (!found.length) return close()
    start = box.selectionStart - typed.length
    list.replaceChildren(
      ...found.map((name, n) => {
        const option = document.createElement('li')
        option.id = `${list.id}-${n}`
        option.dir = 'auto'
        option.setAttribute('role', 'option')
        option.textContent = name
        return option
      }),
    )
    list.hidden = false
    status.textContent = section.dataset.peopleFound.replace('{count}', found.length)
    choose(0)
  }

  function choose(n) {
    chosen = n
    for (const [index, option] of [...list.children].entries())
      option.setAttribute('aria-selected', String(index === n))
    box.setAttribute('aria-activedescendant', list.children[n].id)
  }

  function insert(name) {
    box.setRangeText(`${name} `, start, box.selectionStart, 'end')
    close()
    box.dispatchEvent(new InputEvent('input', { bubbles: true }))
  }

  function close() {
    list.hidden = true
    status.textContent = ''
    box.removeAttribute('aria-activedescendant')
  }
}

/** Returns the people one of whose names begins with what is typed; nobody once a whole name is there. */
function namesFor(typed) {
  const wanted = typed.toLowerCase()
  if (people.some(name => wanted.startsWith(`${name.toLowerCase()} `))) return []
  return people
    .filter(name => {
      const plain = name.toLowerCase()
      return plain.startsWith(wanted) || plain.split(' ').some(part => wanted && part.startsWith(wanted))
    })
    .slice(0, maxShown)
}
