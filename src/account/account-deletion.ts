import { deleteInvitationsTo } from '../courses/invitation'
import { erasePerson } from '../people/erase-person'
import type { Handler, MemberHandler } from '../web/handler'
import { refuseForm } from '../web/form'
import { textsOf } from '../web/texts'
import { dataPage } from './own-data'
import { signOut } from './passport'
import { endSessions } from '../web/end-sessions'

/** Deletes the account. The owner types their email address first, so that nobody deletes an account by accident. */
export const create: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const typed = String(request.body?.confirmation ?? '')
    .trim()
    .toLowerCase()
  if (typed !== person.email) {
    const errors = { confirmation: t('account:errors.confirmation', { email: person.email }) }
    return refuseForm(response, 'account/data', { values: request.body, errors }, dataPage(person, t))
  }
  await deleteInvitationsTo(person.email)
  await erasePerson(person._id)
  await endSessions(person._id)
  await signOut(request, response)
  response.redirect(303, '/account-deleted')
}

export const show: Handler = (_request, response) => {
  const title = textsOf(response).t('account:accountDeleted.title')
  response.render('account/account-deleted', { layout: 'plain', head: { title, noindex: true } })
}
