import { hostname } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'

/** Where a command gets messages and where it takes them. */
export type ListenOptions = {
  /** The academy, such as https://academy.example. */
  server: string
  token: string
  /** A server on this machine. */
  forward: string
  print: (line: string) => void
  /** Ends the command. */
  signal: AbortSignal
}

type Started = { endpoint: string; types: string[]; secret: string; expires_at: string }
type Message = { id: string; type: string; headers: Record<string, string>; body: string }
type Result = { status: number | null; error: string | null; duration_ms: number; response: string }

/** The token doesn't work, or the server refuses the command for good. */
export class Refused extends Error {}
/** The server has ended the command, as after a long silence. */
class Ended extends Error {}

/** The longest pause between two attempts to reach the server, and how long a forwarded call may take, in ms. */
const [longestPause, longestCall] = [30_000, 15_000]
const longestResponse = 16_000

/**
 * Forwards an endpoint's messages to a server on this machine until `signal` is aborted, and prints a line about each.
 * When the academy can't be reached, it tries again until it can; no message is lost meanwhile.
 *
 * @throws Refused when the token is unknown or has expired.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { print, signal } = options
  await withRetries(options, () => start(options))
  while (!signal.aborted) {
    try {
      const { messages } = await withRetries(options, () =>
        call<{ messages: Message[] }>(options, 'GET', '/messages'),
      )
      for (const message of messages) {
        if (signal.aborted) break
        const result = await forward(message, options.forward)
        print(lineOf(message, result))
        const report = { id: message.id, ...result }
        await withRetries(options, () => call(options, 'POST', '/results', report))
      }
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof Ended)) throw error
      print('The academy has ended this connection. Starting again.')
      await withRetries(options, () => start(options))
    }
  }
  await call({ ...options, signal: AbortSignal.timeout(5000) }, 'DELETE', '').catch(() => {})
}

async function start(options: ListenOptions): Promise<void> {
  const body = { forward: options.forward, machine: hostname().slice(0, 40) || 'computer' }
  const { endpoint, types, secret, expires_at } = await call<Started>(options, 'POST', '', body)
  options.print(`Listening to ${endpoint}: ${types.join(', ')}`)
  options.print(`Forwarding to ${options.forward}, until ${expires_at}`)
  options.print(`Signed with ${secret}`)
}

/** Repeats a call while the server can't be reached, with longer and longer pauses. */
async function withRetries<T>({ print, signal }: ListenOptions, attempt: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++) {
    try {
      const value = await attempt()
      if (failures) print('Connected again.')
      return value
    } catch (error) {
      if (signal.aborted || error instanceof Refused || error instanceof Ended) throw error
      if (!failures) print(`The academy can't be reached (${reasonOf(error)}). Trying again.`)
      await wait(Math.min(1000 * 2 ** failures, longestPause), undefined, { signal })
    }
  }
}

async function call<T>(
  { server, token, signal }: ListenOptions,
  method: string,
  path: string,
  body?: object,
): Promise<T> {
  const response = await fetch(`${server}/api/listeners${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
    redirect: 'error',
    signal,
  })
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T
  const { error } = (await response.json().catch(() => ({}))) as { error?: { message?: string } }
  const message = error?.message ?? `status ${response.status}`
  if (response.status === 404 && method !== 'POST') throw new Ended(message)
  if (response.status === 404 && path === '/results') throw new Ended(message)
  if ([400, 401, 403, 404, 422].includes(response.status)) throw new Refused(message)
  throw new Error(message)
}

/** Posts a message byte for byte as the academy signed it. It never throws: every failure is a result. */
async function forward({ headers, body }: Message, address: string): Promise<Result> {
  const startedAt = performance.now()
  const took = () => Math.round(performance.now() - startedAt)
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Academy-Webhooks/1.0', ...headers },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(longestCall),
    })
    const text = (await response.text()).slice(0, longestResponse)
    return { status: response.status, error: null, duration_ms: took(), response: text }
  } catch (error) {
    return { status: null, error: reasonOf(error).slice(0, 100), duration_ms: took(), response: '' }
  }
}

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: { code?: string } }
  return name === 'TimeoutError' ? 'timeout' : (cause?.code ?? message)
}

function lineOf({ id, type }: Message, { status, error, duration_ms }: Result): string {
  const time = new Date().toTimeString().slice(0, 8)
  return [time, type.padEnd(22), id.padEnd(31), status ?? error, `${(duration_ms / 1000).toFixed(2)} s`].join(
    '  ',
  )
}

/** True for a URL on this machine: the data of real people stays on it. */
export function isOnThisMachine(address: string): boolean {
  const url = URL.parse(address)
  if (!url || !['http:', 'https:'].includes(url.protocol)) return false
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return /^127(\.\d{1,3}){3}$/.test(host) || ['localhost', '::1', 'host.docker.internal'].includes(host)
}
