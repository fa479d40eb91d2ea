/**
 * A product tour: shows one step at a time, with the spot to click as a button over the picture, and reports how long
 * each step was visible. Without this file the steps are a list of pictures.
 */
import { reporter } from './report.js'

const tour = document.querySelector('[data-tour]')
const rows = [...tour.querySelectorAll('[data-step]')]
const end = tour.querySelector('[data-tour-end]')
const toggle = tour.querySelector('[data-text-version]')
const status = tour.querySelector('[data-tour-status]')
const list = document.querySelector('[data-tour-steps]')
const walk = document.querySelector('[data-tour-walk]')
const lesson = document.querySelector('[data-lesson]')
/** The dialog that it is in, on the home page: Escape closes it, and the address stays that of the page. */
const frame = tour.closest('dialog')
/** Narrower than this, the picture zooms to the spot and the caption stands below. In pixels. */
const narrow = 640
const gap = 20

/** The number of the step that is shown; null at the end. */
let current = 1
let isList = false
/** The numbers of the steps that led here. */
let path = []
const seen = new Set([...(list?.querySelectorAll('.is-seen') ?? [])].map(link => link.dataset.for))

const watch = watchSteps()
start()

function start() {
  tour.classList.add('is-playing')
  list?.classList.add('is-playing')
  tour.tabIndex = -1
  toggle.hidden = false
  toggle.dataset.list = toggle.textContent
  const keys = document.querySelector('[data-tour-keys]')
  if (keys) keys.hidden = false
  for (const spot of tour.querySelectorAll('.tour-spot')) spot.hidden = false
  const named = /^#step-(\d+)$/.exec(location.hash)
  show(named && rows[named[1] - 1] ? Number(named[1]) : firstUnseen())
  document.addEventListener('click', follow)
  document.addEventListener('keydown', press)
  addEventListener('hashchange', () => {
    const [, number] = /^#step-(\d+)$/.exec(location.hash) ?? []
    if (!isList && rows[number - 1] && Number(number) !== current) show(Number(number))
  })
  new ResizeObserver(() => isList || place()).observe(tour)
}

/** The step to go on with: the first one on the way that isn't seen yet, or the first of all. */
function firstUnseen() {
  if (seen.size === rows.length) return 1
  for (let number = 1, steps = 0; steps < rows.length; steps++) {
    const { step, next } = rows[number - 1].dataset
    if (!seen.has(step) || !next) return number
    if (next === 'end') return 1
    number = Number(next)
  }
  return 1
}

/** Shows a step, or the end. `isMoving` says that the learner asked for it, so the focus goes along. */
function show(number, isMoving = false) {
  current = number
  for (const row of rows) row.hidden = row !== rows[number - 1]
  end.hidden = number !== null
  for (const link of list?.querySelectorAll('a') ?? []) {
    if (Number(link.dataset.go) === number) link.setAttribute('aria-current', 'step')
    else link.removeAttribute('aria-current')
  }
  for (const [n, column] of [...(walk?.children ?? [])].entries()) {
    column.classList.toggle('is-current', n + 1 === number)
  }
  tour.classList.remove('is-bare')
  watch.step(number === null ? null : rows[number - 1].dataset.step)
  if (number === null) return showEnd()
  if (isMoving && !frame) history.replaceState(null, '', `#step-${number}`)
  place()
  for (const target of targetsOf(rows[number - 1])) {
    rows[target - 1]?.querySelector('img')?.setAttribute('loading', 'eager')
  }
  if (isMoving) focusOn(rows[number - 1])
}

function focusOn(row) {
  const spot = row.querySelector('.tour-spot') ?? row.querySelector('[data-go]')
  spot.focus({ preventScroll: true })
  // On a narrow screen the sheet of the caption would cover a spot at the end of the picture.
  row.scrollIntoView({ block: tour.clientWidth < narrow ? 'start' : 'nearest' })
}

function targetsOf(row) {
  return [...row.querySelectorAll('[data-go]')].map(each => Number(each.dataset.go) || 0)
}

