import type { RequestHandler, Response } from 'express'
import { z } from 'zod'
import { requestContact } from '../signals/request-contact'
import type { Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import type { Person } from '../people/person'
import { resumeSharing } from '../people/resume-sharing'
import { coursePalettes } from '../web/course-palette'
import { checkbox, optionalField, readForm, refuseForm } from '../web/form'
import type { Translate } from '../web/i18n'
import { courseContext } from './course-context'

const kinds = ['demo', 'trial', 'contact'] as const
const needed: Purpose[] = ['profiling', 'share_with_sales']

const schema = z.object({
  kind: z.enum(kinds, { error: 'academy:contactRequest.chooseOne' }),
  text: optionalField(1000),
  profiling: checkbox,
  share_with_sales: checkbox,
})

/** "Book a demo": the last step of a course, open to whoever has joined. */
export const show: RequestHandler = async (request, response) => {
  response.render('academy/contact-request', await contactRequestView(response, request.user!))
}

/**
 * Raises the hand. Nobody can be called without their consent to share it, so what is missing of that is asked for here, with its words
 * kept as proof.
 */
export const create: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const person = request.user!
  const { published } = courseContext(response)
  const missing = missingConsents(person)
  const { data, form } = readForm(schema, request, response)
  const errors = form?.errors ?? {}
  for (const purpose of missing) {
    if (data ? !data[purpose as 'profiling'] : !(request.body as Record<string, unknown>)[purpose]) {
      errors[purpose] = t('academy:contactRequest.consentNeeded')
    }
  }
  if (!data || Object.keys(errors).length) {
    const values = (request.body ?? {}) as Record<string, unknown>
    return refuseForm(
      response,
      'academy/contact-request',
      { values, errors },
      await contactRequestView(response, person),
    )
  }
  for (const purpose of missing) {
    const text = t(`account:boxes.${purpose}.text`)
    await giveConsent(person._id, {
      purpose,
      text,
      locale: response.locals.lang as string,
      page: request.path,
    })
  }
  // Whoever asks for a call, and agrees to be shown to those who call, wants the pause to end.
  if (person.sharingPausedAt) await resumeSharing(person._id)
  await requestContact({ person: person._id, published, kind: data.kind, text: data.text ?? '' })
  response.redirect(303, `/courses/${published.slug}/contact-request/sent`)
}

/** What happens now. */
export const sent: RequestHandler = (_request, response) => {
  const t = response.locals.t as Translate
  response.render('academy/contact-request-sent', {
    head: { title: t('academy:contactRequest.sentTitle'), noindex: true },
    nav: 'courses',
    published: courseContext(response).published,
  })
}

async function contactRequestView(response: Response, person: Person) {
  const t = response.locals.t as Translate
  const { published } = courseContext(response)
  const offer = published.content.callToAction
  return {
    head: { title: offer?.label ?? t('academy:contactRequest.title'), noindex: true },
    nav: 'courses',
    published,
    offer,
    kinds,
    missing: missingConsents(person),
    floor: (await coursePalettes()).get(published.slug),
  }
}

function missingConsents(person: Person): Purpose[] {
  return needed.filter(purpose => !person.consents.includes(purpose))
}
