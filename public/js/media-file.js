// The page of a picture: its focal point is chosen in the picture, and so is the part that stays when it is cropped.
// Both write into the number fields, which do the same without this file.

const clamp = (value, low, high) => Math.min(Math.max(value, low), high)
const rounded = (value, low, high) => clamp(Math.round(value), low, high)
const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

const focus = document.querySelector('[data-focus]')
if (focus) chooseFocus(focus)
const crop = document.querySelector('[data-crop]')
if (crop) chooseCrop(crop)

/** Calls `move` with the pointer's place until it is released. */
function drag(element, event, move) {
  event.preventDefault()
  element.setPointerCapture(event.pointerId)
  const end = new AbortController()
  const { signal } = end
  element.addEventListener('pointermove', move, { signal })
  for (const type of ['pointerup', 'pointercancel']) {
    element.addEventListener(type, () => end.abort(), { signal })
  }
}

function chooseFocus(tool) {
  const picture = tool.querySelector('[data-focus-picture]')
  const mark = tool.querySelector('[data-focus-mark]')
  const [x, y] = ['focusX', 'focusY'].map(name => tool.closest('form').elements[name])
  tool.hidden = false

  const show = () => {
    const place = `${Number(x.value)}% ${Number(y.value)}%`
    mark.style.insetInlineStart = 'auto'
    mark.style.left = `${Number(x.value)}%`
    mark.style.top = `${Number(y.value)}%`
    for (const cut of tool.querySelectorAll('[data-focus-cut]')) cut.style.objectPosition = place
    const numbers = [Number(x.value), Number(y.value)]
    mark.setAttribute(
      'aria-label',
      mark.ariaLabel.replace(/\d+/g, () => numbers.shift()),
    )
  }
  const choose = (left, top) => {
    x.value = rounded(left, 0, 100)
    y.value = rounded(top, 0, 100)
    show()
  }
  const follow = event => {
    const { left, top, width, height } = picture.getBoundingClientRect()
    choose(((event.clientX - left) / width) * 100, ((event.clientY - top) / height) * 100)
  }
  picture.addEventListener('pointerdown', event => {
    follow(event)
    drag(picture, event, follow)
    mark.focus()
  })
  mark.addEventListener('keydown', event => {
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    const size = event.shiftKey ? 10 : 1
    choose(Number(x.value) + step[0] * size, Number(y.value) + step[1] * size)
  })
  for (const field of [x, y]) field.addEventListener('input', show)
  show()
}

function chooseCrop(tool) {
  const [fullWidth, fullHeight] = [Number(tool.dataset.width), Number(tool.dataset.height)]
  const least = Math.min(16, fullWidth, fullHeight)
  const { elements } = tool.closest('form')
  const names = ['left', 'top', 'width', 'height']
  const frame = make('crop-frame', tool.dataset.frame)
  const corners = ['start-top', 'end-top', 'start-bottom', 'end-bottom'].map(place => {
    const corner = make(`crop-corner crop-${place}`, tool.dataset.corner)
    corner.dataset.place = place
    return corner
  })
  const box = document.createElement('div')
  box.className = 'crop-box'
  box.append(frame, ...corners)
  tool.append(box)

  const read = () => names.map(name => Number(elements[name].value) || 0)
  const write = ([left, top, width, height]) => {
    const wide = rounded(width, least, fullWidth)
    const high = rounded(height, least, fullHeight)
    const values = [rounded(left, 0, fullWidth - wide), rounded(top, 0, fullHeight - high), wide, high]
    names.forEach((name, n) => (elements[name].value = values[n]))
    show()
  }
  const show = () => {
    const [left, top, width, height] = read()
    box.style.left = `${(left / fullWidth) * 100}%`
    box.style.top = `${(top / fullHeight) * 100}%`
    box.style.width = `${(width / fullWidth) * 100}%`
    box.style.height = `${(height / fullHeight) * 100}%`
  }
  const moved = ([left, top, width, height], dx, dy) => [left + dx, top + dy, width, height]
  /** A corner moves, and the opposite one stays. */
  const resized = ([left, top, width, height], dx, dy, place) => {
    const [isStart, isTop] = [place.startsWith('start'), place.endsWith('top')]
    const x = isStart ? clamp(left + dx, 0, left + width - least) : left
    const y = isTop ? clamp(top + dy, 0, top + height - least) : top
    const wide = isStart ? left + width - x : clamp(width + dx, least, fullWidth - left)
    const high = isTop ? top + height - y : clamp(height + dy, least, fullHeight - top)
    return [x, y, wide, high]
  }
  const changeBy = (element, before, dx, dy) =>
    write(element === frame ? moved(before, dx, dy) : resized(before, dx, dy, element.dataset.place))

  for (const element of [frame, ...corners]) {
    element.addEventListener('pointerdown', event => {
      const before = read()
      const scale = fullWidth / tool.getBoundingClientRect().width
      const [fromX, fromY] = [event.clientX, event.clientY]
      drag(element, event, ({ clientX, clientY }) =>
        changeBy(element, before, (clientX - fromX) * scale, (clientY - fromY) * scale),
      )
      element.focus()
    })
    element.addEventListener('keydown', event => {
      const step = steps[event.key]
      if (!step) return
      event.preventDefault()
      const size = event.shiftKey ? 50 : 1
      changeBy(element, read(), step[0] * size, step[1] * size)
    })
  }
  for (const name of names) elements[name].addEventListener('input', show)
  const button = (selector, change) => {
    const found = document.querySelector(selector)
    found.hidden = false
    found.addEventListener('click', change)
  }
  button('[data-crop-whole]', () => write([0, 0, fullWidth, fullHeight]))
  button('[data-crop-shape]', () => {
    const width = Math.min(fullWidth, fullHeight * 1.6)
    const [left, top] = read()
    write([left, top, width, width / 1.6])
  })
  show()
}

function make(className, label) {
  const button = document.createElement('button')
  button.type = 'button'
  button.className = className
  button.setAttribute('aria-label', label)
  return button
}
