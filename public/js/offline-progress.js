/**
 * What was read without a connection: kept in this browser, and sent when there is one. Each report has an id, and the
 * server counts it once, so that one whose answer was lost can be sent again.
 */
const key = 'offline-progress'

function readQueue() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? { reader: '', reports: [] }
  } catch {
    return { reader: '', reports: [] }
  }
}

function writeQueue(queue) {
  try {
    if (queue.reports.length) localStorage.setItem(key, JSON.stringify(queue))
    else localStorage.removeItem(key)
  } catch {
    // The browser keeps nothing.
  }
}

/** Removes what wasn't sent, when someone else uses this browser. */
export function clearReports() {
  writeQueue({ reports: [] })
}

/**
 * Adds to what was read of a lesson.
 *
 * @param {{ path: string, reader: string, seconds?: number, place?: string, done?: boolean }} reading
 */
export function addReading({ path, reader, seconds = 0, place, done = false }) {
  const queue = readQueue()
  const reports = queue.reader === reader ? queue.reports : []
  // One that was sent once stays as it is.
  const open = reports.find(report => report.path === path && !report.isSent)
  const report = open ?? { id: crypto.randomUUID(), path, seconds: 0, done: false }
  report.seconds = Math.round(10 * (report.seconds + seconds)) / 10
  report.done ||= done
  if (place !== undefined) report.place = place
  if (!open) reports.push(report)
  writeQueue({ reader, reports })
}

/** Whether a lesson was marked as done without a connection, and this waits to be sent. */
export function isMarked({ path, reader }) {
  const queue = readQueue()
  return queue.reader === reader && queue.reports.some(report => report.path === path && report.done)
}

/** Sends what is waiting. Returns whether something was sent. */
export async function sendReports() {
  if (!readQueue().reports.length) return false
  const send = () => sendInTurn().catch(() => false)
  return navigator.locks ? navigator.locks.request(key, send) : send()
}

async function sendInTurn() {
  const response = await fetch('/offline/lessons', { headers: { accept: 'application/json' } })
  if (!response.ok) return false
  const { reader, token } = await response.json()
  const queue = readQueue()
  if (queue.reader !== reader) {
    clearReports()
    return false
  }
  writeQueue({ reader, reports: queue.reports.map(report => ({ ...report, isSent: true })) })
  let hasSent = false
  for (const { id, path, seconds, place, done } of queue.reports) {
    const body = new URLSearchParams({ _csrf: token, id, seconds: String(Math.min(seconds, 86_400)) })
    if (place !== undefined) body.set('place', place)
    if (done) body.set('done', '1')
    const answer = await fetch(`${path}/offline-progress`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body,
    })
    // What the server refuses for good isn't sent again.
    if (answer.status >= 500 || answer.status === 429 || answer.status === 401) continue
    hasSent ||= answer.ok
    const rest = readQueue()
    writeQueue({ reader, reports: rest.reports.filter(report => report.id !== id) })
  }
  if (hasSent) navigator.serviceWorker?.controller?.postMessage({ sent: true })
  return hasSent
}
