import http from 'node:http'
import https from 'node:https'
import { seconds } from '../platform/clock'
import { BlockedAddress, guardedLookup, endpointUrl } from './guard-address'
import { parseRetryAfter } from './retry-schedule'

/** What came of one call. */
export type CallResult = {
  /** Only a 2xx is a success; a redirect is not followed and is none. */
  ok: boolean
  /** Null when nobody answered. */
  status: number | null
  /** Why nobody answered: `timeout`, `blocked`, or the system's code such as `ECONNREFUSED`. */
  error: string | null
  ms: number
  /** The beginning of the answer, at most 16 kB of text. */
  response: string
  retryAfter: number | null
  /** The receiver says that this message shall not come again (`webhook-delivery: abort-message`). */
  abort: boolean
}

const limits = { connect: seconds(5), total: seconds(15), response: 16 * 1024 }
const shared = { keepAlive: true, keepAliveMsecs: 10_000, timeout: 30_000, maxFreeSockets: 4 }
const agents = { 'http:': new http.Agent(shared), 'https:': new https.Agent(shared) }

/**
 * Posts a body byte for byte: 5 s to connect, 15 s in all, to a public address only, without following redirects. Never throws:
 * whatever goes wrong is an answer.
 */
export async function postWebhook(
  address: string,
  headers: Record<string, string>,
  body: string,
): Promise<CallResult> {
  const began = performance.now()
  const answer = await call(address, headers, body).catch(reason => failed(reason as Error))
  return { ...answer, ms: Math.round(performance.now() - began) }
}

async function call(
  address: string,
  headers: Record<string, string>,
  body: string,
  again = true,
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
        'user-agent': 'Lyceum-Webhooks/1.0',
        ...headers,
      },
    })
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
      // A kept connection that the receiver closed just now: nothing was read of it, so this is no failed try.
      const stale = request.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET'
      if (stale && again) resolve(call(address, headers, body, false))
      else reject(error)
    })
    request.on('close', () => {
      clearTimeout(total)
      clearTimeout(connect)
    })
    request.end(bytes)
  })
}

/** The status counts from the moment it is there; of the text at most 16 kB, as much as comes before the time is over. */
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
    // Cut off in the middle: what is there is shown.
  }
  const status = response.statusCode ?? 0
  return {
    ok: status >= 200 && status < 300,
    status,
    error: null,
    ms: 0,
    response: Buffer.concat(chunks).subarray(0, limits.response).toString('utf8').replaceAll('\0', '\uFFFD'),
    retryAfter: parseRetryAfter(response.headers['retry-after']),
    abort: response.headers['webhook-delivery'] === 'abort-message',
  }
}

class Timeout extends Error {}

function failed(reason: Error): CallResult {
  const code = (reason as NodeJS.ErrnoException).code
  const error =
    reason instanceof Timeout ? 'timeout' : reason instanceof BlockedAddress ? 'blocked' : (code ?? 'failed')
  return { ok: false, status: null, error, ms: 0, response: '', retryAfter: null, abort: false }
}
