import ipaddr from 'ipaddr.js'

/**
 * Returns the network that an IP address belongs to, as one caller: an IPv4 address itself, or the /64 of an IPv6
 * address, since every household and server has a whole network of those. `unknown` for anything else.
 */
export function networkOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return 'unknown'
  const address = ipaddr.process(ip)
  if (address instanceof ipaddr.IPv4) return address.toString()
  const prefix = address.parts.slice(0, 4).map(part => part.toString(16))
  return `${prefix.join(':')}::/64`
}
