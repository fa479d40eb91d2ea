import { days, later, now } from '../platform/clock'
import { record } from '../events/record'
import type { MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'

/** Requests a review of the score by a person (GDPR Art. 22(3)), due in 2 working days. Counts once a day. */
export const create: MemberHandler = async (request, response, person) => {
  const due = twoWorkingDaysAfter(now())
  await record({
    name: 'score_review.requested',
    person: person._id,
    idempotencyKey: [now().toISOString().slice(0, 10)],
    data: { due: due.toISOString() },
  })
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:sharing.reviewAsked') })
  response.redirect(303, '/account/sharing')
}

function twoWorkingDaysAfter(moment: Date): Date {
  let due = moment
  for (let workingDays = 0; workingDays < 2;) {
    due = later(due, days(1))
    if (due.getUTCDay() !== 0 && due.getUTCDay() !== 6) workingDays++
  }
  return due
}