function go(to) {
  const number = to === 'end' ? null : Number(to)
  if (number === current) return
  if (current !== null) path.push(current)
  if (number === 1) path = []
  show(number, true)
}

function back() {
  const number = path.pop() ?? (current ?? rows.length + 1) - 1
  if (number > 0) show(number, true)
}

/** Says at the end whether the tour counts, and which steps passed too quickly. */
async function showEnd() {
  end.querySelector('h2').focus({ preventScroll: true })
  end.scrollIntoView({ block: 'nearest' })
  await watch.report()
  const unseen = rows.filter(row => !seen.has(row.dataset.step))
  const passed = unseen.filter(row => path.includes(Number(row.dataset.number)))
  const missed = watch.isDone() ? [] : passed.length ? passed : unseen
  for (const text of end.querySelectorAll('[data-short]')) {
    text.dataset.whole ??= text.textContent
    text.textContent = missed.length ? text.dataset.short : text.dataset.whole
  }
  const links = end.querySelector('[data-missed]')
  links.hidden = !missed.length
  links.replaceChildren(
    ...missed.map(row => {
      const link = document.createElement('a')
      link.href = `#${row.id}`
      link.dataset.go = row.dataset.number
      link.textContent = row.querySelector('h2').textContent
      const item = document.createElement('li')
      item.append(link)
      return item
    }),
  )
}

function follow(event) {
  if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return
  const target = event.target.closest('[data-go], [data-back], [data-text-version]')
  if (target && !target.closest('[data-tour], [data-tour-steps]')) return
  if (target === toggle) {
    event.preventDefault()
    return showAs(!isList)
  }
  if (isList) return
  if (target) {
    event.preventDefault()
    if (target.dataset.back === undefined) go(target.dataset.go)
    else back()
  } else if (event.target.closest('.tour-screen, .tour-spots')) nudge()
}

/** A click beside the spot makes its outline thicker for a moment. */
function nudge() {
  const spots = tour.querySelector('.tour-step:not([hidden]) .tour-spots')
  spots?.classList.add('is-nudged')
  setTimeout(() => spots?.classList.remove('is-nudged'), 300)
}

function press(event) {
  const field = event.target.closest('input, textarea, select, [contenteditable], dialog')
  if (field !== frame || (frame && event.key === 'Escape')) return
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
  const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight'
  // A letter only works where the focus is in the tour (WCAG 2.1.4).
  const isInside = event.target.closest('[data-tour], .tour-outline')
  if (event.key.toLowerCase() === 't' && isInside) showAs(!isList)
  else if (event.key === 'Escape' && isList) showAs(false)
  else if (event.key === 'Escape') tour.classList.toggle('is-bare')
  else if (isList || !event.key.startsWith('Arrow') || /Up|Down/.test(event.key)) return
  else if (event.key !== forward) back()
  else if (current !== null) {
    const { next } = rows[current - 1].dataset
    if (next) go(next)
    else focusOn(rows[current - 1])
  } else return
  event.preventDefault()
}

/** Shows all steps as a list, or one step at a time. */
function showAs(list) {
  isList = list
  tour.classList.toggle('is-playing', !list)
  toggle.textContent = list ? toggle.dataset.player : toggle.dataset.list
  status.textContent = list ? toggle.dataset.list : toggle.dataset.player
  watch.list(list)
  if (!list) return show(current ?? 1, true)
  for (const row of rows) {
    row.hidden = false
    row.querySelector('.tour-canvas')?.style.removeProperty('transform')
    row.classList.remove('is-zoomed')
  }
  end.hidden = true
  rows[(current ?? 1) - 1].scrollIntoView()
}

