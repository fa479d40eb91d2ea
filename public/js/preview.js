/**
 * Shows the pages of the draft in a frame beside its form, where there is room. The frame follows what is saved, and
 * stays where its reader has scrolled. Without it, or on a narrow screen, the links open the same pages.
 */
const panel = document.querySelector('[data-preview]')
const holder = panel.querySelector('[data-frame]')
const looks = panel.querySelector('[data-looks]')
const links = [...panel.querySelectorAll('[data-page]')]
const isWide = matchMedia('(width >= 68.75em)')
const memory = 'preview'

/** What the frame shows: the width of its screen in pixels, and how its pages look. */
const shown = {
  width: '1280',
  theme: 'light',
  mirrored: '',
  ...JSON.parse(sessionStorage.getItem(memory) ?? '{}'),
}
let page = panel.querySelector('[aria-current]')?.dataset.page ?? '/'
let newest

showLooks()
fit()
isWide.addEventListener('change', fit)
new ResizeObserver(scale).observe(holder)
document.addEventListener('draft:saved', () => newest && load())

panel.addEventListener('click', event => {
  const link = event.target.closest('[data-page]')
  const isOther = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  if (!link || !isWide.matches || isOther) return
  event.preventDefault()
  page = link.dataset.page
  load(false)
})
looks.addEventListener('click', ({ target }) => {
  const button = target.closest('button')
  if (!button) return
  const { name, value } = button
  shown[name] = name === 'mirrored' && shown.mirrored ? '' : value
  sessionStorage.setItem(memory, JSON.stringify(shown))
  showLooks()
  if (name === 'width') scale()
  else load()
})
panel.querySelector('[data-share]').addEventListener('click', async event => {
  if (!navigator.clipboard) return
  event.preventDefault()
  const { href, dataset } = event.currentTarget
  await navigator.clipboard.writeText(href).then(
    () => (panel.querySelector('[data-shared]').textContent = dataset.share),
    () => location.assign(href),
  )
})

/** Begins or ends the frame with the room for it. */
function fit() {
  holder.hidden = looks.hidden = !isWide.matches
  if (isWide.matches && !newest) load(false)
  if (isWide.matches) return
  holder.replaceChildren()
  newest = undefined
}

function showLooks() {
  for (const button of looks.querySelectorAll('button'))
    button.setAttribute('aria-pressed', String(shown[button.name] === button.value))
}

/** Loads the page into a new frame, which takes the place of the old one when it is there. */
function load(isSame = true) {
  const before = holder.querySelector('iframe:not(.is-loading)')
  const top = (isSame && before && inside(before)?.defaultView.scrollY) || 0
  const frame = document.createElement('iframe')
  frame.title = holder.dataset.frame
  frame.setAttribute(
    'sandbox',
    'allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads',
  )
  frame.className = 'is-loading'
  frame.src = `${panel.dataset.preview}/${shown.theme}${shown.mirrored}${page}`
  frame.addEventListener('load', () => {
    if (frame !== newest) return frame.remove()
    const isNew = frame.className !== ''
    frame.removeAttribute('class')
    for (const old of holder.querySelectorAll('iframe')) if (old !== frame) old.remove()
    const { location } = inside(frame) ?? {}
    if (!location) return
    if (isNew) frame.contentWindow.scrollTo(0, top)
    markPage(location)
    scale()
  })
  newest = frame
  holder.append(frame)
  scale()
}

/** The document in a frame; null for a page that the browser refuses to show there, such as the one to sign in. */
const inside = frame => frame.contentDocument

/** Links in the frame lead to other pages. */
function markPage({ pathname, search }) {
  page = pathname.slice(panel.dataset.preview.length).replace(/^\/[^/]*/, '') + search || '/'
  for (const link of links) {
    if (link.dataset.page === page) link.setAttribute('aria-current', 'true')
    else link.removeAttribute('aria-current')
  }
}

/** Shows the whole width of a screen in the width that there is. */
function scale() {
  const own = links.find(link => link.dataset.page === page)?.dataset.width ?? Infinity
  const width = Math.min(shown.width, own)
  const factor = Math.min(1, holder.clientWidth / width)
  for (const { style } of holder.children) {
    style.inlineSize = `${width}px`
    style.blockSize = `${holder.clientHeight / factor}px`
    style.insetInlineStart = `${(holder.clientWidth - width * factor) / 2}px`
    style.transform = `scale(${factor})`
  }
}
