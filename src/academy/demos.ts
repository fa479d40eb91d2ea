import type { Request, Response } from 'express'
import { cancelDemo, demoAhead, demoSlots, type DemoSlot } from '../leads/demo-booking'
import { demoCalendar } from '../leads/demo-calendar'
import { demoHoursOf } from '../leads/demo-hours'
import { People, type Person } from '../people/person'
import { notFound } from '../platform/errors'
import { setFlash } from '../web/flash'
import type { MemberHandler } from '../web/handler'
import { pageZone } from '../web/reader-zone'
import { textsOf, type Texts } from '../web/texts'
import { contactPath, courseContext } from './course-context'
import { nextStepOf } from './next-step'

/** How many days with free times are shown at once, how many open, and how many times a day has. */
const [daysShown, daysMore, maxADay] = [3, 7, 8]
/** How many times are offered beside other things. */
const fewSlots = 3

/** Returns the demo that a person has ahead, as their pages show it; null without one. */
export async function demoView(request: Request, response: Response, person: Person) {
  const ahead = await demoAhead(person._id)
  if (!ahead) return null
  const { t, dateIn } = textsOf(response)
  const [rep, hours] = await Promise.all([People.findById(ahead.rep, { name: 1 }), demoHoursOf(ahead.rep)])
  const values = { when: dateIn(ahead.startsAt, pageZone(request)), rep: rep?.name ?? '' }
  const path = contactPath(response)
  return {
    sentence: t('academy:demo.ahead', values),
    note: t('academy:demo.aheadNote', values),
    place: hours?.place ? t('academy:demo.place', { place: hours.place }) : null,
    calendar: `${path}/demo.ics`,
    cancel: `${path}/cancellation`,
  }
}

/** `GET …/contact-request/demo.ics`, `GET /meet/:name/demo.ics`: the demo that the reader has ahead, as a file. */
export const calendar: MemberHandler = async (_request, response, person) => {
  const ahead = await demoAhead(person._id)
  const rep = ahead && (await People.findById(ahead.rep))
  if (!ahead || !rep) throw notFound()
  const { t } = textsOf(response)
  const text = demoCalendar(
    ahead,
    {
      summary: t('academy:demo.summary', { company: t('brand:companyName') }),
      host: new URL(response.locals.baseUrl).hostname,
      ...{ rep, person },
      hours: await demoHoursOf(rep._id),
    },
    'REQUEST',
  )
  response.attachment('demo.ics').type('text/calendar').send(text)
}

/** `POST …/contact-request/cancellation`, `POST /meet/:name/cancellation`: cancels the demo that is ahead. */
export const cancelOwn: MemberHandler = async (_request, response, person) => {
  const ahead = await demoAhead(person._id)
  if (ahead) await cancelDemo(ahead, 'lead')
  setFlash(response, { kind: 'done', bold: textsOf(response).t('academy:demo.cancelled') })
  response.redirect(303, contactPath(response))
}

/**
 * The times that a person can choose for a demo, by day on their own calendar; null when there are none.
 *
 * @param isRequired false where a person may ask without choosing one.
 */
export function slotsView(
  { t, dayIn, timeIn, zoneName }: Texts,
  slots: readonly DemoSlot[],
  timeZone: string,
  chosen: string,
  isRequired = false,
) {
  if (!slots.length) return null
  const byDay = new Map<string, { value: string; text: string }[]>()
  for (const { startsAt } of slots) {
    const title = dayIn(startsAt, timeZone)
    const times = byDay.get(title) ?? []
    byDay.set(title, times)
    times.push({ value: startsAt.toISOString(), text: timeIn(startsAt, timeZone) })
  }
  const days = [...byDay].map(([title, times]) => ({ title, times: spread(times, chosen) }))
  return {
    isRequired,
    hint: t('academy:demo.slotsHint', { zone: zoneName(timeZone) }),
    chosen: slots.some(({ startsAt }) => startsAt.toISOString() === chosen) ? chosen : '',
    days: days.slice(0, daysShown),
    more: days.slice(daysShown, daysShown + daysMore),
  }
}

/**
 * Returns what a completed course offers where the reader can book a demo: the next few times, each with the link that
 * chooses it. Null for a course with another offer, without free times, or while the reader has a demo ahead.
 */
export async function demoOffer(request: Request, response: Response, person: Person) {
  const { published } = courseContext(response)
  const step = nextStepOf(response, { published })
  if (step?.kind !== 'demo' || (await demoAhead(person._id))) return null
  const { dayIn, timeIn, zoneName } = textsOf(response)
  const zone = pageZone(request)
  const dayOf = ({ startsAt }: DemoSlot) => dayIn(startsAt, zone)
  const slots = await demoSlots(person._id)
  if (!slots.length) return null
  // The first time of each of the next days says more than the whole first morning.
  const firsts = slots.filter((slot, n) => !n || dayOf(slot) !== dayOf(slots[n - 1]!))
  const form = contactPath(response)
  return {
    title: step.label,
    text: step.text,
    link: form,
    slots: {
      zone,
      zoneName: zoneName(zone),
      links: firsts.slice(0, fewSlots).map(({ startsAt }) => ({
        href: `${form}?slot=${encodeURIComponent(startsAt.toISOString())}`,
        text: `${dayIn(startsAt, zone)}, ${timeIn(startsAt, zone)}`,
      })),
    },
  }
}

/** Returns at most 8 times of a day, spread over it, and the chosen one. */
function spread<Time extends { value: string }>(times: Time[], chosen: string): Time[] {
  if (times.length <= maxADay) return times
  const step = times.length / maxADay
  const kept = new Set(Array.from({ length: maxADay }, (_, n) => times[Math.floor(n * step)]!))
  return times.filter(each => kept.has(each) || each.value === chosen)
}
