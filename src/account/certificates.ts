import type { RequestHandler } from 'express'
import { Certificates, type Certificate } from '../learning/certificate'
import type { Translate } from '../web/i18n'

/** Somebody's own certificates, the newest first. */
export const index: RequestHandler = async (request, response) => {
  const certificates = await Certificates.find({ person: request.user!._id, revokedAt: null })
  response.render('account/certificates', {
    certificates: certificates.sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime()),
    head: { title: (response.locals.t as Translate)('account:certificates.title'), noindex: true },
  })
}
