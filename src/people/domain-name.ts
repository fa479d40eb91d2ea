import { parse } from 'tldts'

/**
 * Parses a host by the Public Suffix List, with its private part: below `uk.com` or `github.io`, too, anyone can have a
 * domain, so two of them belong to different companies.
 */
export const parseHost = (host: string) => parse(host, { allowPrivateDomains: true })
