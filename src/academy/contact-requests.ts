import type { Request, Response } from 'express'
import { z } from 'zod'
import type { Published } from '../courses/published'
import { bookDemo, demoSlots } from '../leads/demo-booking'
import { noteContactRequest } from '../learning/note-contact-request'
import { progressOf } from '../learning/progress'
import { lastContactRequest, requestContact, type ContactRequest } from '../signals/request-contact'
import { Deliveries } from '../webhooks/delivery'
import { messageId } from '../webhooks/message'
import type { Person } from '../people/person'
import { courseCover } from '../web/course-cover'
import type { MemberHandler } from '../web/handler'
import { courseLooks, type CourseLooks } from '../web/course-palette'
import { optionalField, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { occasionOf } from '../web/occasion'
import { pageZone } from '../web/reader-zone'
import { consentBoxes, consentFields, giveMissingConsents, readConsentedForm } from './contact-consents'
import { contactPath, courseContext } from './course-context'
import { demoView, slotsView } from './demos'
import { nextStepOf } from './next-step'
import { lessonPath } from '../courses/lesson-path'
import { textsOf, type TextLink, type Texts } from '../web/texts'

const kinds = ['demo', 'trial', 'contact'] as const

const schema = z.object({
  ...consentBoxes,
  kind: z.enum(kinds, { error: 'academy:contactRequest.chooseOne' }),
  text: optionalField(1000),
  /** When the chosen demo begins; empty for none yet. */
  slot: z.iso.datetime().or(z.literal('')).default(''),
})

/** "Request a demo": the last step of a course, or of none in particular, for every signed-in visitor. */
export const show: MemberHandler = async (request, response, person) => {
  const page = await contactRequestPage(request, response, person)
  response.render('academy/contact-request', page)
}

/** Records a contact request, with the consents that it needs. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const published = courseOf(response)
  const { data, values, refused } = readConsentedForm(schema, request, response, person)
  if (!data || refused) {
    const page = await contactRequestPage(request, response, person)
    return refuseForm(response, 'academy/contact-request', refused!, page)
  }
  await giveMissingConsents(request, response, person)
  const [text, occasion] = [data.text ?? '', occasionOf(request)]
  const sentPage = `${contactPath(response)}/sent`
  if (data.kind === 'demo' && data.slot) {
    const about = { course: published?.course ?? null, title: published?.content.title ?? null }
    const wanted = { ...about, text, occasion, timeZone: pageZone(request) }
    if (await bookDemo(person._id, new Date(data.slot), wanted)) return response.redirect(303, sentPage)
    const page = await contactRequestPage(request, response, person)
    const taken = { values, errors: { slot: t('academy:demo.taken') } }
    return refuseForm(response, 'academy/contact-request', taken, page)
  }
  const recorded = await requestContact({ person: person._id, published, kind: data.kind, text, occasion })
  await noteContactRequest(recorded)
  response.redirect(303, sentPage)
}

/** Shows the request that was recorded, where it is now, and what happens next. Without one, shows the form. */
export const sent: MemberHandler = async (request, response, person) => {
  const published = courseOf(response)
  const path = contactPath(response)
  const last = await lastContactRequest(person._id, published?.course ?? null)
  if (!last) return response.redirect(303, path)
  const demo = await demoView(request, response, person)
  const isWaiting = person.sharingPausedAt !== null && !(await isDelivered(last))
  const { t } = textsOf(response)
  response.render('academy/contact-request-sent', {
    head: { title: t('academy:contactRequest.sentTitle'), noindex: true },
    nav: 'courses',
    scripts: ['/js/zone.js'],
    demo,
    zone: pageZone(request),
    title: demo
      ? t('academy:demo.booked')
      : t(isWaiting ? 'academy:contactRequest.waitingTitle' : 'academy:contactRequest.sentTitle'),
    lede:
      demo?.sentence ??
      t(isWaiting ? 'academy:contactRequest.waitingLede' : 'academy:contactRequest.sentLede'),
    isWaiting,
    request: requestText(last, textsOf(response)),
    message: last.data.text,
    next: published && nextLesson(response, t),
    course: published && `/courses/${published.slug}`,
    again: { href: path, text: t('academy:contactRequest.again') },
  })
}

/** The course that the request is about; null for one of none in particular. */
function courseOf(response: Response): Published | null {
  return response.locals.courseContext ? courseContext(response).published : null
}

/** The lesson to go on with, for those who have access to the course. */
function nextLesson(response: Response, t: Translate): TextLink | null {
  const { published, enrolment, hasAccess } = courseContext(response)
  const { next } = progressOf(published.lessons, enrolment)
  if (!hasAccess || !next) return null
  return { href: lessonPath(published, next), text: t('academy:contactRequest.continue') }
}

/** True once a CRM has received a request; a pause can no longer hold it back. */
function isDelivered({ _id }: ContactRequest): Promise<boolean> {
  return Deliveries.exists({ message: messageId(_id, 'lead.contact_requested'), deliveredAt: { $ne: null } })
}

/** `You asked for a demo on 23 November 2026 at 09:42 (UTC).` */
function requestText({ at, data: { kind } }: ContactRequest, { t, date }: Texts): string {
  return t(`academy:contactRequest.recorded.${kind}`, { when: date(at, 'full') })
}

async function contactRequestPage(request: Request, response: Response, person: Person) {
  const published = courseOf(response)
  const [looks, last, demo, slots] = await Promise.all([
    courseLooks(response.locals.brand),
    lastContactRequest(person._id, published?.course ?? null),
    demoView(request, response, person),
    demoSlots(person._id),
  ])
  const texts = textsOf(response)
  const offer = published ? nextStepOf(response, { published }) : response.locals.brand.content.nextStep
  const timeZone = pageZone(request)
  const preset = typeof request.query.slot === 'string' ? request.query.slot : ''
  return {
    ...contactRequestView(texts, published, offer, looks),
    ...consentFields(response, person),
    action: contactPath(response),
    demo,
    demoTimes: demo ? null : slotsView(texts, slots, timeZone, preset),
    zone: timeZone,
    scripts: ['/js/zone.js'],
    last: last && {
      text: requestText(last, texts),
      link: {
        href: `${contactPath(response)}/sent`,
        text: texts.t('academy:contactRequest.seeNext'),
      },
    },
  }
}

type Offer = ReturnType<typeof nextStepOf>

function contactRequestView(texts: Texts, published: Published | null, offer: Offer, looks: CourseLooks) {
  const { t } = texts
  const title = offer?.label ?? t('academy:contactRequest.title')
  return {
    head: { title, noindex: true },
    nav: 'courses',
    title,
    lede: offer?.text || t(`academy:contactRequest.${published ? 'lede' : 'ledeGeneral'}`),
    course: published && { href: `/courses/${published.slug}`, text: published.content.title },
    fields: {
      kind: {
        name: 'kind',
        kind: 'radios',
        label: t('academy:contactRequest.kind'),
        value: kinds.find(kind => kind === offer?.kind) ?? (published ? 'contact' : 'demo'),
        options: kinds.map(value => ({ value, text: t(`academy:contactRequest.kinds.${value}`) })),
        required: true,
      },
      text: {
        name: 'text',
        kind: 'textarea',
        rows: 5,
        maxlength: 1000,
        label: t('academy:contactRequest.message'),
        hint: t('academy:contactRequest.messageHint'),
        optional: true,
      },
    },
    cover: published && courseCover(texts, published, looks(published.slug), () => false),
  }
}
