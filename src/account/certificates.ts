import { Certificates } from '../learning/certificate'
import { canReissue } from '../learning/reissue-certificate'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'

/** The learner's own valid certificates, newest first. One with an earlier name can be issued again. */
export const index: MemberHandler = async (request, response, person) => {
  const { t, date } = textsOf(response)
  const certificates = await Certificates.find({ person: person._id, revokedAt: null, replacedBy: null })
  response.render('account/certificates', {
    certificates: certificates
      .sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())
      .map(certificate => ({
        href: `/certificates/${certificate._id}`,
        title: certificate.title,
        inName: t('account:certificates.inName', { name: certificate.name }),
        number: certificate.number,
        issued: date(certificate.issuedAt),
        reissue: canReissue(certificate, person) ? `/certificates/${certificate._id}/reissue` : null,
      })),
    empty: {
      title: t('account:certificates.none'),
      text: t('account:certificates.noneText'),
      link: { href: '/courses', text: t('account:certificates.courses') },
    },
    head: { title: t('account:certificates.title'), noindex: true },
  })
}
