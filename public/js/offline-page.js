/** Instead of a page that needs a connection: lists the lessons that are kept in this browser. */
const { pathname } = location
const isLesson = /^\/courses\/[^/]+\/lessons\/[^/]+$/.test(pathname)
show('[data-not-kept]', isLesson)
addEventListener('online', () => location.reload())
const retry = document.querySelector('[data-retry-page]')
if (pathname !== '/offline') retry.href = location.href

void list()

async function list() {
  const kept = globalThis.caches ? await keptLessons() : []
  const rows = document.querySelector('[data-kept-list]')
  for (const { path, title, course } of kept) {
    const row = document.createElement('li')
    const link = document.createElement('a')
    link.href = path
    link.dir = 'auto'
    link.textContent = title
    const meta = document.createElement('span')
    meta.className = 'meta'
    meta.dir = 'auto'
    meta.textContent = course
    row.append(link, ' ', meta)
    rows.append(row)
  }
  show('[data-kept]', kept.length)
  show('[data-none]', !kept.length)
}

async function keptLessons() {
  const stored = await caches.match('/offline-state', { cacheName: 'offline-state' })
  const { isSure, paths } = stored ? await stored.json() : { isSure: false, paths: [] }
  if (!isSure) return []
  const found = paths.map(async path => {
    const copy = await caches.match(path, { cacheName: `lesson:${path}` })
    const read = name => decodeURIComponent(copy.headers.get(name) ?? '')
    return copy ? [{ path, title: read('x-title'), course: read('x-course') }] : []
  })
  return (await Promise.all(found)).flat()
}

function show(selector, isShown) {
  document.querySelector(selector).hidden = !isShown
}
