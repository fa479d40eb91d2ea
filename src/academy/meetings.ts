import type { Request } from 'express'
import { z } from 'zod'
import { assignableTeam } from '../leads/assignable-team'
import { bookDemo, demoSlotsWith } from '../leads/demo-booking'
import { demoHoursAt, type DemoHours } from '../leads/demo-hours'
import type { Person } from '../people/person'
import { notFound } from '../platform/errors'
import { optionalField, refuseForm } from '../web/form'
import type { Handler, MemberHandler } from '../web/handler'
import { signInPath } from '../web/local-path'
import { occasionOf } from '../web/occasion'
import { pageZone } from '../web/reader-zone'
import { textsOf } from '../web/texts'
import { consentBoxes, consentFields, giveMissingConsents, readConsentedForm } from './contact-consents'
import { demoView, slotsView } from './demos'

/*
 * A teammate's booking page. They send its address to anyone, who picks a time; only booking it takes an account.
 */

type Meeting = { rep: Person; hours: DemoHours; path: string }

const meetingOf = (response: Parameters<Handler>[1]) => response.locals.meeting as Meeting

/** Loads the teammate whose page it is. Throws 404 for an address that nobody in sales has. */
export const load: Handler = async (request, response) => {
  const address = request.params.name
  const [hours, team] = await Promise.all([demoHoursAt(address), assignableTeam()])
  const rep = team.find(({ _id }) => hours?._id.equals(_id))
  if (!hours || !rep) throw notFound()
  response.locals.meeting = { rep, hours, path: `/meet/${address}` } satisfies Meeting
}

/** `GET /meet/:name`: the free times of a teammate. Choosing one without an account leads through the sign-in. */
export const show: Handler = async (request, response, person) => {
  if (!person && typeof request.query.slot === 'string' && request.query.slot) {
    return response.redirect(303, signInPath(request.originalUrl))
  }
  response.render('academy/meeting', await meetingPage(request, response, person))
}

const schema = z.object({
  ...consentBoxes,
  text: optionalField(1000),
  slot: z.iso.datetime({ error: 'academy:meeting.chooseTime' }),
})

/** `POST /meet/:name`: books the chosen time with the teammate. */
export const create: MemberHandler = async (request, response, person) => {
  const { rep, path } = meetingOf(response)
  const { data, values, refused } = readConsentedForm(schema, request, response, person)
  const refuse = async (form: NonNullable<typeof refused>) =>
    refuseForm(response, 'academy/meeting', form, await meetingPage(request, response, person))
  if (!data || refused) return refuse(refused!)
  await giveMissingConsents(request, response, person)
  const wanted = {
    ...{ course: null, title: null, text: data.text ?? '' },
    ...{ occasion: occasionOf(request), timeZone: pageZone(request) },
  }
  const slots = () => demoSlotsWith(rep._id)
  const booking = await bookDemo(person._id, new Date(data.slot), wanted, slots)
  if (!booking) return refuse({ values, errors: { slot: textsOf(response).t('academy:demo.taken') } })
  response.redirect(303, path)
}

async function meetingPage(request: Request, response: Parameters<Handler>[1], person: Person | null) {
  const { rep, hours, path } = meetingOf(response)
  const texts = textsOf(response)
  const { t } = texts
  const timeZone = pageZone(request)
  const demo = person && (await demoView(request, response, person))
  const free = demo ? [] : await demoSlotsWith(rep._id)
  const preset = typeof request.query.slot === 'string' ? request.query.slot : ''
  const title = t('academy:meeting.title', { name: rep.name })
  return {
    head: { title, noindex: true },
    nav: 'home',
    scripts: ['/js/zone.js'],
    title: demo ? t('academy:demo.booked') : title,
    lede: demo ? demo.sentence : t('academy:meeting.lede', { count: hours.length }),
    action: path,
    zone: timeZone,
    rep: { name: rep.name, title: rep.title },
    demo,
    demoTimes: slotsView(texts, free, timeZone, preset, true),
    isSignedIn: person !== null,
    button: t(person ? 'academy:meeting.book' : 'academy:meeting.continue'),
    ...(person ? consentFields(response, person) : { shown: [], consents: [] }),
    text: {
      name: 'text',
      kind: 'textarea',
      rows: 4,
      maxlength: 1000,
      label: t('academy:contactRequest.message'),
      hint: t('academy:contactRequest.messageHint'),
      optional: true,
    },
  }
}
