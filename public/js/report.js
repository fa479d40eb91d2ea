/**
 * Sends small reports to the server, one after the other. A report made while the page is left goes as a beacon; one that fails
 * is not tried again, since its time has passed.
 *
 * @returns {(fields: Record<string, string>, leaving?: boolean) => Promise<object | undefined>}
 */
export function reporter(address, token) {
  let before = Promise.resolve()
  return (fields, leaving = false) => {
    const body = new URLSearchParams({ ...fields, _csrf: token })
    if (leaving && navigator.sendBeacon?.(address, body)) return Promise.resolve()
    before = before.then(() => post(address, body)).catch(() => undefined)
    return before
  }
}

async function post(address, body) {
  const answer = await fetch(address, {
    method: 'POST',
    body,
    keepalive: true,
    headers: { accept: 'application/json' },
  })
  return answer.ok && answer.status !== 204 ? answer.json() : undefined
}
