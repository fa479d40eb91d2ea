import type { Response } from 'express'
import { purposes, type Purpose } from '../people/consent'
import type { Tick } from '../people/give-consent'
import type { Translate } from '../web/i18n'

/** The words of a consent's box, as this reader sees them. */
export function textOfBox(response: Response, purpose: Purpose): string {
  return (response.locals.t as Translate)(`account:boxes.${purpose}.text`)
}

/** The proof of the boxes that were ticked on a page: what stood there, in which language. */
export function ticksOn(page: string, response: Response, ticked: readonly Purpose[]): Tick[] {
  return purposes
    .filter(purpose => ticked.includes(purpose))
    .map(purpose => ({
      purpose,
      text: textOfBox(response, purpose),
      locale: response.locals.lang as string,
      page,
    }))
}
