import type { RequestHandler } from 'express'
import { erasePerson } from '../people/erase-person'
import type { Translate } from '../web/i18n'
import { refuseForm } from '../web/form'
import { shown } from './own-data'
import { signOut } from './passport'
import { endSessions } from './session'

/** Erases the account, once its owner has typed their address: nobody does that by a slip of the finger. */
export const create: RequestHandler = async (request, response) => {
  const person = request.user!
  const t = response.locals.t as Translate
  const typed = String(request.body?.confirmation ?? '')
    .trim()
    .toLowerCase()
  if (typed !== person.email) {
    const errors = { confirmation: t('account:errors.confirmation', { email: person.email }) }
    return refuseForm(response, 'account/data', { values: request.body, errors }, shown(response))
  }
  await erasePerson(person._id)
  await endSessions(person._id)
  await signOut(request)
  response.redirect(303, '/account-deleted')
}

export const show: RequestHandler = (_request, response) => {
  const title = (response.locals.t as Translate)('account:accountDeleted.title')
  response.render('account/account-deleted', { layout: 'plain', head: { title, noindex: true } })
}
