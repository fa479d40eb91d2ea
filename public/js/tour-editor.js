/**
 * The tour editor: spots are drawn on the picture, moved and sized by pointer or keyboard; screenshots that are chosen,
 * pasted or dropped become steps; steps are put in order by dragging; and a step saves itself. Without this file, each
 * step is a form with numbers and a Save button.
 */
import { dragIntoOrder } from './rows.js'
import { selfSaving, showState } from './self-saving.js'

const form = document.querySelector('#step')
const list = document.querySelector('[data-step-list]')
const adding = document.querySelector('#add-steps')
const sides = ['x', 'y', 'width', 'height']
/** In percent of the picture: a step of an arrow key, and the smallest spot that a pointer draws. */
const stride = 0.5
const smallest = 1

const saver = form && edit()
if (list?.dataset.position) {
  dragIntoOrder(list, {
    kind: 'step',
    token: adding.elements._csrf.value,
    isReady: () => saver?.save() ?? true,
    onFail: () => showState(list.dataset.failed, true),
  })
}
if (adding) addScreenshots()

function edit() {
  const saving = selfSaving(form, {
    onSaved({ title, checks }) {
      list.querySelector('.is-open [data-title]').textContent = title
      document.querySelector('[data-checks]').innerHTML = checks
    },
  })
  document.addEventListener('keydown', event => {
    const command = event.ctrlKey || event.metaKey
    if (command && event.key === 's') {
      event.preventDefault()
      saving.save()
    } else if (command && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const url = event.key === 'ArrowDown' ? form.dataset.next : form.dataset.previous
      if (!url) return
      event.preventDefault()
      saving.save().then(isSaved => isSaved && location.assign(url))
    } else if (event.altKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const button = form.querySelector(`[data-move="${event.key === 'ArrowDown' ? 'down' : 'up'}"]`)
      if (!button || button.disabled) return
      event.preventDefault()
      button.click()
    }
  })
  const stage = form.querySelector('[data-stage]')
  if (stage.querySelector('img') && form.dataset.autosave !== undefined) draw(stage)
  return saving
}

