import type { Request, Response } from 'express'
import { askedAgainSince } from '../brand/consent-request'
import type { Person } from '../people/person'
import {
  activeConsent,
  agreedLast,
  purposes,
  type Consent,
  type ConsentInput,
  type Purpose,
} from '../people/consent'
import { consentHashOf } from '../people/consent-text'
import type { Form } from './form'
import { textsOf } from './texts'

/** Returns the text of a consent checkbox in the reader's language. */
export function consentText(response: Response, purpose: Purpose): string {
  return textsOf(response).t(`account:boxes.${purpose}.text`)
}

/** Returns the hidden field with which a form says what text of a consent it showed. */
export function shownField(response: Response, purpose: Purpose): { name: string; value: string } {
  return { name: `${purpose}_text`, value: consentHashOf(consentText(response, purpose)) }
}

/**
 * Returns whether a form doesn't say that it showed the present text of a consent, as when a new one was published
 * meanwhile. Then nobody has agreed to the text that would be stored as proof.
 */
export function hasChanged(request: Request, response: Response, purpose: Purpose): boolean {
  const { name, value } = shownField(response, purpose)
  const shown: unknown = (request.body as Record<string, unknown> | undefined)?.[name]
  return shown !== value
}

/**
 * Returns the form as it has to be shown again when a ticked text has changed: each of these boxes is empty, with an
 * error. Returns the form as it came, or undefined without one, when no text has.
 */
export function refuseChanged(
  form: Form | undefined,
  request: Request,
  response: Response,
  asked: readonly Purpose[],
): Form | undefined {
  const typed = (request.body ?? {}) as Record<string, unknown>
  const changed = asked.filter(purpose => typed[purpose] && hasChanged(request, response, purpose))
  if (changed.length === 0) return form
  const errorOf = (purpose: Purpose) => textsOf(response).t(`account:errors.consentChanged.${purpose}`)
  return {
    values: { ...typed, ...Object.fromEntries(changed.map(purpose => [purpose, undefined])) },
    errors: { ...form?.errors, ...Object.fromEntries(changed.map(purpose => [purpose, errorOf(purpose)])) },
  }
}

/** Returns the proof of each consent given on a page: the text the reader saw, and its language. */
export function consentsGiven(page: string, response: Response, ticked: readonly Purpose[]): ConsentInput[] {
  return purposes
    .filter(purpose => ticked.includes(purpose))
    .map(purpose => ({
      purpose,
      text: consentText(response, purpose),
      locale: textsOf(response).lang,
      page,
    }))
}

/**
 * Returns the text that someone is asked about again; null when they agreed to it, or when nobody asks. Nobody is
 * asked in another language than before, whose text may differ anyway.
 */
export async function newTextFor(response: Response, consent: Consent | null): Promise<string | null> {
  if (!consent) return null
  const agreed = agreedLast(consent)
  const text = consentText(response, consent.purpose)
  if (agreed.text === text || agreed.locale !== textsOf(response).lang) return null
  const since = await askedAgainSince(response.locals.brand.id, consent.purpose)
  return since && since > agreed.at ? text : null
}

/** Returns whether someone is asked about any of their consents again. */
export async function isAskedAgain(
  response: Response,
  person: Pick<Person, '_id' | 'consents'>,
): Promise<boolean> {
  const since = await Promise.all(
    person.consents.map(purpose => askedAgainSince(response.locals.brand.id, purpose)),
  )
  if (!since.some(Boolean)) return false
  const consents = await Promise.all(person.consents.map(purpose => activeConsent(person._id, purpose)))
  const texts = await Promise.all(consents.map(consent => newTextFor(response, consent)))
  return texts.some(text => text !== null)
}
