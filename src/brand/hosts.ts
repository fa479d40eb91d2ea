import { z } from 'zod'
import { hostOf } from '../platform/host'

const maxHosts = 20

/** A name with a dot, as the DNS has it, whose last label isn't a number: addresses are no hosts of brands. */
const hostForm = /^(?=.{1,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z][a-z\d-]{0,61}[a-z\d]$/

/** Hosts as an administrator types them, one per line or with commas; `https://`, a port and a path are left out. */
export const hostList = z
  .string({ error: 'web:errors.unreadable' })
  .max(5000, { error: 'web:errors.tooLong' })
  .transform((text, context) => {
    const typed = text.split(/[\s,;]+/).filter(Boolean)
    const hosts = [...new Set(typed.map(readHost))]
    const wrong = typed.filter(each => readHost(each) === null)
    if (wrong.length) {
      context.addIssue({
        code: 'custom',
        message: 'admin:errors.hosts',
        params: { hosts: wrong.join(', ').slice(0, 200) },
      })
    } else if (hosts.length > maxHosts) {
      context.addIssue({ code: 'custom', message: 'admin:errors.tooManyHosts', params: { max: maxHosts } })
    }
    return hosts.filter(host => host !== null)
  })

/** Returns a host in its ASCII form, in lower case; null for what isn't one. */
function readHost(typed: string): string | null {
  const url = /^https?:\/\//i.test(typed) ? typed : `http://${typed}`
  if (!URL.canParse(url)) return null
  const { hostname, username } = new URL(url)
  const host = hostOf(hostname)
  return hostForm.test(host) && !username ? host : null
}
