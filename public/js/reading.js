/**
 * What helps while reading a lesson: its part in view is marked in the outline, keys lead to the lessons before and
 * after it, the next one is loaded ahead when its link is pointed at, and the size of the text changes at once.
 */
import { areKeysOff, isShortcut, switchKeys } from './lesson-keys.js'

const lesson = document.querySelector('[data-lesson]')
const contents = document.querySelector('[data-contents]')
const keysDialog = document.querySelector('[data-keys]')

if (contents) markPart()
if (keysDialog) offerKeys()
offerTools()
loadAhead()

/** Marks the last part whose heading is above the middle of the window. */
function markPart() {
  const parts = [...contents.querySelectorAll('a')]
    .map(link => ({ link, heading: document.getElementById(decodeURIComponent(link.hash.slice(1))) }))
    .filter(({ heading }) => heading)
  let isDue = false
  const mark = () => {
    isDue = false
    const now = parts.findLast(({ heading }) => heading.getBoundingClientRect().top < innerHeight / 2)
    for (const part of parts) {
      if (part === now && scrollY > 0) part.link.setAttribute('aria-current', 'true')
      else part.link.removeAttribute('aria-current')
    }
  }
  const markSoon = () => {
    if (!isDue) requestAnimationFrame(mark)
    isDue = true
  }
  addEventListener('scroll', markSoon, { passive: true })
  addEventListener('resize', markSoon)
  markSoon()
}

function offerKeys() {
  const choice = keysDialog.querySelector('[data-keys-on]')
  const opener = document.querySelector('[data-show-keys]')
  const show = () => {
    choice.checked = !areKeysOff()
    keysDialog.showModal()
  }
  opener.classList.add('is-ready')
  opener.addEventListener('click', show)
  keysDialog.querySelector('[data-keys-close]').addEventListener('click', () => keysDialog.close())
  choice.addEventListener('change', () => switchKeys(!choice.checked))
  const hasPlayer = document.querySelector('[data-media]') !== null
  const linkOf = key => {
    if (key === ']' || (key === 'j' && !hasPlayer)) return document.querySelector('[data-next]')
    return key === '[' || (key === 'k' && !hasPlayer) ? document.querySelector('[data-previous]') : null
  }
  document.addEventListener('keydown', event => {
    if (event.repeat || !isShortcut(event)) return
    const key = event.key.toLowerCase()
    if (key === '?') show()
    else if (linkOf(key)) linkOf(key).click()
    else return
    event.preventDefault()
  })
}

function offerTools() {
  const print = document.querySelector('[data-print]')
  if (!print) return
  print.classList.add('is-ready')
  print.addEventListener('click', () => window.print())
  const sizes = document.querySelector('.text-sizes')
  sizes.addEventListener('submit', async event => {
    const chosen = event.submitter
    if (!chosen) return
    event.preventDefault()
    lesson.dataset.textSize = chosen.value
    for (const size of sizes.querySelectorAll('button')) size.ariaPressed = String(size === chosen)
    const address = `${sizes.action}?size=${chosen.value}`
    await fetch(address, { redirect: 'manual' }).catch(() => undefined)
  })
}

/** The browser loads the next lesson when a reader points at its link; the server doesn't count that as opening it. */
function loadAhead() {
  if (!HTMLScriptElement.supports?.('speculationrules') || !document.querySelector('[data-next]')) return
  const rules = document.createElement('script')
  rules.type = 'speculationrules'
  const where = { and: [{ selector_matches: '[data-next]' }, { href_matches: '/courses/*/lessons/*' }] }
  rules.textContent = JSON.stringify({ prefetch: [{ where, eagerness: 'moderate' }] })
  document.head.append(rules)
}
