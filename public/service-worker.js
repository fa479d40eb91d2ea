/**
 * Keeps the lessons that a signed-in reader has opened, so that they can be read without a connection: a copy of each
 * that the server makes for this, with its pictures. Everything else comes from the network as if this file weren't
 * there. The server puts `version` above, which changes with each build.
 *
 * What is kept belongs to one reader. It is removed when they sign out, when another reader's page or nobody's arrives,
 * and, lesson by lesson, when the server no longer lists it as theirs.
 */
const maxLessons = 30
const maxFiles = 40
const maxFileSize = 3_000_000
/** Milliseconds after which the list of lessons is looked at again. */
const checkAfter = 60_000
const readerHeader = 'x-reader'
const statics = `static-${version}`
const lessonCache = path => `lesson:${path}`
const isOurs = name => name.startsWith('lesson:') || name === 'offline-state'

addEventListener('install', event => {
  // What a page reports while it is left would go through this worker, and be lost with the page in some browsers.
  const modes = ['cors', 'no-cors', 'same-origin']
  const routes = modes.map(requestMode => ({
    condition: { requestMethod: 'POST', requestMode },
    source: 'network',
  }))
  event.waitUntil(Promise.all([event.addRoutes?.(routes), install()]))
})
addEventListener('activate', event => {
  event.waitUntil(activate())
})
addEventListener('message', event => {
  const { data } = event
  if (data?.keep) event.waitUntil(inTurn(() => keep(data.keep, data.version)))
  if (data?.sent) event.waitUntil(inTurn(checkAgain))
})
addEventListener('fetch', event => {
  const { request } = event
  const { origin } = new URL(request.url)
  if (origin !== location.origin) return
  // A frame may show a page as others see it.
  if (request.destination === 'document') event.respondWith(navigate(event))
  else if (request.method === 'GET' && ['style', 'script', 'font', 'image'].includes(request.destination))
    event.respondWith(fetch(request).catch(() => storedFile(request)))
})

async function install() {
  const cache = await caches.open(statics)
  const response = await fetch('/offline', { cache: 'no-store' })
  if (!response.ok) throw new Error(`/offline: ${response.status}`)
  await cache.put('/offline', response.clone())
  await keepStatics(await response.text())
  await skipWaiting()
}

async function activate() {
  const names = await caches.keys()
  await Promise.all(
    names.filter(name => name.startsWith('static-') && name !== statics).map(name => caches.delete(name)),
  )
  await clients.claim()
}

let previous = Promise.resolve()
/** Changes to what is kept happen one after the other. */
function inTurn(work) {
  previous = previous.then(work).catch(() => undefined)
  return previous
}

/** Whose lessons are kept, whether the last page was theirs, when the list was checked, and the paths, newest first. */
const noState = { reader: 'none', isSure: true, checkedAt: 0, paths: [] }

async function readState() {
  const stored = await caches.match('/offline-state', { cacheName: 'offline-state' })
  return stored ? stored.json() : noState
}

async function writeState(state) {
  const cache = await caches.open('offline-state')
  await cache.put('/offline-state', new Response(JSON.stringify(state)))
}

/** Removes everything that belongs to a reader. */
async function forget() {
  const names = await caches.keys()
  await Promise.all(names.filter(isOurs).map(name => caches.delete(name)))
  for (const client of await clients.matchAll({ includeUncontrolled: true }))
    client.postMessage({ forget: true })
}

async function navigate(event) {
  const { request } = event
  const { pathname } = new URL(request.url)
  const isSignOut = pathname === '/sign-out' && request.method === 'POST'
  if (isSignOut) await inTurn(forget)
  try {
    const response = await fetch(request)
    event.waitUntil(inTurn(() => follow(pathname, response)))
    return response
  } catch {
    return withoutConnection(request, pathname)
  }
}

/** Finds out from a page who is signed in. */
async function follow(pathname, response) {
  const state = await readState()
  if (response.type === 'opaqueredirect') {
    // Someone may have signed in: until a page says who, nothing is shown without a connection.
    if (!state.paths.length) return
    // A lesson may have been finished, which its copy says, too.
    if (pathname.startsWith('/courses/')) await writeState({ ...state, checkedAt: 0 })
    else await writeState({ ...state, isSure: false })
    return
  }
  const reader = response.headers.get(readerHeader)
  if (!reader) return
  const own = await ownState(state, reader)
  if (own.paths.length && Date.now() - own.checkedAt > checkAfter) await check(own)
}

