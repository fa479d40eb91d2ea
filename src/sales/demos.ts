import type { Response } from 'express'
import { z } from 'zod'
import { cancelDemo, demosOf, type DemoBooking } from '../leads/demo-booking'
import { slugForm, slugOf } from '../courses/slug'
import { busyFeedOf, removeBusyFeed, saveBusyFeed, type BusyFeed } from '../leads/busy-feed'
import { demoHoursOf, demoLengths, saveDemoHours, type DemoHours } from '../leads/demo-hours'
import { sharesWithSales, timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { checkedValues, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf, type Texts } from '../web/texts'

const week = [1, 2, 3, 4, 5, 6, 7] as const

/** `GET /sales/demos`: the demos that a teammate gives, and when learners can book one. */
export const index: MemberHandler = async (_request, response, person) => {
  await showDemos(response, person, await savedHours(person))
}

async function savedHours({ _id, name }: Person): Promise<Form> {
  return { values: valuesOf(await demoHoursOf(_id), name), errors: {} }
}

const time = z
  .string({ error: 'sales:demoHours.errors.time' })
  .trim()
  .regex(/^(?:[01]?\d|2[0-3]):[0-5]\d$/, { error: 'sales:demoHours.errors.time' })
  .transform(typed => {
    const [hour = 0, minute = 0] = typed.split(':').map(Number)
    return hour * 60 + minute
  })
const hoursForm = z
  .object({
    address: z
      .string()
      .trim()
      .toLowerCase()
      .refine(typed => typed === '' || slugForm.test(typed), { error: 'sales:demoHours.errors.address' })
      .max(60, { error: 'web:errors.tooLong' })
      .default('')
      .transform(typed => typed || null),
    weekdays: z.preprocess(checkedValues, z.array(z.coerce.number().pipe(z.literal(week))).max(7)),
    opens: time,
    closes: time,
    length: z.coerce.number().pipe(z.literal(demoLengths, { error: 'web:errors.chooseOne' })),
    place: z.string().overwrite(normaliseLine).max(300, { error: 'web:errors.tooLong' }).default(''),
    notBefore: z
      .string()
      .trim()
      .regex(/^$|^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, { error: 'sales:demoHours.errors.day' })
      .default('')
      .transform(day => day || null),
  })
  .refine(({ opens, closes, length }) => opens + length <= closes, {
    error: 'sales:demoHours.errors.order',
    path: ['closes'],
  })

/** `POST /sales/demos/hours`: saves when a teammate gives demos. */
export const saveHours: MemberHandler = async (request, response, person) => {
  const { data, form } = readForm(hoursForm, request, response)
  if (!data) return showDemos(response.status(422), person, form)
  const { t } = textsOf(response)
  if (!(await saveDemoHours(person._id, data))) {
    const taken = {
      values: request.body as Form['values'],
      errors: { address: t('sales:demoHours.errors.taken') },
    }
    return showDemos(response.status(422), person, taken)
  }
  setFlash(response, { kind: 'done', bold: t('sales:demoHours.saved') })
  response.redirect(303, '/sales/demos')
}

const maxAddress = 2000

/** `POST /sales/demos/calendar`: reads a teammate's own calendar, and keeps its address when that works. */
export const saveCalendar: MemberHandler = async (request, response, person) => {
  const typed = String((request.body as Record<string, unknown> | undefined)?.calendar ?? '').trim()
  const { t } = textsOf(response)
  const reading = await saveBusyFeed(person._id, typed.slice(0, maxAddress))
  if ('failure' in reading) {
    const error = t(`sales:busy.failure.${reading.failure}`, { status: reading.status })
    return showDemos(response.status(422), person, await savedHours(person), {
      values: { calendar: typed },
      errors: { calendar: error },
    })
  }
  setFlash(response, { kind: 'done', bold: t('sales:busy.saved', { count: reading.busy.length }) })
  response.redirect(303, '/sales/demos#calendar-of-your-own')
}

/** `POST /sales/demos/calendar/removal`: forgets a teammate's own calendar. */
export const removeCalendar: MemberHandler = async (_request, response, person) => {
  await removeBusyFeed(person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:busy.removed') })
  response.redirect(303, '/sales/demos')
}

/** `POST /sales/demos/:person/cancellation`: cancels a demo of one's own, and the learner gets an email. */
export const cancelGiven: MemberHandler = async (request, response, person) => {
  const demos = await demosOf(person._id)
  const found = demos.find(({ booking }) => String(booking._id) === request.params.person)
  if (!found || found.booking.startsAt <= now()) throw notFound()
  await cancelDemo(found.booking, 'sales')
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:demoHours.cancelled') })
  response.redirect(303, '/sales/demos')
}

async function showDemos(
  response: Response,
  person: Person,
  form: Form,
  calendarForm: Form = { values: {}, errors: {} },
): Promise<void> {
  const { t, dateIn, zoneName } = textsOf(response)
  const [hours, feed] = await Promise.all([demoHoursOf(person._id), busyFeedOf(person._id)])
  const timeZone = timeZoneOf(person)
  const ahead = (await demosOf(person._id)).filter(({ booking }) => booking.endsAt > now())
  const rowOf = ({ booking, person: lead }: { booking: DemoBooking; person: Person | null }) => {
    // Sales sees who it is for as long as they share it.
    const isShared = lead && sharesWithSales(lead)
    const name = isShared ? lead.name : t('sales:demoHours.notShared')
    return {
      when: dateIn(booking.startsAt, timeZone),
      name,
      href: isShared ? `/sales/leads/${booking._id}` : null,
      action: `/sales/demos/${booking._id}/cancellation`,
      label: t('sales:demoHours.cancelOf', { name }),
      mayCancel: booking.startsAt > now(),
    }
  }
  response.render('sales/demos', {
    layout: 'workspace',
    nav: 'demos',
    head: { title: t('sales:demoHours.title') },
    sentence: t('sales:demoHours.sentence', { count: ahead.length }),
    demos: ahead.map(rowOf),
    zone: t('sales:demoHours.zone', { zone: zoneName(timeZone) }),
    fields: fieldsOf(response),
    form,
    // The forms have their own errors.
    ownPage: hours?.address ? `${response.locals.baseUrl}/meet/${hours.address}` : null,
    calendar: {
      form: calendarForm,
      field: calendarField(response),
      kept: feed && feedText(feed, timeZone, textsOf(response)),
      isFailing: feed?.failure != null,
    },
  })
}

/** What a teammate sees of the calendar that they gave: never its address. */
function feedText(
  { host, busy, readAt, failure, failedSince, status }: Omit<BusyFeed, 'address'>,
  timeZone: string,
  { t, dateIn }: Texts,
): string {
  const values = { host, count: busy.length, when: dateIn(readAt, timeZone), status }
  if (!failure || !failedSince) return t('sales:busy.kept', values)
  const why = t(`sales:busy.failure.${failure}`, values)
  return t('sales:busy.failing', { ...values, why, since: dateIn(failedSince, timeZone) })
}

function calendarField({ locals: { t } }: Response): FormField {
  return {
    name: 'calendar',
    type: 'url',
    inputmode: 'url',
    label: t('sales:busy.address'),
    hint: t('sales:busy.addressHint'),
    maxlength: maxAddress,
    autocomplete: 'off',
    spellcheck: 'false',
    required: true,
  }
}

function fieldsOf({ locals: { t, baseUrl } }: Response): FormField[] {
  const label = (name: string) => t(`sales:demoHours.${name}`)
  return [
    {
      name: 'weekdays',
      kind: 'checkboxes',
      label: label('weekdays'),
      hint: label('weekdaysHint'),
      options: week.map(value => ({ value, text: t(`sales:demoHours.weekday.${value}`) })),
    },
    { name: 'opens', type: 'time', label: label('opens'), maxlength: 5, required: true },
    { name: 'closes', type: 'time', label: label('closes'), maxlength: 5, required: true },
    {
      name: 'length',
      kind: 'select',
      label: label('length'),
      options: demoLengths.map(value => ({ value, text: t('sales:demoHours.minutes', { count: value }) })),
    },
    { name: 'place', label: label('place'), hint: label('placeHint'), maxlength: 300, optional: true },
    {
      name: 'notBefore',
      type: 'date',
      label: label('notBefore'),
      hint: label('notBeforeHint'),
      optional: true,
    },
    {
      name: 'address',
      label: label('address'),
      hint: t('sales:demoHours.addressHint', { start: `${baseUrl}/meet/` }),
      maxlength: 60,
      autocomplete: 'off',
      spellcheck: 'false',
      optional: true,
    },
  ]
}

/** Before anything is saved, the form suggests the usual hours, and the name as the address. */
function valuesOf(hours: DemoHours | null, name: string): Record<string, unknown> {
  return {
    weekdays: hours?.weekdays.map(String) ?? [],
    opens: clock(hours?.opens ?? 9 * 60),
    closes: clock(hours?.closes ?? 17 * 60),
    length: hours?.length ?? 30,
    place: hours?.place ?? '',
    notBefore: hours?.notBefore ?? '',
    address: hours ? (hours.address ?? '') : slugOf(name),
  }
}

/** 540 becomes `09:00`. */
function clock(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
