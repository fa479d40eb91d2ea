/**
 * Returns a function that sends small reports to the server, one after the other. A report sent while the learner
 * leaves the page goes as a beacon. A failed report is not retried, since its time has passed.
 *
 * @returns {(fields: Record<string, string>, isLeaving?: boolean) => Promise<object | undefined>}
 */
export function reporter(url, token) {
  let previous = Promise.resolve()
  return (fields, isLeaving = false) => {
    const body = new URLSearchParams({ ...fields, _csrf: token })
    if (isLeaving && navigator.sendBeacon?.(url, body)) return Promise.resolve()
    previous = previous.then(() => post(url, body)).catch(() => undefined)
    return previous
  }
}

async function post(url, body) {
  const response = await fetch(url, {
    method: 'POST',
    body,
    keepalive: true,
    headers: { accept: 'application/json' },
  })
  return response.ok && response.status !== 204 ? response.json() : undefined
}
