import { randomBytes } from 'node:crypto'
import http from 'node:http'
import https from 'node:https'
import { z } from 'zod'
import { seconds } from '../platform/clock'
import { isLoopbackHost } from '../platform/config'
import { connectionFault } from '../platform/connection-fault'
import { BlockedAddress, canConnect, guardedLookup } from '../platform/guard-address'
import { hmacOf, isHmacOf } from '../platform/hmac'
import { baseUrlOf } from './brand'

/** Where an installation proves that it answers on a host; the query has a `nonce`. */
export const hostCheckPath = '/host-check'

/** `ok`, or why a host doesn't lead to its brand. `otherBrand`: something on the way hides the host. */
export type HostCheck =
  'ok' | 'unknownHost' | 'certificate' | 'noConnection' | 'timeout' | 'private' | 'otherServer' | 'otherBrand'

const proofSchema = z.object({ brand: z.string(), proof: z.string() })
const nonceSchema = z.string().regex(/^[\w-]{22}$/)
const limits = { time: seconds(8), bytes: 4096 }

/** Returns the proof that this installation shows a brand to a request; null for a nonce that isn't one. */
export function proveHost(brand: string, nonce: unknown): z.output<typeof proofSchema> | null {
  const read = nonceSchema.safeParse(nonce)
  return read.success ? { brand, proof: hmacOf('host-check', `${brand}:${read.data}`) } : null
}

/** Opens a host of a brand as a browser would, and returns whether this installation answers there with the brand. */
export async function checkHost(brand: string, host: string): Promise<HostCheck> {
  const nonce = randomBytes(16).toString('base64url')
  const url = new URL(`${baseUrlOf(brand, [host])}${hostCheckPath}?nonce=${nonce}`)
  url.hostname = host
  try {
    const answer = proofSchema.safeParse(parsed(await read(url)))
    if (!answer.success) return 'otherServer'
    const { brand: shown, proof } = answer.data
    if (!isHmacOf('host-check', `${shown}:${nonce}`, proof)) return 'otherServer'
    return shown === brand ? 'ok' : 'otherBrand'
  } catch (error) {
    if (error instanceof BlockedAddress) return 'private'
    if (error instanceof Timeout) return 'timeout'
    return connectionFault(error as NodeJS.ErrnoException)
  }
}

class Timeout extends Error {}

/** Returns the beginning of a response. A name of this computer is called there, whatever the resolver says. */
function read(url: URL): Promise<string> {
  const isHere = isLoopbackHost(url.hostname)
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? https : http).request(url, {
      agent: false,
      headers: { host: url.host, accept: 'application/json' },
      ...(isHere ? { hostname: '127.0.0.1' } : { lookup: guardedLookup }),
    })
    const timer = setTimeout(() => request.destroy(new Timeout()), limits.time)
    request.on('socket', socket => {
      // Whatever resolved the name, nothing is sent before the address at the other end has been checked.
      socket.once('connect', () => {
        const { remoteAddress = '' } = socket
        if (!isHere && !canConnect(url.hostname, remoteAddress))
          request.destroy(new BlockedAddress('private'))
      })
    })
    request.on('response', response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        text += part
        if (text.length > limits.bytes) response.destroy()
      })
      response.on('close', () => resolve(text))
    })
    request.on('error', reject)
    request.on('close', () => {
      clearTimeout(timer)
      // A server that switches to another protocol ends the call without a response and without an error.
      reject(new Error('no response'))
    })
    request.end()
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
