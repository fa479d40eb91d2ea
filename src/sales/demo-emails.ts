import { brandOf, type ShownBrand } from '../brand/brand'
import { Courses } from '../courses/course'
import type { Event } from '../events/event'
import { demoCalendar } from '../leads/demo-calendar'
import { demoHoursOf } from '../leads/demo-hours'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { People, sharesWithSales, timeZoneOf, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { formattersFor } from '../web/formatters'
import { renderEmail } from '../web/render-email'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import { leadEmail } from './lead-email'

type Demo = Pick<Event<'demo.cancelled'>['data'], 'rep' | 'startsAt' | 'endsAt' | 'bookedAt'>

/** Sends the invitation to a demo that was booked with a contact request, to the person and to who gives it. */
export async function emailDemo({
  _id,
  person: id,
  course,
  data,
}: Event<'contact.requested'>): Promise<void> {
  const { demo } = data
  if (!demo) return
  const [person, rep, shownCourse] = await Promise.all([
    People.load(id),
    People.findById(demo.rep),
    course && Courses.findById(course, { slug: 1 }),
  ])
  if (!person || person.erasedAt || !rep) return
  const brand = await brandOf(person.brand)
  const place = (await demoHoursOf(rep._id))?.place ?? ''
  await send(
    'demoBooked',
    { to: person, person, rep, demo, brand, zone: demo.timeZone, id: _id },
    'REQUEST',
    {
      rep: rep.name,
      place,
      href: `${brand.baseUrl}${shownCourse ? `/courses/${shownCourse.slug}` : ''}/contact-request/sent`,
    },
  )
  if (rep.suspendedAt || !sharesWithSales(person)) return
  if (await hasObjected(person.email)) return
  const repBrand = await brandOf(rep.brand)
  const about = await leadEmail(person, null, repBrand)
  await send(
    'demoToGive',
    { to: rep, person, rep, demo, brand: repBrand, zone: timeZoneOf(rep), id: _id },
    'REQUEST',
    {
      ...about,
      place,
      href: `${repBrand.baseUrl}/sales/demos`,
    },
  )
}

/** Takes a demo that was cancelled out of both calendars. */
export async function emailCancelledDemo({ _id, person: id, data }: Event<'demo.cancelled'>): Promise<void> {
  const [person, rep] = await Promise.all([People.load(id), People.findById(data.rep)])
  if (!person || !rep) return
  const { cancelledBy } = data
  if (!person.erasedAt) {
    const brand = await brandOf(person.brand)
    await send(
      'demoCancelled',
      { to: person, person, rep, demo: data, brand, zone: null, id: _id },
      'CANCEL',
      {
        cancelledBy,
        href: `${brand.baseUrl}/learning`,
      },
    )
  }
  if (rep.erasedAt || rep.suspendedAt) return
  const own = await brandOf(rep.brand)
  const given = { to: rep, person, rep, demo: data, brand: own, zone: timeZoneOf(rep), id: _id }
  await send('demoNotGiven', given, 'CANCEL', { cancelledBy, href: `${own.baseUrl}/sales/demos` })
}

type DemoEmail = {
  to: Person
  person: Person
  rep: Person
  demo: Demo
  /** The recipient's. */
  brand: ShownBrand
  /** The recipient's time zone; null for UTC. */
  zone: string | null
  /** Of the event. */
  id: string
}

async function send(
  view: string,
  { to, person, rep, demo, brand, zone, id }: DemoEmail,
  method: 'REQUEST' | 'CANCEL',
  values: Record<string, unknown>,
): Promise<void> {
  const language = languagesOf(brand)[0]!
  const { t } = textsOfBrand(brand, language)
  const [startsAt, endsAt, bookedAt] = [demo.startsAt, demo.endsAt, demo.bookedAt].map(at => new Date(at))
  const when = formattersFor(language).dateIn(startsAt!, zone ?? 'UTC')
  const isPerson = to._id.equals(person._id)
  const rendered = renderEmail(view, { name: firstNameOf(to.name), when, ...values }, brand, language)
  const calendar = demoCalendar(
    { _id: person._id, startsAt: startsAt!, endsAt: endsAt!, bookedAt: bookedAt! },
    {
      summary: t('mail:demo.summary', { company: t('brand:companyName') }),
      host: new URL(brand.baseUrl).hostname,
      rep,
      person: isPerson || sharesWithSales(person) ? person : null,
      hours: await demoHoursOf(rep._id),
    },
    method,
  )
  await queueEmail({
    _id: `${view}:${id}`,
    person: to._id,
    to: to.email,
    kind: 'service',
    ...(!isPerson && { about: person._id }),
    // A cancellation overtakes an invitation that wasn't sent yet.
    series: {
      name: `demo:${person._id}:${bookedAt!.getTime()}:${isPerson ? 'lead' : 'sales'}`,
      number: method === 'CANCEL' ? 2 : 1,
    },
    calendar: { method, text: calendar },
    ...rendered,
  })
}