/** Places the caption beside the spot, or below the picture where it would cover a spot. */
function place() {
  const row = rows[current - 1]
  const screen = row?.querySelector('.tour-screen')
  if (!screen) return
  const image = screen.querySelector('img')
  const caption = row.querySelector('.tour-caption')
  const spots = [...row.querySelectorAll('.tour-spot')]
  const places = spots.map(spot => {
    const [x, y, width, height] = spot.dataset.place.split(' ').map(Number)
    return { x, y, width, height }
  })
  const isNarrow = tour.clientWidth < narrow
  row.classList.toggle('is-zoomed', isNarrow && spots.length > 0)
  caption.removeAttribute('style')
  delete caption.dataset.side
  const size = { width: screen.clientWidth, height: screen.clientHeight }
  const view = zoom(row, image, places, isNarrow, size)
  const boxes = places.map(({ x, y, width, height }) => ({
    left: ((x - view.x) / view.width) * size.width,
    top: ((y - view.y) / view.height) * size.height,
    width: (width / view.width) * size.width,
    height: (height / view.height) * size.height,
  }))
  for (const [n, spot] of spots.entries()) {
    for (const side of ['left', 'top', 'width', 'height']) spot.style[side] = `${boxes[n][side]}px`
  }
  if (isNarrow) return
  const found = sideFor({ width: caption.offsetWidth, height: caption.offsetHeight }, boxes, size)
  if (!found) return
  caption.dataset.side = found.side
  caption.style.left = `${found.left}px`
  caption.style.top = `${found.top}px`
  caption.style.setProperty('--at', `${found.at}px`)
}

/** Moves a picture so that its spots fill a narrow window. Returns what is shown of it, in percent. */
function zoom(row, image, places, isNarrow, size) {
  const canvas = row.querySelector('.tour-canvas')
  canvas.style.removeProperty('transform')
  if (!isNarrow || !places.length) return { x: 0, y: 0, width: 100, height: 100 }
  const natural = { width: Number(image.getAttribute('width')), height: Number(image.getAttribute('height')) }
  const ratio = size.height / size.width
  const left = Math.min(...places.map(({ x }) => x))
  const top = Math.min(...places.map(({ y }) => y))
  const right = Math.max(...places.map(({ x, width }) => x + width))
  const bottom = Math.max(...places.map(({ y, height }) => y + height))
  // The window has at least 45% of the picture's width, and all spots with some room.
  const needed = Math.max(
    natural.width * 0.45,
    ((right - left) / 100) * natural.width * 1.2,
    (((bottom - top) / 100) * natural.height * 1.2) / ratio,
  )
  const width = Math.min(needed, natural.width, natural.height / ratio)
  const view = { width: (width / natural.width) * 100, height: ((width * ratio) / natural.height) * 100 }
  const within = (middle, length) => Math.min(Math.max(0, middle - length / 2), 100 - length)
  view.x = within((left + right) / 2, view.width)
  view.y = within((top + bottom) / 2, view.height)
  canvas.style.transform = `scale(${100 / view.width}) translate(${-view.x}%, ${-view.y}%)`
  return view
}

/** Returns where a caption fits: beside the first spot if possible, covering none. */
function sideFor(caption, spots, size) {
  const [spot] = spots
  const within = (from, length, most) => Math.min(Math.max(12, from), most - length - 12)
  if (!spot) {
    return {
      side: 'none',
      left: within(Infinity, caption.width, size.width),
      top: size.height - caption.height - 12,
    }
  }
  const middle = { x: spot.left + spot.width / 2, y: spot.top + spot.height / 2 }
  const top = within(middle.y - caption.height / 2, caption.height, size.height)
  const left = within(middle.x - caption.width / 2, caption.width, size.width)
  const beside = { top, at: middle.y - top }
  const over = { left, at: middle.x - left }
  const sides = [
    { side: 'left', left: spot.left - caption.width - gap, ...beside },
    { side: 'right', left: spot.left + spot.width + gap, ...beside },
    { side: 'below', top: spot.top + spot.height + gap, ...over },
    { side: 'above', top: spot.top - caption.height - gap, ...over },
  ]
  if (middle.x < size.width / 2) sides.unshift(sides.splice(1, 1)[0])
  const corners = [
    { side: 'none', left: 12, top: 12 },
    { side: 'none', left: size.width - caption.width - 12, top: 12 },
    { side: 'none', left: 12, top: size.height - caption.height - 12 },
    { side: 'none', left: size.width - caption.width - 12, top: size.height - caption.height - 12 },
  ]
  const isInside = each =>
    each.left >= 0 &&
    each.top >= 0 &&
    each.left + caption.width <= size.width &&
    each.top + caption.height <= size.height
  const isFree = each =>
    spots.every(
      other =>
        each.left + caption.width <= other.left ||
        other.left + other.width <= each.left ||
        each.top + caption.height <= other.top ||
        other.top + other.height <= each.top,
    )
  return [...sides, ...corners].find(each => isInside(each) && isFree(each))
}

