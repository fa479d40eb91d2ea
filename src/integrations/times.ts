import type { Request } from 'express'
import { days, minutes, now } from '../platform/clock'
import { pageZone } from '../web/reader-zone'
import type { Texts } from '../web/texts'

/** How a page of the integrations writes moments: on the reader's clock. */
export type Times = ReturnType<typeof timesOf>

/** Returns the formats of moments for a reader; `zone` is the name that the page says once. */
export function timesOf(request: Pick<Request, 'headers'>, texts: Texts, at = now()) {
  const zone = pageZone(request)
  const { t, timeIn, dayIn, dateOnlyIn } = texts
  const dayOf = (moment: Date) => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(moment)
  const isToday = (moment: Date) => dayOf(moment) === dayOf(at)
  return {
    id: zone,
    zone: t('integrations:times.zone', { zone: texts.zoneName(zone) }),
    dayOf,
    /** For a column: `06:10` today, `19 Nov` on another day. */
    short: (moment: Date) => (isToday(moment) ? timeIn(moment, zone) : dateOnlyIn(moment, zone)),
    /** For a sentence: `06:10` today, `Thu 19 Nov, 06:10` on another day. */
    full: (moment: Date) =>
      isToday(moment) ? timeIn(moment, zone) : `${dayIn(moment, zone)}, ${timeIn(moment, zone)}`,
    day: (moment: Date) => dayIn(moment, zone),
    /** How long it is until a moment: `22 min`, `5 h 40`, `3 days`; null when it has passed. */
    until: (moment: Date): string | null => {
      const left = moment.getTime() - at.getTime()
      if (left <= 0) return null
      if (left >= days(2)) return t('integrations:times.days', { count: Math.floor(left / days(1)) })
      return texts.minutes(Math.max(1, Math.round(left / minutes(1))))
    },
  }
}
