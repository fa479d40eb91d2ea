import { isStopToken, stopInvitations } from '../people/invitation-stop'
import { notFound } from '../platform/errors'
import { secretPath, secretRoutes } from '../platform/secret-routes'
import type { Handler } from '../web/handler'
import { textsOf } from '../web/texts'

/**
 * `GET /stop-invitations/:token`: a page with one button, as scanners follow links. Neither page says whether the
 * address has an account, or has ever been invited.
 *
 * @throws HttpError 404 for a link that isn't ours.
 */
export const show: Handler = (request, response) => {
  const { token } = request.params
  if (!isStopToken(token)) throw notFound()
  response.render('account/invitation-stop', {
    layout: 'plain',
    head: { title: textsOf(response).t('account:stopInvitations.title'), noindex: true },
    action: secretPath(secretRoutes.stopInvitations, token),
  })
}

/** `POST /stop-invitations/:token` */
export const create: Handler = async (request, response) => {
  const { token } = request.params
  if (!isStopToken(token)) throw notFound()
  await stopInvitations(token)
  response.render('account/invitation-stop', {
    layout: 'plain',
    head: { title: textsOf(response).t('account:stopInvitations.done'), noindex: true },
    action: null,
  })
}
