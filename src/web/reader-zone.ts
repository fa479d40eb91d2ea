import type { Request } from 'express'
import { config, isTimeZone } from '../platform/config'

/** The cookie with the time zone that a reader has chosen instead of that of their browser. */
export const chosenZoneCookie = 'chosen-zone'

const inCookies = /(?:^|; )time-zone=([\w%/+-]{1,60})/
const chosenInCookies = new RegExp(`(?:^|; )${chosenZoneCookie}=([\\w%/+-]{1,60})`)

/**
 * Returns the IANA time zone that the reader has chosen, or else that of their browser, which `zone.js` keeps in a
 * cookie; null before it has.
 */
export function readerZone({ headers }: Pick<Request, 'headers'>): string | null {
  return chosenZone({ headers }) ?? zoneIn(inCookies, headers.cookie)
}

/** Returns the time zone that the reader has chosen; null without a choice. */
export function chosenZone({ headers }: Pick<Request, 'headers'>): string | null {
  return zoneIn(chosenInCookies, headers.cookie)
}

function zoneIn(cookie: RegExp, cookies = ''): string | null {
  const zone = cookie.exec(cookies)?.[1]?.replaceAll('%2F', '/')
  return zone && isTimeZone(zone) ? zone : null
}

/** Returns the time zone that a page shows times in: the reader's, or that of the academy before it is known. */
export function pageZone(request: Pick<Request, 'headers'>): string {
  return readerZone(request) ?? config.timeZone
}

/**
 * Returns the day that weeks begin with where the reader's first language is spoken: 1 for Monday to 7 for Sunday. Node
 * has it as a property before version 22 and as a method since.
 */
export function readerWeekStart({ headers }: Pick<Request, 'headers'>): number {
  const tag = /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*/i.exec(headers['accept-language'] ?? '')?.[0] ?? ''
  if (!tag.includes('-')) return 1
  try {
    const locale = new Intl.Locale(tag) as Intl.Locale & {
      weekInfo?: { firstDay: number }
      getWeekInfo?: () => { firstDay: number }
    }
    return (locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1
  } catch {
    return 1
  }
}