/** Returns the state of this reader, after removing what belongs to another one. */
async function ownState(state, reader) {
  if (state.reader === reader && state.isSure) return state
  if (state.reader !== reader && state.reader !== 'none') await forget()
  const own = state.reader === reader ? { ...state, isSure: true } : { ...noState, reader }
  if (reader !== 'none') await writeState(own)
  return own
}

/** Removes the lessons that the reader may not open any more, and fetches those that have changed. */
async function check(state) {
  const response = await fetch('/offline/lessons', { headers: { accept: 'application/json' } })
  if (response.status === 401) return forget()
  if (!response.ok) return
  const { reader, lessons } = await response.json()
  if (reader !== state.reader) return forget()
  const versions = new Map(lessons.map(({ path, version: newest }) => [path, newest]))
  const gone = state.paths.filter(path => !versions.has(path))
  await Promise.all(gone.map(path => caches.delete(lessonCache(path))))
  const paths = state.paths.filter(path => versions.has(path))
  await writeState({ ...state, paths, checkedAt: Date.now() })
  for (const path of paths) if ((await versionOf(path)) !== versions.get(path)) await fetchCopy(path, reader)
}

/** What was read without a connection has been sent, so copies may say something else now. */
async function checkAgain() {
  const state = await readState()
  if (state.isSure && state.paths.length) await check(state)
}

async function versionOf(path) {
  const copy = await caches.match(path, { cacheName: lessonCache(path) })
  return copy?.headers.get('x-version')
}

/** Keeps a lesson that was opened; beyond 30, the one that was opened longest ago goes. */
async function keep(path, newest) {
  const state = await readState()
  if ((await versionOf(path)) !== newest && !(await fetchCopy(path, state.reader))) return
  const current = await readState()
  const paths = [path, ...current.paths.filter(each => each !== path)]
  await Promise.all(paths.slice(maxLessons).map(each => caches.delete(lessonCache(each))))
  await writeState({ ...current, paths: paths.slice(0, maxLessons) })
}

/** Fetches the copy of a lesson with its files. Returns whether it is kept. */
async function fetchCopy(path, expected) {
  const response = await fetch(`${path}/offline`, { redirect: 'error' })
  const reader = response.headers.get(readerHeader)
  if (!response.ok || !reader || reader === 'none') {
    if (response.status < 500 && response.status !== 429) await drop(path)
    return false
  }
  if (reader !== expected) await ownState(await readState(), reader)
  await caches.delete(lessonCache(path))
  const html = await response.clone().text()
  try {
    const cache = await caches.open(lessonCache(path))
    await keepStatics(html)
    for (const url of filesIn(html, '/assets/').slice(0, maxFiles)) await keepFile(cache, url)
    await cache.put(path, response)
    return true
  } catch {
    // The browser has no room.
    await drop(path)
    return false
  }
}

async function drop(path) {
  await caches.delete(lessonCache(path))
  const state = await readState()
  if (state.paths.includes(path)) {
    await writeState({ ...state, paths: state.paths.filter(each => each !== path) })
  }
}

async function keepStatics(html) {
  const cache = await caches.open(statics)
  const urls = ['/css/', '/js/', '/fonts/', '/favicon'].flatMap(folder => filesIn(html, folder))
  for (const url of urls) await keepWithImports(cache, url)
}

/** Keeps a file and, for a script, the scripts that it imports. */
async function keepWithImports(cache, url) {
  if (await cache.match(url)) return
  await keepFile(cache, url)
  const kept = url.startsWith('/js/') && (await cache.match(url))
  if (!kept) return
  for (const [, name] of (await kept.text()).matchAll(/(?:from|import)\s*["']\.\/([\w-]+\.js)["']/g))
    await keepWithImports(cache, `/js/${name}`)
}

async function keepFile(cache, url) {
  const response = await fetch(url)
  const isSmall = Number(response.headers.get('content-length') ?? 0) <= maxFileSize
  if (response.status === 200 && isSmall) await cache.put(url, response)
}

function filesIn(html, folder) {
  const found = [...html.matchAll(/ (?:src|href)="(\/[^"]+)"/g)].map(([, url]) =>
    url.replaceAll('&amp;', '&'),
  )
  return [...new Set(found.filter(url => url.startsWith(folder)))]
}

/** A picture may be kept in another size than the one that is asked for. */
async function storedFile(request) {
  return (
    (await caches.match(request)) ?? (await caches.match(request, { ignoreSearch: true })) ?? Response.error()
  )
}

async function withoutConnection(request, pathname) {
  const state = await readState()
  const isKept = request.method === 'GET' && state.isSure && state.paths.includes(pathname)
  const copy = isKept && (await caches.match(pathname, { cacheName: lessonCache(pathname) }))
  return copy || (await caches.match('/offline', { cacheName: statics })) || Response.error()
}
