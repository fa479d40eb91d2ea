import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { config } from '../platform/config'

/** An address that we do not call: it leads into a network that is not public, or is none at all. */
export class BlockedAddress extends Error {
  constructor(readonly why: 'form' | 'scheme' | 'credentials' | 'private') {
    super(`blocked address: ${why}`)
  }
}

/**
 * The address of a receiver, as it may be called; throws `BlockedAddress` for what can be seen without asking the DNS. `https`
 * only; `http` for the loopback address, where a setting allows that (`WEBHOOK_ALLOW_LOOPBACK`, for development).
 */
export function endpointUrl(address: string): URL {
  if (!URL.canParse(address)) throw new BlockedAddress('form')
  // The parser knows the disguises of an address: 2130706433, 0x7f.1 and 127.1 are all 127.0.0.1 afterwards.
  const url = new URL(address)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isAllowedLoopback(url.hostname))) {
    throw new BlockedAddress(url.protocol === 'http:' && !isPublicHost(url.hostname) ? 'private' : 'scheme')
  }
  if (url.username || url.password) throw new BlockedAddress('credentials')
  if (!isPublicHost(url.hostname) && !isAllowedLoopback(url.hostname)) throw new BlockedAddress('private')
  return url
}

/**
 * The `lookup` of the connection itself, so that nothing can change between the check and the call: refuses when any of a
 * name's addresses is not public. Node does not call it for a literal address: `receiverUrl` has judged that one.
 */
export const guardedLookup: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return answer(error, '')
    const allowed = addresses.every(
      ({ address }) => isPublic(address) || (isAllowedLoopback(hostname) && isLoopback(address)),
    )
    if (!allowed || !addresses.length) return answer(new BlockedAddress('private'), '')
    if (options.all) return answer(null, addresses)
    answer(null, addresses[0]!.address, addresses[0]!.family)
  })
}

/** True for a unicast address of the public internet: none of the private, shared, local, mapped or translated ranges. */
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