/** Lets spots be drawn, moved and sized on the picture. The fields below it hold them. */
function draw(stage) {
  const fieldsets = [...form.querySelectorAll('[data-spot-fields]')]
  const status = form.querySelector('[data-stage-status]')
  const tools = form.querySelector('[data-stage-tools]')
  const boxes = fieldsets.map((fieldset, n) => boxFor(n))
  const help = document.createElement('span')
  help.id = 'spot-help'
  help.hidden = true
  help.textContent = stage.dataset.help
  stage.append(help, ...boxes)
  stage.classList.add('is-live')
  tools.hidden = false
  tools.querySelector('[data-add-spot]').addEventListener('click', () => {
    const n = add({ x: 40, y: 45, width: 20, height: 10 })
    if (n !== null) boxes[n].focus()
  })
  for (const [n, fieldset] of fieldsets.entries()) fieldset.addEventListener('input', () => show(n))
  fieldsets.forEach((_, n) => show(n))
  stage.addEventListener('pointerdown', press)

  function field(name, n) {
    return form.elements[`${name}-${n}`]
  }

  function spotAt(n) {
    const values = sides.map(side => field(side, n).value.trim().replace(',', '.'))
    if (values.some(value => value === '' || !Number.isFinite(Number(value)))) return null
    return Object.fromEntries(sides.map((side, at) => [side, Number(values[at])]))
  }

  /** Shows a spot where its fields say it is, and its fields only if it is there. */
  function show(n) {
    const spot = spotAt(n)
    boxes[n].hidden = !spot
    const isTyped = [...sides, 'label'].some(name => field(name, n).value !== '')
    fieldsets[n].hidden = !spot && !isTyped
    if (!spot) return
    for (const [style, side] of [
      ['left', 'x'],
      ['top', 'y'],
      ['width', 'width'],
      ['height', 'height'],
    ]) {
      boxes[n].style[style] = `${spot[side]}%`
    }
    const label = field('label', n).value
    boxes[n].setAttribute('aria-label', `${stage.dataset.spot} ${n + 1}${label ? `: ${label}` : ''}`)
  }

  /** Puts a spot into its fields, within the picture. */
  function put(n, { x, y, width, height }) {
    const round = value => Math.round(value * 10) / 10
    const size = { width: round(Math.min(width, 100)), height: round(Math.min(height, 100)) }
    const spot = {
      x: round(Math.min(Math.max(0, x), 100 - size.width)),
      y: round(Math.min(Math.max(0, y), 100 - size.height)),
      ...size,
    }
    for (const side of sides) field(side, n).value = String(spot[side])
    field('x', n).dispatchEvent(new Event('input', { bubbles: true }))
    return spot
  }

  /** Adds a spot. Returns its number, or null when there are as many as a step can have. */
  function add(spot) {
    const n = fieldsets.findIndex(fieldset => fieldset.hidden)
    if (n === -1) {
      status.textContent = stage.dataset.full
      showState(stage.dataset.full, true)
      return null
    }
    put(n, spot)
    return n
  }

  function remove(n) {
    const names = [...sides, 'label', 'next']
    const values = names.map(name => field(name, n).value)
    for (const name of names) field(name, n).value = ''
    field('x', n).dispatchEvent(new Event('input', { bubbles: true }))
    status.textContent = stage.dataset.removed
    const undo = tools.querySelector('[data-undo-spot]') ?? undoButton()
    undo.hidden = false
    undo.onclick = () => {
      names.forEach((name, at) => (field(name, n).value = values[at]))
      field('x', n).dispatchEvent(new Event('input', { bubbles: true }))
      undo.hidden = true
      boxes[n].focus()
    }
    undo.focus()
  }

  function undoButton() {
    const button = tools.querySelector('[data-add-spot]').cloneNode()
    button.removeAttribute('data-add-spot')
    button.dataset.undoSpot = ''
    button.textContent = stage.dataset.removed
    tools.prepend(button)
    return button
  }

  function boxFor(n) {
    const box = document.createElement('button')
    box.type = 'button'
    box.className = 'stage-box'
    box.setAttribute('aria-describedby', 'spot-help')
    box.append(
      Object.assign(document.createElement('span'), {
        className: 'stage-number',
        textContent: String(n + 1),
      }),
    )
    box.append(Object.assign(document.createElement('span'), { className: 'stage-handle' }))
    box.addEventListener('click', event => {
      // A click without a pointer is Enter: on to the spot's name.
      if (event.detail === 0) field('label', n).focus()
    })
    box.addEventListener('keydown', event => {
      if (event.altKey || event.ctrlKey || event.metaKey) return
      if (event.key === 'Delete' || event.key === 'Backspace') {
        event.preventDefault()
        return remove(n)
      }
      const [dx, dy] =
        { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key] ?? []
      const spot = spotAt(n)
      if (dx === undefined || !spot) return
      event.preventDefault()
      const moved = event.shiftKey
        ? {
            ...spot,
            width: Math.max(smallest, Math.min(100 - spot.x, spot.width + dx * stride)),
            height: Math.max(smallest, Math.min(100 - spot.y, spot.height + dy * stride)),
          }
        : { ...spot, x: spot.x + dx * stride, y: spot.y + dy * stride }
      const { x, y, width, height } = put(n, moved)
      status.textContent = `${stage.dataset.moved} ${x} % ${y} %, ${width} × ${height} %`
    })
    return box
  }

  function pointOf(event) {
    const frame = stage.getBoundingClientRect()
    const share = (value, from, size) => Math.min(Math.max(0, ((value - from) / size) * 100), 100)
    return {
      x: share(event.clientX, frame.left, frame.width),
      y: share(event.clientY, frame.top, frame.height),
    }
  }

  /** Begins to draw a spot, or to move or size the one under the pointer. */
  function press(event) {
    if (event.button) return
    const box = event.target.closest('.stage-box')
    const isSizing = event.target.classList.contains('stage-handle')
    const start = pointOf(event)
    let n = box ? boxes.indexOf(box) : null
    const before = n === null ? null : spotAt(n)
    stage.setPointerCapture(event.pointerId)
    if (!box) event.preventDefault()
    const move = moved => {
      const point = pointOf(moved)
      const [dx, dy] = [point.x - start.x, point.y - start.y]
      if (n === null) {
        if (Math.abs(dx) < smallest || Math.abs(dy) < smallest) return
        n = add({ x: start.x, y: start.y, width: smallest, height: smallest })
        if (n === null) return end()
      }
      if (!before) {
        put(n, {
          x: Math.min(start.x, point.x),
          y: Math.min(start.y, point.y),
          width: Math.max(smallest, Math.abs(dx)),
          height: Math.max(smallest, Math.abs(dy)),
        })
      } else if (isSizing) {
        put(n, {
          ...before,
          width: Math.max(smallest, Math.min(100 - before.x, before.width + dx)),
          height: Math.max(smallest, Math.min(100 - before.y, before.height + dy)),
        })
      } else if (Math.abs(dx) + Math.abs(dy) > 0.3) put(n, { ...before, x: before.x + dx, y: before.y + dy })
    }
    const end = () => {
      stage.removeEventListener('pointermove', move)
      if (n === null) return
      // A new spot needs a name next.
      if (before) boxes[n].focus()
      else field('label', n).focus()
    }
    stage.addEventListener('pointermove', move)
    for (const type of ['pointerup', 'pointercancel']) stage.addEventListener(type, end, { once: true })
  }
}

/** Uploads screenshots and makes a step of each. */
function addScreenshots() {
  const status = adding.querySelector('[data-upload-status]')
  const zone = adding.querySelector('[data-drop]')
  const input = adding.querySelector('[data-files]')
  zone.hidden = false
  input.addEventListener('change', () => send([...input.files]))
  document.addEventListener('paste', event => {
    const files = imagesIn(event.clipboardData)
    if (!files.length) return
    event.preventDefault()
    send(files)
  })
  for (const type of ['dragenter', 'dragover']) {
    document.addEventListener(type, event => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      zone.classList.add('is-target')
    })
  }
  document.addEventListener('dragleave', event => event.relatedTarget ?? zone.classList.remove('is-target'))
  document.addEventListener('drop', event => {
    zone.classList.remove('is-target')
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    send(imagesIn(event.dataTransfer))
  })

  function imagesIn(transfer) {
    return [...(transfer?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
  }

  async function send(files) {
    if (!files.length) return
    status.textContent = `${adding.dataset.uploading} ${files.map(({ name }) => name).join(', ')}`
    if (saver && !(await saver.save())) return
    const body = new FormData()
    body.set('_csrf', adding.elements._csrf.value)
    for (const file of files) body.append('files', file)
    try {
      const response = await fetch(adding.dataset.upload, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body,
      })
      const result = await response.json()
      if (!response.ok) throw new Error(result.problem)
      await makeSteps(result.files.map(({ path }) => path))
    } catch (error) {
      status.textContent = (error instanceof TypeError ? '' : error.message) || adding.dataset.failed
      input.value = ''
    }
  }

  async function makeSteps(images) {
    const body = new URLSearchParams(new FormData(adding))
    body.delete('images')
    for (const image of images) body.append('images', image)
    const response = await fetch(adding.action, { method: 'POST', body })
    if (!response.ok) throw new Error()
    location.href = response.url
  }
}
