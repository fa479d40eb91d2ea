// Rows of a list that are dragged onto each other, and ticked in ranges. Each list has buttons that do the same.

/**
 * Lets rows be dragged onto other rows.
 *
 * @param {Iterable<HTMLElement>} rows
 * @param {{ kind: string, onDrop: (id: string, row: HTMLElement) => void, places?: Iterable<HTMLElement> }} options
 * `kind` names the `data-` attribute with the id of a row; `onDrop` gets the id of the row that was dragged and where
 * it was dropped; `places` take rows without being one
 */
export function dragRows(rows, { kind, onDrop, places = [] }) {
  const type = `text/x-${kind}`
  for (const row of rows) {
    row.draggable = true
    row.addEventListener('dragstart', event => {
      event.dataTransfer.setData(type, row.dataset[kind])
      event.dataTransfer.effectAllowed = 'move'
      row.classList.add('is-dragged')
    })
    row.addEventListener('dragend', () => row.classList.remove('is-dragged'))
    takeDrops(row)
  }
  for (const place of places) takeDrops(place)

  function takeDrops(place) {
    place.addEventListener('dragover', event => {
      if (!event.dataTransfer.types.includes(type)) return
      event.preventDefault()
      place.classList.add('is-target')
    })
    place.addEventListener('dragleave', () => place.classList.remove('is-target'))
    place.addEventListener('drop', event => {
      place.classList.remove('is-target')
      const id = event.dataTransfer.getData(type)
      if (!id) return
      event.preventDefault()
      if (id !== place.dataset[kind]) onDrop(id, place)
    })
  }
}

/**
 * Moves a row before the one it is dropped on, and opens the page that comes back.
 *
 * @param {HTMLElement} list whose `data-position` is the address of the rows
 * @param {{ kind: string, token: string, isReady?: () => Promise<boolean>, onFail: () => void }} options `token` is the
 * form's, and `isReady` says whether what is typed is saved
 */
export function dragIntoOrder(list, { kind, token, isReady, onFail }) {
  dragRows(list.children, {
    kind,
    async onDrop(id, row) {
      if (isReady && !(await isReady())) return
      const body = new URLSearchParams({ _csrf: token, before: row.dataset[kind] })
      const response = await fetch(`${list.dataset.position}/${id}/position`, { method: 'POST', body })
      if (response.ok) location.href = response.url
      else onFail()
    },
  })
}

/** Ticks all boxes from the last one to the one that is clicked with Shift, or reached with Shift and an arrow. */
export function tickRanges(name) {
  let anchor = null
  const boxes = () =>
    [...document.querySelectorAll(`[name="${name}"]`)].filter(box => !box.closest('[hidden]'))

  document.addEventListener('click', event => {
    const box = event.target
    if (box.name !== name) return
    if (event.shiftKey && anchor?.isConnected) tick(anchor, box, box.checked)
    anchor = box
  })
  document.addEventListener('keydown', event => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    const box = event.target.closest?.('li')?.querySelector(`[name="${name}"]`)
    if (!step || !event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || !box) return
    const all = boxes()
    const next = all[all.indexOf(box) + step]
    event.preventDefault()
    // The first press begins a range at the row with the focus.
    if (!anchor?.isConnected || !box.checked || event.target !== box) anchor = box
    const [from, at, to] = [anchor, box, next ?? box].map(each => all.indexOf(each))
    const isShrinking = Math.abs(to - from) < Math.abs(at - from)
    if (isShrinking) tick(box, box, false)
    else tick(anchor, next ?? box, true)
    next?.focus()
  })

  function tick(from, to, isTicked) {
    const all = boxes()
    const [first, last] = [all.indexOf(from), all.indexOf(to)].toSorted((a, b) => a - b)
    for (const box of all.slice(first, last + 1)) box.checked = isTicked
    to.dispatchEvent(new Event('change', { bubbles: true }))
  }
}