/**
 * Counts the seconds in which each step is visible, and reports them when a step has been visible for long enough,
 * every 10 seconds, and when the learner leaves. The server decides which steps are seen.
 */
function watchSteps() {
  const needed = Number(tour.dataset.seconds) || 2
  const token = tour.dataset.shown && lesson?.dataset.learner
  const send = token ? reporter(`${lesson.dataset.lesson}/progress`, token) : null
  /** Steps and seconds that aren't reported yet; the last one goes on. */
  let visits = []
  let step = null
  let since = null
  let timer
  let observer = null
  let isDone = tour.dataset.done !== undefined

  const count = () => {
    const now = performance.now()
    if (step !== null && since !== null) {
      const last = visits.at(-1)
      if (last?.step === step) last.seconds += (now - since) / 1000
      else visits.push({ step, seconds: (now - since) / 1000 })
    }
    since = document.hidden ? null : now
  }
  const report = async (isLeaving = false) => {
    count()
    const last = visits.at(-1)
    // What is still too short goes on, so that a report doesn't cut it in two.
    const isOpen = !isLeaving && last?.step === step && last.seconds < needed && !seen.has(step)
    const sent = isOpen ? visits.slice(0, -1) : visits
    visits = isOpen ? [last] : []
    if (!sent.length) return
    if (!send) return mark(sent.filter(({ seconds }) => seconds >= needed).map(each => each.step))
    const { shown, counted } = tour.dataset
    const steps = sent.map(each => `${each.step}:${each.seconds.toFixed(2)}`).join(',')
    const progress = await send({ steps, shown, counted }, isLeaving)
    if (!progress) return
    isDone = progress.done
    mark(progress.tour.seen)
    walk?.setAttribute('aria-label', progress.tour.label)
    for (const text of document.querySelectorAll('[data-played]')) text.textContent = progress.played
  }
  const change = next => {
    if (next === step) return
    count()
    step = next
    clearTimeout(timer)
    if (step !== null && !seen.has(step)) timer = setTimeout(report, needed * 1000 + 100)
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) report(true)
    else since = performance.now()
  })
  addEventListener('pagehide', () => report(true))
  setInterval(() => document.hidden || report(), 10_000)

  return {
    step: change,
    report,
    isDone: () => isDone,
    /** In the list, the step that fills most of the window counts. */
    list(isOn) {
      observer?.disconnect()
      if (!isOn) return
      const shares = new Map()
      observer = new IntersectionObserver(
        entries => {
          for (const { target, intersectionRect } of entries) shares.set(target, intersectionRect.height)
          const [row, height] = [...shares].sort((a, b) => b[1] - a[1])[0]
          change(height > 0 ? row.dataset.step : null)
        },
        { threshold: [0, 0.2, 0.4, 0.6, 0.8, 1] },
      )
      for (const row of rows) observer.observe(row)
    },
  }
}

/** Marks steps as seen in the list beside the tour. */
function mark(steps) {
  for (const step of steps) {
    seen.add(step)
    walk?.querySelector(`[data-for="${step}"]`)?.classList.add('is-seen')
    const link = list?.querySelector(`[data-for="${step}"]`)
    if (!link) continue
    link.classList.add('is-seen')
    link.querySelector('[data-seen-word]').textContent = list.dataset.seen
  }
}
