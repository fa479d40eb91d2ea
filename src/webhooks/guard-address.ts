import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { config } from '../platform/config'

/**
 * Thrown for a URL that isn't called: it is malformed, isn't https, contains a password or leads to a private network.
 */
export class BlockedAddress extends Error {
  constructor(readonly reason: 'form' | 'scheme' | 'credentials' | 'private') {
    super(`blocked address: ${reason}`)
  }
}

/**
 * Parses the URL of an endpoint and checks what can be checked without DNS. Only `https` is allowed; `http` is
 * allowed for the loopback address when `WEBHOOK_ALLOW_LOOPBACK` is set, for development.
 *
 * @throws BlockedAddress when the URL may not be called.
 */
export function endpointUrl(address: string): URL {
  if (!URL.canParse(address)) throw new BlockedAddress('form')
  // The parser normalises disguised addresses: 2130706433, 0x7f.1 and 127.1 all become 127.0.0.1.
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowedLoopback(url.hostname))) {
    throw new BlockedAddress(url.protocol === 'http:' && !isPublicHost(url.hostname) ? 'private' : 'scheme')
  }
  if (url.username || url.password) throw new BlockedAddress('credentials')
  if (!isPublicHost(url.hostname) && !isAllowedLoopback(url.hostname)) throw new BlockedAddress('private')
  return url
}

/**
 * The `lookup` of the connection itself, so the name can't resolve to another address between the check and the call.
 * It fails when any address of the name isn't public. Node doesn't call it for a literal address; `endpointUrl`
 * checks those.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '')
    const allowed = addresses.every(
      ({ address }) => isPublic(address) || (isAllowedLoopback(hostname) && isLoopback(address)),
    )
    if (!allowed || !addresses.length) return callback(new BlockedAddress('private'), '')
    if (options.all) return callback(null, addresses)
    callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}

/**
 * True for a unicast address of the public internet, false for private, shared, local, mapped and translated ranges.
 */
export function isPublic(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'
}

function isPublicHost(hostname: string): boolean {
  const bare = withoutBrackets(hostname)
  if (ipaddr.isValid(bare)) return isPublic(bare)
  return bare.includes('.') && !/(^|\.)(localhost|local|internal)\.?$/.test(bare)
}

function isAllowedLoopback(hostname: string): boolean {
  return config.allowLoopbackWebhooks && ['localhost', '127.0.0.1', '::1'].includes(withoutBrackets(hostname))
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
