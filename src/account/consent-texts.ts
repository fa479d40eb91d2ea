import type { Response } from 'express'
import { purposes, type Purpose } from '../people/consent'
import type { ConsentInput } from '../people/consent'
import { textsOf } from '../web/texts'

/** Returns the text of a consent checkbox in the reader's language. */
export function consentText(response: Response, purpose: Purpose): string {
  return textsOf(response).t(`account:boxes.${purpose}.text`)
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
