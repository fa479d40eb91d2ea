import { Certificates } from '../learning/certificate'
import type { MemberHandler } from '../web/handler'
import { textsOf } from '../web/texts'

/** The learner's own certificates, newest first. */
export const index: MemberHandler = async (request, response, person) => {
  const { t, date } = textsOf(response)
  const certificates = await Certificates.find({ person: person._id, revokedAt: null })
  response.render('account/certificates', {
    certificates: certificates
      .sort((a, b) => b.issuedAt.getTime() - a.issuedAt.getTime())
      .map(({ _id, title, number, issuedAt }) => ({
        href: `/certificates/${_id}`,
        title,
        number,
        issued: date(issuedAt),
      })),
    empty: {
      title: t('account:certificates.none'),
      text: t('account:certificates.noneText'),
      link: { href: '/courses', text: t('account:certificates.courses') },
    },
    head: { title: t('account:certificates.title'), noindex: true },
  })
}
