/**
 * The pages of a live session: asks again and again for what has changed (data-room), and puts it in place where
 * nobody is writing; sends votes without loading the page again; and in the room, reports how long it was before
 * someone who has joined (data-heartbeats). Without it, a link loads the page again.
 */
import { reporter } from './report.js'
import { visibleSeconds } from './visible-seconds.js'

const room = document.querySelector('[data-room]')
const every = 1000 * Number(room?.dataset.every ?? 10)
const longest = 120_000
let wait = every
let tag = ''
const status = room?.querySelector('[data-announce]')
let announced = status?.dataset.announce ?? ''
let timer

if (room) {
  timer = setTimeout(refresh, every)
  document.addEventListener('visibilitychange', () => {
    clearTimeout(timer)
    if (!document.hidden) void refresh()
  })
  room.addEventListener('submit', send)
  if (room.hasAttribute('data-heartbeats')) beat()
  // Whoever joins in the other tab is counted here from then on.
  else room.querySelector('[data-join]')?.addEventListener('click', beat, { once: true })
}

async function refresh() {
  clearTimeout(timer)
  if (document.hidden) return
  try {
    const response = await fetch(`${room.dataset.room}?tag=${tag}`, {
      headers: { accept: 'application/json' },
    })
    // Whoever is signed out, or has no seat any more, sees nothing new.
    if (response.status >= 400 && response.status < 500 && response.status !== 429) return
    wait = response.ok ? every : Math.min(2 * wait, longest)
    // Nothing has changed.
    if (response.status === 200) show(await response.json())
  } catch {
    wait = Math.min(2 * wait, longest)
  }
  timer = setTimeout(refresh, wait)
}

function show({ parts, announce, tag: nextTag }) {
  const isShown = Object.entries(parts).map(([id, html]) => replace(document.getElementById(id), html))
  // What someone was writing in is asked for again.
  tag = isShown.every(Boolean) ? nextTag : ''
  if (status && announce !== announced) status.textContent = announce
  announced = announce
}

/** Returns whether the part shows what is true now. */
function replace(part, html) {
  if (!part) return true
  if (isInUse(part)) return false
  const fresh = document.createElement('template')
  fresh.innerHTML = html
  if (fresh.innerHTML.replace(/\s+/g, ' ') === part.innerHTML.trim().replace(/\s+/g, ' ')) return true
  const focused = part.contains(document.activeElement) ? document.activeElement.id : ''
  part.replaceChildren(fresh.content)
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true })
  return true
}

function isInUse(part) {
  return part.querySelector('details[open], textarea:focus, input:focus') !== null
}

/** Sends a form of the page and shows what follows; if that fails, as browsers do. */
async function send(event) {
  const form = event.target
  if (!form.hasAttribute('data-live') || event.defaultPrevented) return
  event.preventDefault()
  const body = new URLSearchParams(new FormData(form, event.submitter))
  const request = { method: 'POST', body, redirect: 'manual', headers: { accept: 'application/json' } }
  const response = await fetch(form.action, request).catch(() => null)
  if (response?.type !== 'opaqueredirect') return resend(form, event)
  form.reset()
  tag = ''
  await refresh()
  if (form.dataset.done) status.textContent = form.dataset.done
}

/** The answer is a page that says what is wrong. */
function resend(form, { submitter }) {
  form.removeAttribute('data-live')
  form.requestSubmit(submitter)
}

function beat() {
  const token = room.querySelector('[data-token] [name="_csrf"]').value
  const report = reporter(room.dataset.room.replace(/state$/, 'heartbeats'), token)
  visibleSeconds((seconds, isLeaving) => void report({ seconds: seconds.toFixed(1) }, isLeaving))
}
