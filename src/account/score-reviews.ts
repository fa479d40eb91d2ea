import type { RequestHandler } from 'express'
import { days, later, now } from '../platform/clock'
import { record } from '../events/record'
import { setFlash } from '../web/flash'
import type { Translate } from '../web/i18n'

/** Asks a person to look at one's score (GDPR Art. 22(3)); once a day is enough. Answered within two working days. */
export const create: RequestHandler = async (request, response) => {
  const t = response.locals.t as Translate
  const due = twoWorkingDaysAfter(now())
  await record({
    name: 'score_review.requested',
    person: request.user!._id,
    idempotencyKey: [now().toISOString().slice(0, 10)],
    data: { due: due.toISOString() },
  })
  setFlash(response, { kind: 'done', bold: t('account:sharing.reviewAsked') })
  response.redirect(303, '/account/sharing')
}

function twoWorkingDaysAfter(moment: Date): Date {
  let due = moment
  for (let working = 0; working < 2;) {
    due = later(due, days(1))
    if (due.getUTCDay() !== 0 && due.getUTCDay() !== 6) working++
  }
  return due
}
