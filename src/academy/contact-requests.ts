import type { Response } from 'express'
import { z } from 'zod'
import type { Published } from '../courses/published'
import { requestContact } from '../signals/request-contact'
import type { Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import type { Person } from '../people/person'
import { resumeSharing } from '../people/resume-sharing'
import type { Handler, MemberHandler } from '../web/handler'
import { cover, type Palette } from '../web/charts/cover'
import { coursePalettes } from '../web/course-palette'
import { checkbox, optionalField, readForm, refuseForm } from '../web/form'
import { courseContext } from './course-context'
import { textsOf, type Texts } from '../web/texts'

const kinds = ['demo', 'trial', 'contact'] as const
const requiredPurposes = ['profiling', 'share_with_sales'] as const satisfies readonly Purpose[]
type RequiredPurpose = (typeof requiredPurposes)[number]

const schema = z.object({
  kind: z.enum(kinds, { error: 'academy:contactRequest.chooseOne' }),
  text: optionalField(1000),
  profiling: checkbox,
  share_with_sales: checkbox,
})

/** "Request a demo": the last step of a course, for every signed-in visitor. */
export const show: MemberHandler = async (request, response, person) => {
  response.render('academy/contact-request', await contactRequestPage(response, person))
}

/**
 * Records a contact request. Sales can only reply to a person who shares their data, so the form asks for the consents
 * that are missing and stores their exact text as proof (GDPR, article 7(1)).
 */
export const create: MemberHandler = async (request, response, person) => {
  const { t, lang } = textsOf(response)
  const { published } = courseContext(response)
  const missing = missingConsents(person)
  const { data, form } = readForm(schema, request, response)
  const values = (request.body ?? {}) as Record<string, unknown>
  const errors = { ...form?.errors }
  for (const purpose of missing) {
    const isGiven = data ? data[purpose] : values[purpose]
    if (!isGiven) errors[purpose] = t('academy:contactRequest.consentNeeded')
  }
  if (!data || Object.keys(errors).length) {
    const page = await contactRequestPage(response, person)
    return refuseForm(response, 'academy/contact-request', { values, errors }, page)
  }
  for (const purpose of missing) {
    const text = t(`account:boxes.${purpose}.text`)
    await giveConsent(person._id, { purpose, text, locale: lang, page: request.path })
  }
  // A person who asks for a call and consents to sharing wants a paused sharing to resume.
  if (person.sharingPausedAt) await resumeSharing(person._id)
  await requestContact({ person: person._id, published, kind: data.kind, text: data.text ?? '' })
  response.redirect(303, `/courses/${published.slug}/contact-request/sent`)
}

/** Confirms the request and says what happens next. */
export const sent: Handler = (_request, response) => {
  const { t } = textsOf(response)
  response.render('academy/contact-request-sent', {
    head: { title: t('academy:contactRequest.sentTitle'), noindex: true },
    nav: 'courses',
    course: `/courses/${courseContext(response).published.slug}`,
  })
}

async function contactRequestPage(response: Response, person: Person) {
  const { published } = courseContext(response)
  const palette = (await coursePalettes()).get(published.slug)
  return contactRequestView(textsOf(response), published, missingConsents(person), palette)
}

function contactRequestView(
  { t, dir }: Texts,
  published: Published,
  missing: RequiredPurpose[],
  palette: Palette | undefined,
) {
  const offer = published.content.callToAction
  const title = offer?.label ?? t('academy:contactRequest.title')
  return {
    head: { title, noindex: true },
    nav: 'courses',
    title,
    lede: offer?.text ?? t('academy:contactRequest.lede'),
    course: { href: `/courses/${published.slug}`, text: published.content.title },
    action: `/courses/${published.slug}/contact-request`,
    fields: {
      kind: {
        name: 'kind',
        kind: 'radios',
        label: t('academy:contactRequest.kind'),
        value: offer?.kind ?? 'contact',
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
      consents: missing.map(purpose => ({
        name: purpose,
        kind: 'checkbox',
        label: t(`account:boxes.${purpose}.text`),
      })),
    },
    cover: cover({
      id: published.slug,
      topic: published.content.topic,
      palette,
      lessons: published.lessons.map(lesson => ({ minutes: lesson.minutes })),
      format: 'list',
      walkers: true,
      rtl: dir === 'rtl',
    }),
  }
}

function missingConsents(person: Person): RequiredPurpose[] {
  return requiredPurposes.filter(purpose => !person.consents.includes(purpose))
}
