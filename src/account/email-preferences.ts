import { digestStateOf, setDigest } from '../community/digest-queue'
import { Emails } from '../mail/email'
import { activeConsent } from '../people/consent'
import type { MemberHandler } from '../web/handler'
import { setFlash } from '../web/flash'
import { textsOf } from '../web/texts'
import { consentText, shownField } from '../web/consent-texts'

const maxEmails = 20

/** Which emails the person gets, and the latest ones we sent. */
export const show: MemberHandler = async (request, response, person) => {
  const { t, html, date } = textsOf(response)
  const [consent, emails, digest] = await Promise.all([
    activeConsent(person._id, 'marketing_email'),
    Emails.find({ person: person._id }, { subject: 1, createdAt: 1, sentAt: 1 })
      .sort({ createdAt: -1 })
      .limit(maxEmails),
    digestStateOf(person._id),
  ])
  const isOn = person.consents.includes('marketing_email')
  const state = isOn ? 'on' : consent ? 'waiting' : 'off'
  const action = '/account/consents/marketing_email'
  response.render('account/email-preferences', {
    head: { title: t('account:emailPreferences.title'), noindex: true },
    state: html(`account:emailPreferences.${state}`),
    toggle: consent
      ? { action: `${action}/withdrawal`, button: t('account:emailPreferences.stop') }
      : { action, button: t('account:emailPreferences.start') },
    digest: digest && {
      text: t(`account:emailPreferences.digest.${digest}`),
      button: t(`account:emailPreferences.${digest === 'on' ? 'stop' : 'start'}`),
      value: digest === 'on' ? '' : 'on',
    },
    shown: shownField(response, 'marketing_email'),
    consentText: t('account:emailPreferences.text', { text: consentText(response, 'marketing_email') }),
    emails: emails.map(({ subject, sentAt }) => ({
      subject,
      sent: sentAt ? date(sentAt, 'full') : t('account:emailPreferences.notSent'),
    })),
  })
}

/** `POST /account/email-preferences/groups`: ends the weekly email about one's groups, or begins it again. */
export const changeDigest: MemberHandler = async (request, response, person) => {
  const isOn = (request.body as { digest?: unknown } | undefined)?.digest === 'on'
  // Only members of a group ever had one.
  if (await digestStateOf(person._id)) await setDigest(person._id, isOn)
  const state = isOn ? 'on' : 'off'
  setFlash(response, { kind: 'done', bold: textsOf(response).t(`account:emailPreferences.digest.${state}`) })
  response.redirect(303, '/account/email-preferences')
}
