import http from 'node:http'
import https from 'node:https'
import { seconds } from '../platform/clock'
import { parseRetryAfter } from '../platform/retry-after'
import { withoutSecrets } from '../platform/secret-routes'
import { BlockedAddress, endpointUrl, guardConnection, guardedLookup } from '../platform/guard-address'

/** The result of one call to an endpoint. */
export type CallResult = {
  /** True for a 2xx only. Redirects aren't followed and count as failures. */
  ok: boolean
  /** Null when there was no response. */
  status: number | null
  /** Why there was no response: `timeout`, `blocked`, or the system's code, such as `ECONNREFUSED`. */
  error: string | null
  durationMs: number
  /** The start of the response body, at most 16 kB. An endpoint may echo the message, so its links have no token. */
  response: string
  /** Where a redirect leads, at most 500 characters; null for any other response. */
  location: string | null
  /** `Retry-After` in ms. */
  retryAfter: number | null
  /** True when the endpoint refuses this message for good (`webhook-delivery: abort-message`; see README.md). */
  abort: boolean
}

const limits = { connect: seconds(5), total: seconds(15), response: 16 * 1024 }
const shared = { keepAlive: true, keepAliveMsecs: 10_000, timeout: 30_000, maxFreeSockets: 4 }
const agents = { 'http:': new http.Agent(shared), 'https:': new https.Agent(shared) }

/**
 * Posts a body byte for byte to a public address: 5 s to connect, 15 s in total, without following redirects. It
 * never throws; every failure is a result.
 */
export async function postWebhook(
  address: string,
  headers: Record<string, string>,
  body: string,
): Promise<CallResult> {
  const startedAt = performance.now()
  const result = await call(address, headers, body).catch(reason => failureOf(reason as Error))
  return { ...result, durationMs: Math.round(performance.now() - startedAt) }
}

async function call(
  address: string,
  headers: Record<string, string>,
  body: string,
  mayReconnect = true,
): Promise<CallResult> {
  const url = endpointUrl(address)
  const bytes = Buffer.from(body)
  return new Promise<CallResult>((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method: 'POST',
      agent: agents[url.protocol as keyof typeof agents],
      lookup: guardedLookup,
      headers: {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'Academy-Webhooks/1.0',
        ...headers,
      },
    })
    guardConnection(request, url)
    const timeout = () => request.destroy(new Timeout())
    const total = setTimeout(timeout, limits.total)
    let connect: NodeJS.Timeout | undefined
    request.on('socket', socket => {
      if (!socket.connecting) return
      connect = setTimeout(timeout, limits.connect)
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connect))
    })
    request.on('response', response => resolve(read(response)))
    request.on('error', error => {
      // The endpoint has just closed a reused connection and read nothing, so this isn't a failed attempt.
      const stale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (stale && mayReconnect) resolve(call(address, headers, body, false))
      else reject(error)
    })
    request.on('close', () => {
      clearTimeout(total)
      clearTimeout(connect)
    })
    request.end(bytes)
  })
}

/** Reads the status and as much of the body as arrives in time, at most 16 kB. The status alone decides. */
async function read(response: http.IncomingMessage): Promise<CallResult> {
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      length += chunk.length
      if (length >= limits.response) break
    }
  } catch {
    // The body was cut off; the part that arrived is enough.
  }
  const status = response.statusCode ?? 0
  const start = Buffer.concat(chunks).subarray(0, limits.response).toString('utf8')
  return {
    ok: status >= 200 && status < 300,
    status,
    error: null,
    durationMs: 0,
    response: withoutSecrets(start.replaceAll('\0', '\uFFFD')),
    location: status >= 300 && status < 400 ? shownLocation(response.headers.location) : null,
    retryAfter: parseRetryAfter(response.headers['retry-after']),
    abort: response.headers['webhook-delivery'] === 'abort-message',
  }
}

function shownLocation(location = ''): string | null {
  return withoutSecrets(location).slice(0, 500) || null
}

class Timeout extends Error {}

function failureOf(reason: Error): CallResult {
  const code = (reason as NodeJS.ErrnoException).code
  const error =
    reason instanceof Timeout ? 'timeout' : reason instanceof BlockedAddress ? 'blocked' : (code ?? 'failed')
  const nothing = { response: '', location: null, retryAfter: null, abort: false }
  return { ok: false, status: null, error, durationMs: 0, ...nothing }
}
