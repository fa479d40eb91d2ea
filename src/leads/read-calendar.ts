import http from 'node:http'
import https from 'node:https'
import { connectionFault } from '../platform/connection-fault'
import { BlockedAddress, endpointUrl, guardConnection, guardedLookup } from '../platform/guard-address'

/** Thrown when no calendar could be read; `status` is the HTTP status, null without a response. */
export class CalendarNotRead extends Error {
  constructor(
    readonly reason:
      'address' | 'private' | 'status' | 'timeout' | 'tooLarge' | ReturnType<typeof connectionFault>,
    readonly status: number | null = null,
  ) {
    super(`calendar not read: ${reason}`)
  }
}

const limits = { bytes: 5_000_000, redirects: 3 }
const redirects = [301, 302, 303, 307, 308]

/**
 * Reads the text at the address of a calendar, at most 5 MB. Every redirect passes the guard against private addresses.
 *
 * @param timeout for everything, in milliseconds.
 * @throws CalendarNotRead
 */
export async function readCalendar(address: string, timeout: number): Promise<string> {
  const signal = AbortSignal.timeout(timeout)
  try {
    let url = endpointUrl(address)
    for (let hop = 0; hop <= limits.redirects; hop++) {
      const response = await open(url, signal)
      const { statusCode = 0, headers } = response
      if (statusCode >= 200 && statusCode < 300) return await textOf(response)
      response.destroy()
      if (!redirects.includes(statusCode) || !headers.location || !URL.canParse(headers.location, url.href)) {
        throw new CalendarNotRead('status', statusCode)
      }
      url = endpointUrl(new URL(headers.location, url).href)
    }
    throw new CalendarNotRead('status', 310)
  } catch (error) {
    throw error instanceof CalendarNotRead ? error : new CalendarNotRead(reasonOf(error as Error, signal))
  }
}

function reasonOf(error: Error, signal: AbortSignal): CalendarNotRead['reason'] {
  if (signal.aborted) return 'timeout'
  if (error instanceof BlockedAddress) return error.reason === 'private' ? 'private' : 'address'
  return connectionFault(error)
}

function open(url: URL, signal: AbortSignal): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent: false,
      lookup: guardedLookup,
      signal,
      headers: { 'user-agent': 'Academy-Calendar/1.0', accept: 'text/calendar, text/plain;q=0.5' },
    })
    guardConnection(request, url)
    request.on('response', resolve)
    request.on('error', reject)
    request.end()
  })
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    length += chunk.length
    if (length > limits.bytes) throw new CalendarNotRead('tooLarge')
  }
  return Buffer.concat(chunks).toString('utf8')
}
