import http from 'node:http'
import https from 'node:https'
import { setTimeout as pause } from 'node:timers/promises'
import { later, now, seconds } from '../platform/clock'
import { config } from '../platform/config'
import { connectionFault } from '../platform/connection-fault'
import { BlockedAddress, guardConnection, guardedLookup, pageUrl } from '../platform/guard-address'
import { date, defineRecord, string } from '../platform/record'
import type { OutsideLink } from './outside-link'

/** What opening a page led to. */
export type Opened = Pick<OutsideLink, 'status' | 'reason' | 'movedTo'>

/** When a host may be called again: at most once per second, whatever the number of workers. */
const Hosts = defineRecord(
  'OutsideHost',
  'outside_hosts',
  { _id: string(), freeAt: date() },
  { indexes: [[{ freeAt: 1 }, { expireAfterSeconds: 3600 }]] },
)

const interval = seconds(1)
const limits = { total: seconds(120), request: seconds(10), redirects: 5, headerBytes: 16 * 1024, turns: 40 }
const permanent = [301, 308]
const redirects = [...permanent, 302, 303, 307]

/** Reserves a call of a host; false when another one was less than a second ago. */
export function reserveCall(url: string): Promise<boolean> {
  const at = now()
  const filter = { _id: new URL(url).host, freeAt: { $lte: at } }
  return Hosts.upsertIfMatching(filter, { $set: { freeAt: later(at, interval) } })
}

/**
 * Opens a page as a browser would, but reads only the head of the response: HEAD, then GET when HEAD isn't answered
 * with success. Each redirect passes the guard against private addresses (guard-address.ts). The caller has reserved
 * the first call. It never throws; every failure is a result.
 *
 * @param takeTurn waits until a host may be called again.
 */
export async function openPage(address: string, takeTurn = waitForCall): Promise<Opened> {
  let url = address
  let movedTo: string | null = null
  let isPermanent = true
  let isFirst = true
  // An address that doesn't answer is no better than the one that leads to it.
  const result = (status: number | null, reason: Opened['reason']): Opened => ({
    status,
    reason,
    movedTo: reason === null ? movedTo : null,
  })
  const deadline = performance.now() + limits.total
  try {
    for (let hop = 0; hop <= limits.redirects; hop++) {
      let response: Head | null = null
      for (const method of ['HEAD', 'GET'] as const) {
        if (performance.now() > deadline) return result(null, 'timeout')
        if (!isFirst) await takeTurn(url)
        isFirst = false
        response = await call(url, method)
        if (response.status < 400) break
      }
      const { status, location } = response!
      if (!redirects.includes(status) || location === undefined) {
        return result(status, status < 400 ? null : 'status')
      }
      if (!URL.canParse(location, url)) return result(status, 'redirects')
      url = new URL(location, url).href
      isPermanent &&= permanent.includes(status)
      if (isPermanent) movedTo = url
    }
    return result(null, 'redirects')
  } catch (error) {
    return result(null, reasonOf(error as NodeJS.ErrnoException))
  }
}

async function waitForCall(url: string): Promise<void> {
  for (let n = 0; n < limits.turns && !(await reserveCall(url)); n++) await pause(interval / 2)
}

type Head = { status: number; location: string | undefined }

/** Sends one request, and ends the connection when the head of the response is there. */
function call(address: string, method: 'HEAD' | 'GET'): Promise<Head> {
  const url = pageUrl(address)
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      method,
      agent: false,
      lookup: guardedLookup,
      maxHeaderSize: limits.headerBytes,
      headers: {
        'user-agent': `Academy-Link-Check/1.0 (+${config.baseUrl})`,
        accept: 'text/html, */*;q=0.8',
      },
    })
    const timer = setTimeout(() => request.destroy(new Timeout()), limits.request)
    guardConnection(request, url)
    request.on('response', response => {
      resolve({ status: response.statusCode ?? 0, location: response.headers.location })
      response.destroy()
    })
    request.on('error', reject)
    request.on('close', () => {
      clearTimeout(timer)
      // A server that switches to another protocol ends the call without a response and without an error.
      reject(new NoResponse())
    })
    request.end()
  })
}

class Timeout extends Error {}
class NoResponse extends Error {}

function reasonOf(error: NodeJS.ErrnoException): NonNullable<Opened['reason']> {
  if (error instanceof Timeout) return 'timeout'
  if (error instanceof BlockedAddress) return error.reason === 'port' ? 'port' : 'private'
  return connectionFault(error)
}
