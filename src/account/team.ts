import { randomBytes } from 'node:crypto'
import type { Response } from 'express'
import { z } from 'zod'
import { Enrolments } from '../learning/enrolment'
import { queueEmail } from '../mail/queue-email'
import { registrableDomain } from '../people/company'
import { hashOfEmail, normaliseEmail, shownDomain, shownEmail } from '../people/email-address'
import { canBeInvited, stopInvitationsToken } from '../people/invitation-stop'
import { People, type Person } from '../people/person'
import { signUpObstacle } from '../people/sign-up-rules'
import { hideProgress, showProgress, showsProgress, teamDomain, teamOf } from '../people/team-member'
import { forbidden } from '../platform/errors'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { setFlash } from '../web/flash'
import { emptyForm, readForm, type Form } from '../web/form'
import type { MemberHandler } from '../web/handler'
import { limiter, takeInTurn } from '../web/rate-limit'
import { renderEmail } from '../web/render-email'
import { textsOf } from '../web/texts'
import { emailField } from './sign-up'

/**
 * A person invites at most 10 colleagues a day, and a company 100. A mailbox gets one invitation a week, whoever sends
 * it; that limit is of invitations alone, so that nobody can use it up to keep someone from signing in or signing up.
 */
const perSender = limiter('invite-sender', { points: 10, seconds: 86_400 })
const perCompany = limiter('invite-company', { points: 100, seconds: 86_400 })
const perMailbox = limiter('invite-mailbox', { points: 1, seconds: 7 * 86_400 })

const view = 'account/team'

/** `GET /account/team`: colleagues with an address at the same company domain who show their progress. */
export const show: MemberHandler = (_request, response, person) => renderTeam(response, person, emptyForm())

/**
 * `POST /account/team/progress`: shows the person's progress to their team.
 *
 * @throws HttpError 403 without a confirmed company address.
 */
export const showMine: MemberHandler = async (_request, response, person) => {
  const domain = teamDomain(person)
  if (!domain) throw forbidden()
  await showProgress(person._id, domain)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:team.joined') })
  response.redirect(303, '/account/team')
}

/** `POST /account/team/progress/end`: hides it. */
export const hideMine: MemberHandler = async (_request, response, person) => {
  await hideProgress(person._id)
  setFlash(response, { kind: 'done', bold: textsOf(response).t('account:team.left') })
  response.redirect(303, '/account/team')
}

const schema = z.object({ email: emailField })

/**
 * `POST /account/team/invitations`: invites a colleague at the same domain. The answer is the same whether or not the
 * address has an account, was invited before, or wants no invitations.
 *
 * @throws HttpError 403 without a confirmed company address.
 */
export const invite: MemberHandler = async (request, response, person) => {
  const { t } = textsOf(response)
  const domain = teamDomain(person)
  if (!domain) throw forbidden()
  const { data, form } = readForm(schema, request, response)
  if (form) return renderTeam(response.status(422), person, form)
  const values = request.body as Record<string, unknown>
  const email = normaliseEmail(data.email)
  if (registrableDomain(email) !== domain) {
    const errors = { email: t('account:team.otherDomain', { domain: shownDomain(domain) }) }
    return renderTeam(response.status(422), person, { values, errors })
  }
  const wait = await takeInTurn([
    [perSender, String(person._id)],
    [perCompany, domain],
  ])
  if (wait) {
    response.set('retry-after', String(wait))
    const errors = { email: t('account:team.tooMany') }
    return renderTeam(response.status(429), person, { values, errors })
  }
  await sendInvitation(response, person, email)
  const [bold, text] = [
    t('account:team.invited', { email: shownEmail(email) }),
    t('account:team.invitedText'),
  ]
  setFlash(response, { kind: 'done', bold, text })
  response.redirect(303, '/account/team')
}

/** Names the inviter by their confirmed address only: a name is what someone has typed. */
async function sendInvitation(response: Response, person: Person, email: string): Promise<void> {
  const { brand } = response.locals
  const [account, isWelcome, obstacle] = await Promise.all([
    People.exists({ email }),
    canBeInvited(email),
    signUpObstacle(brand.id, email),
  ])
  const isFirst = (await perMailbox.take(hashOfEmail(email))) === 0
  const values = {
    inviter: shownEmail(person.email),
    href: `${brand.baseUrl}/sign-up`,
    stop: secretUrl(brand.baseUrl, secretRoutes.stopInvitations, stopInvitationsToken(email)),
  }
  const rendered = renderEmail('colleagueInvitation', values, brand)
  if (account || !isWelcome || obstacle || !isFirst) return
  const _id = `colleagueInvitation:${randomBytes(12).toString('hex')}`
  await queueEmail({ _id, person: null, to: email, kind: 'service', ...rendered })
}

async function renderTeam(response: Response, person: Person, form: Form): Promise<void> {
  const { t } = textsOf(response)
  const domain = teamDomain(person)
  const [isShown, colleagues] = await Promise.all([showsProgress(person._id), domain ? teamOf(domain) : []])
  const learning = await Enrolments.find(
    { person: { $in: colleagues.map(({ _id }) => _id) }, revokedAt: null },
    { person: 1, completedAt: 1, lessons: 1 },
  )
  response.render(view, {
    head: { title: t('account:team.title'), noindex: true },
    form,
    hasTeam: domain !== null,
    lede: domain
      ? t('account:team.lede', { company: person.company!.name, domain: shownDomain(domain) })
      : t('account:team.noTeam'),
    toggle: isShown
      ? {
          action: '/account/team/progress/end',
          button: t('account:team.hide'),
          text: t('account:team.shown'),
        }
      : { action: '/account/team/progress', button: t('account:team.show'), text: t('account:team.hidden') },
    rows: colleagues.map(({ _id, name }) => {
      const own = learning.filter(each => each.person.equals(_id))
      const completed = own.filter(({ completedAt }) => completedAt).length
      const lessons = own.flatMap(each => Object.values(each.lessons)).filter(each => each.completedAt).length
      return {
        name,
        isYou: _id.equals(person._id),
        facts: [
          t('account:team.completed', { count: completed }),
          t('account:team.inProgress', { count: own.length - completed }),
          t('account:team.lessons', { count: lessons }),
        ].join(' · '),
      }
    }),
    field: {
      name: 'email',
      label: t('account:team.email'),
      hint: domain ? t('account:team.emailHint', { domain: shownDomain(domain) }) : undefined,
      type: 'email',
      autocomplete: 'off',
      required: true,
      maxlength: 254,
    },
  })
}
