import { setTimeout as wait } from 'node:timers/promises'
import { connectionFault } from '../../platform/connection-fault'
import { later, now, seconds } from '../../platform/clock'
import { parseRetryAfter } from '../../platform/retry-after'
import { MeetingServiceError } from './meeting-service'

const limits = { answer: seconds(15), wait: seconds(5), attempts: 3 }
/** A token is replaced this long before it expires. */
const margin = seconds(60)

type Token = { value: string; expiresAt: Date }

export type ServiceCall = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Of the address, with its query. */
  path: string
  body?: Record<string, unknown>
}

export type ServiceAccess = {
  /** How messages call it. */
  name: string
  /** Origin of its API. */
  base: string
  /** Where a token is asked for, and how. */
  tokenAddress: string
  tokenForm: Record<string, string>
  /** Credentials for HTTP basic authentication, where they aren't in the form. */
  basic?: { user: string; password: string }
}

/**
 * Returns the function that calls a meeting service with an access token, which it asks for and keeps. It returns the
 * JSON of the answer, null without one, and `missing` for what isn't there. An expired token is replaced once; when the
 * service is busy it waits for at most 5 seconds, twice. Nothing else is repeated here: whether a request that got no
 * answer was done, only the caller can find out.
 *
 * @throws MeetingServiceError
 */
export function serviceCaller(access: ServiceAccess): (call: ServiceCall) => Promise<unknown> {
  let asked: Promise<Token> | null = null
  const token = async (): Promise<string> => {
    asked ??= askForToken(access)
    const current = asked
    try {
      const { value, expiresAt } = await current
      if (expiresAt > now()) return value
    } catch (error) {
      if (asked === current) asked = null
      throw error
    }
    if (asked === current) asked = null
    return token()
  }
  const attempt = async (call: ServiceCall, number: number, isFresh: boolean): Promise<unknown> => {
    const response = await send(access, call, await token())
    if (response.status === 401 && !isFresh) {
      await response.body?.cancel()
      asked = null
      return attempt(call, number, true)
    }
    const retryAfter = parseRetryAfter(response.headers.get('retry-after') ?? undefined)
    if (response.status === 429 && number < limits.attempts && (retryAfter ?? seconds(1)) <= limits.wait) {
      await response.body?.cancel()
      await wait(retryAfter ?? seconds(1))
      return attempt(call, number + 1, isFresh)
    }
    if (response.status === 404) {
      await response.body?.cancel()
      return missing
    }
    return read(access, call, response, retryAfter)
  }
  return call => attempt(call, 1, false)
}

/** What a service returns for something that it doesn't have. */
export const missing = Symbol('missing')

async function askForToken(access: ServiceAccess): Promise<Token> {
  const { name, tokenAddress, tokenForm, basic } = access
  const call: ServiceCall = { method: 'POST', path: new URL(tokenAddress).pathname }
  const response = await request(name, call, tokenAddress, {
    method: 'POST',
    headers: {
      accept: 'application/json',
      ...(basic && {
        authorization: `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`,
      }),
    },
    body: new URLSearchParams(tokenForm),
  })
  const answer = (await read(access, call, response, null)) as Record<string, unknown> | null
  if (typeof answer?.access_token !== 'string') {
    throw new MeetingServiceError(`${name}: the answer has no access token`, response.status)
  }
  const lasts = seconds(Number(answer.expires_in ?? 3600))
  return { value: answer.access_token, expiresAt: later(now(), Math.max(lasts - margin, seconds(1))) }
}

function send({ name, base }: ServiceAccess, call: ServiceCall, token: string): Promise<Response> {
  return request(name, call, `${base}${call.path}`, {
    method: call.method,
    headers: {
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(call.body && { 'content-type': 'application/json' }),
    },
    ...(call.body && { body: JSON.stringify(call.body) }),
  })
}

async function request(
  name: string,
  call: ServiceCall,
  address: string,
  options: RequestInit,
): Promise<Response> {
  try {
    // A redirect would take the token elsewhere.
    return await fetch(address, { ...options, redirect: 'error', signal: AbortSignal.timeout(limits.answer) })
  } catch (thrown) {
    throw withoutAnswer(name, call, thrown as Error)
  }
}

function withoutAnswer(name: string, { method, path }: ServiceCall, error: Error): MeetingServiceError {
  const cause = (error.cause ?? {}) as NodeJS.ErrnoException
  const reason = error.name === 'TimeoutError' ? 'timeout' : connectionFault(cause)
  return new MeetingServiceError(`${name}: ${method} ${withoutQuery(path)}: ${reason}`, null)
}

async function read(
  { name }: ServiceAccess,
  call: ServiceCall,
  response: Response,
  retryAfter: number | null,
): Promise<unknown> {
  let text: string
  try {
    text = await response.text()
  } catch (thrown) {
    throw withoutAnswer(name, call, thrown as Error)
  }
  const answer = jsonOf(text)
  if (response.ok && (answer !== undefined || !text)) return answer ?? null
  const said = messageIn(answer)
  throw new MeetingServiceError(
    `${name}: ${call.method} ${withoutQuery(call.path)}: ${response.status}${said && ` ${said}`}`,
    // A page where JSON should be is a fault of something in between, which passes.
    response.ok ? 502 : response.status,
    retryAfter,
  )
}

const withoutQuery = (path: string) => path.replace(/\?.*/s, '')

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What a service says about an error: Zoom in `message` or `reason`, Microsoft in `error` or `error_description`. */
function messageIn(answer: unknown): string {
  const { message, reason, error, error_description: description } = (answer ?? {}) as Record<string, unknown>
  const inner = error && typeof error === 'object' ? (error as Record<string, unknown>).message : error
  const said = [message, reason, description, inner].find(each => typeof each === 'string')
  return String(said ?? '').slice(0, 200)
}
