import { lookup, type LookupAddress } from 'node:dns'
import type { ClientRequest } from 'node:http'
import type { LookupFunction } from 'node:net'
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js'
import { config } from './config'

/**
 * Thrown for a URL that isn't called: it is malformed, isn't https, contains a password or leads to a private network.
 */
export class BlockedAddress extends Error {
  constructor(readonly reason: 'form' | 'scheme' | 'credentials' | 'private' | 'port' | 'off') {
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
  if (!url.hostname.startsWith('[') && !isHostName(url.hostname)) throw new BlockedAddress('form')
  return url
}

/** The ports of websites, besides the standard ones. No other port of a stranger's server is ever connected to. */
const webPorts = ['', '8080', '8443']

/**
 * Parses the URL of a page that an author links to, and checks what can be checked without DNS: http or https, a public
 * host, and a port of websites. Outside production, only this computer is called (`config.outsideLinks`); the reason
 * is `off` for any other host.
 *
 * @throws BlockedAddress when the URL may not be called.
 */
export function pageUrl(address: string): URL {
  if (!URL.canParse(address)) throw new BlockedAddress('form')
  const url = new URL(address)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new BlockedAddress('scheme')
  if (url.username || url.password) throw new BlockedAddress('credentials')
  if (config.outsideLinks === 'loopback' && isLoopbackName(url.hostname)) return url
  if (config.outsideLinks !== 'public') throw new BlockedAddress('off')
  if (!isPublicHost(url.hostname)) throw new BlockedAddress('private')
  if (!webPorts.includes(url.port)) throw new BlockedAddress('port')
  if (!url.hostname.startsWith('[') && !isHostName(url.hostname)) throw new BlockedAddress('form')
  return url
}

/**
 * The `lookup` of the connection itself, so the name can't resolve to another address between the check and the call.
 * It fails when any address of the name isn't public. Node doesn't call it for a literal address; `endpointUrl`
 * and `pageUrl` check those.
 */
export const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '')
    const allowed = addresses.every(({ address }) => canConnect(hostname, address))
    if (!allowed || !addresses.length) return callback(new BlockedAddress('private'), '')
    if (options.all) return callback(null, addresses)
    callback(null, addresses[0]!.address, addresses[0]!.family)
  })
}

/**
 * Ends a request as soon as it is connected, unless the address at the other end may be reached: whatever resolved the
 * name, nothing is sent before.
 */
export function guardConnection(request: ClientRequest, { hostname }: URL): void {
  request.on('socket', socket => {
    if (!socket.connecting) return
    socket.once('connect', () => {
      if (!canConnect(hostname, socket.remoteAddress ?? '')) request.destroy(new BlockedAddress('private'))
    })
  })
}

/** True when the host of an endpoint's URL may be reached at an address: a public one, or this computer if allowed. */
export function canConnect(hostname: string, address: string): boolean {
  return isPublic(address) || (isAllowedLoopback(hostname) && isLoopback(address))
}

/**
 * The part of the IPv6 space that is assigned for the internet (RFC 4291, section 2.4; IANA, "IPv6 Global Unicast
 * Address Assignments"). `ipaddr.js` calls all the unassigned rest unicast too, including the IPv4-compatible `::/96`.
 */
const globalUnicast: [IPv6, number] = ipaddr.IPv6.parseCIDR('2000::/3')

/** Public addresses that a cloud answers on the inside: Azure's wire server, and the service networks of IBM Cloud. */
const cloudServices = ['168.63.129.16/32', '161.26.0.0/16', '166.8.0.0/14'].map(range =>
  ipaddr.IPv4.parseCIDR(range),
)

/**
 * True for a unicast address of the public internet. False for everything else: private, shared, local and reserved
 * ranges, and the IPv6 forms that wrap an IPv4 address (mapped, compatible, NAT64, 6to4 and Teredo), whatever it is.
 */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (parsed.range() !== 'unicast') return false
  return parsed instanceof ipaddr.IPv6
    ? parsed.match(globalUnicast)
    : !cloudServices.some(range => (parsed as IPv4).match(range))
}

/**
 * Names that never belong to a host of the public internet: RFC 6761, 6762, 7686, 8375 and 9476, ICANN's reservation of
 * `internal`, and what home and office networks call themselves.
 */
const innerDomains =
  /(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|test|invalid|onion|alt|arpa)$/

function isPublicHost(hostname: string): boolean {
  const bare = withoutBrackets(hostname)
  if (ipaddr.isValid(bare)) return isPublic(bare)
  const name = bare.replace(/\.+$/, '')
  return name.includes('.') && !innerDomains.test(name)
}

/** True for a name as the DNS has it: without empty labels, so without a dot at the end, and without odd characters. */
function isHostName(hostname: string): boolean {
  return hostname.length <= 253 && hostname.split('.').every(label => /^[a-z0-9_-]{1,63}$/.test(label))
}

function isAllowedLoopback(hostname: string): boolean {
  return config.allowLoopbackWebhooks && isLoopbackName(hostname)
}

function isLoopbackName(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '::1'].includes(withoutBrackets(hostname))
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback'
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
