import type { Response } from 'express'
import { z } from 'zod'
import { cancelDemo, demosOf, type DemoBooking } from '../leads/demo-booking'
import { demoHoursOf, demoLengths, saveDemoHours, type DemoHours } from '../leads/demo-hours'
import { sharesWithSales, timeZoneOf, type Person } from '../people/person'
import { now } from '../platform/clock'
import { notFound } from '../platform/errors'
import { normaliseLine } from '../platform/text'
import type { FormField } from '../web/field'
import { setFlash } from '../web/flash'
import { readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'

const week = [1, 2, 3, 4, 5, 6, 7] as const

/** `GET /sales/demos`: the demos that a teammate gives, and when learners can book one. */
export const index: MemberHandler = async (_request, response, person) => {
  const hours = await demoHoursOf(person._id)
  await showDemos(response, person, { values: valuesOf(hours), errors: {} })
}

const time = z
  .string({ error: 'sales:demoHours.errors.time' })
  .trim()
  .regex(/^(?:[01]?\d|2[0-3]):[0-5]\d$/, { error: 'sales:demoHours.errors.time' })
  .transform(typed => {
    const [hour = 0, minute = 0] = typed.split(':').map(Number)
    return hour * 60 + minute
  })
const checked = (typed: unknown) => (typed === undefined ? [] : [typed].flat())
const hoursForm = z
  .object({
    weekdays: z.preprocess(checked, z.array(z.coerce.number().pipe(z.literal(week))).max(7)),
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
  await saveDemoHours(person._id, data)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('sales:demoHours.saved') })
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

async function showDemos(response: Response, person: Person, form: Form): Promise<void> {
  const { t, dateIn, zoneName } = textsOf(response)
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
  })
}

function fieldsOf({ locals: { t } }: Response): FormField[] {
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
  ]
}

/** Before anything is saved, the form suggests the mornings and afternoons of working days. */
function valuesOf(hours: DemoHours | null): Record<string, unknown> {
  return {
    weekdays: hours?.weekdays.map(String) ?? [],
    opens: clock(hours?.opens ?? 9 * 60),
    closes: clock(hours?.closes ?? 17 * 60),
    length: hours?.length ?? 30,
    place: hours?.place ?? '',
    notBefore: hours?.notBefore ?? '',
  }
}

/** 540 becomes `09:00`. */
function clock(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}
