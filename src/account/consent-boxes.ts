import type { Response } from 'express'
import { purposes, type Purpose } from '../people/consent'
import type { ConsentInput } from '../people/give-consent'
import type { Translate } from '../web/i18n'

/** The words of a consent's box, as this reader sees them. */
export function consentText(response: Response, purpose: Purpose): string {
  return (response.locals.t as Translate)(`account:boxes.${purpose}.text`)
}

/** The proof of the boxes that were ticked on a page: what stood there, in which language. */
export function consentsGiven(page: string, response: Response, ticked: readonly Purpose[]): ConsentInput[] {
  return purposes
    .filter(purpose => ticked.includes(purpose))
    .map(purpose => ({
      purpose,
      text: consentText(response, purpose),
      locale: response.locals.lang as string,
      page,
    }))
}
