import type { Request, Response } from 'express'
import { z } from 'zod'
import { verifyPassword } from '../people/password'
import type { Person } from '../people/person'
import { decryptSecret } from '../platform/encrypt-secret'
import { newestSecret, overlapEnd, secretEnding, type Endpoint } from '../webhooks/endpoint'
import { endOverlap, extendedOverlap, extendOverlap } from '../webhooks/overlap'
import { revealSecret } from '../webhooks/reveal-secret'
import { rotateSecret } from '../webhooks/rotate-secret'
import { checkbox, type Form } from '../web/form'
import { pressOf } from '../web/occasion'
import { limiter } from '../web/rate-limit'
import { textsOf, type Texts } from '../web/texts'
import { auditEndpoint, flashAndRedirect } from './endpoint-actions'
import { loaded, renderTab } from './endpoint-page'
import { rotationView } from './endpoints-view'
import { hrefOf } from './texts'
import { timesOf, type Times } from './times'

/** Wrong passwords that a teammate may type before a secret is shown. */
const perTeammate = limiter('reveal-secret', { points: 5, seconds: 900 })

/** `GET …/secret`: what is known of the secret. A new one is shown here, once. */
export async function show(request: Request, response: Response, person: Person): Promise<void> {
  await showSecret(request, response, person, {
    secret: await revealSecret(loaded(response)._id),
    isNew: true,
  })
}

/** `POST …/secret`: shows the secret to a teammate who types their password again. */
export async function reveal(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { t } = textsOf(response)
  const refuse = (status: number, error: string) =>
    showSecret(request, response.status(status), person, {
      secret: null,
      form: { values: {}, errors: { password: error } },
    })
  const typed: unknown = request.body?.password
  const password = typeof typed === 'string' ? typed : ''
  if (!password) return refuse(422, t('integrations:errors.password'))
  const wait = await perTeammate.take(String(person._id))
  if (wait) {
    response.set('retry-after', String(wait))
    return refuse(429, t('integrations:errors.tooManyPasswords', { count: Math.ceil(wait / 60) }))
  }
  if (!(await verifyPassword(password, person.passwordHash))) {
    await auditEndpoint(person, endpoint, 'secret.reveal_refused')
    return refuse(422, t('integrations:errors.wrongPassword'))
  }
  await perTeammate.giveBack(String(person._id))
  const [newest] = endpoint.secrets
  await auditEndpoint(person, endpoint, 'secret.revealed')
  const secret = newest ? decryptSecret(newest.encrypted, String(endpoint._id)) : null
  await showSecret(request, response, person, { secret })
}

async function showSecret(
  request: Request,
  response: Response,
  person: Person,
  { secret, isNew = false, form }: { secret: string | null; isNew?: boolean; form?: Form },
): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  response.set('cache-control', 'no-store')
  await renderTab(request, response, 'secret', {
    scripts: ['/js/copy.js', '/js/countdown.js'],
    secret,
    intro: secret
      ? texts.t(isNew ? 'integrations:secret.new' : 'integrations:secret.shown', { name: endpoint.name })
      : '',
    known: knownOf(endpoint, texts, times),
    overlap: overlapView(endpoint, texts, times),
    password: {
      name: 'password',
      label: texts.t('integrations:secret.password'),
      hint: texts.t('integrations:secret.passwordHint'),
      type: 'password',
      required: true,
      autocomplete: 'current-password',
    },
    hasPassword: person.passwordHash !== null,
    expireNow: {
      form: { values: {}, errors: {} },
      name: 'expireNow',
      kind: 'checkbox',
      label: texts.t('integrations:secret.expireNow'),
      hint: texts.t('integrations:secret.expireNowHint'),
    },
    ...(form && { form }),
  })
}

function knownOf(endpoint: Endpoint, { t }: Texts, times: Times): { ending: string; since: string } | null {
  const [newest] = endpoint.secrets
  if (!newest) return null
  return {
    ending: secretEnding(endpoint),
    since: t('integrations:secret.since', { since: times.full(newest.createdAt) }),
  }
}

/** While the secret before the newest still signs: until when, and what can be done about it. */
function overlapView(endpoint: Endpoint, { t, iso }: Texts, times: Times) {
  const until = overlapEnd(endpoint)
  if (!until) return null
  const extended = extendedOverlap(endpoint)
  return {
    text: t('integrations:overlap.text', { until: times.full(until) }),
    left: times.until(until),
    until: iso(until),
    extension: extended && t('integrations:overlap.extend', { until: times.full(extended) }),
  }
}

/** `GET …/rotation/new`: asks before a rotation that ends an old secret which is still in use. */
export function newRotation(_request: Request, response: Response): void {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  response.render('integrations/endpoint-rotation', {
    layout: 'workspace',
    nav: 'endpoints',
    head: { title: texts.t('integrations:rotation.title') },
    ...rotationView(endpoint, texts),
  })
}

const rotationForm = z.object({ expireNow: checkbox, newest: z.string().max(50).optional().catch(undefined) })

/**
 * `POST …/rotation`, with `expireNow` when the old secret has leaked. While the secret before the newest still signs,
 * the endpoint may not have switched yet, so the page asks first; `newest` is the secret that it asked about.
 */
export async function rotate(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { expireNow, newest } = rotationForm.parse(request.body)
  const submission = pressOf(request, person)
  const isPressedTwice = submission !== null && endpoint.secrets[0]?.submission === submission
  const mustAsk = !expireNow && overlapEnd(endpoint) !== null && newest !== newestSecret(endpoint)
  if (mustAsk && !isPressedTwice) return response.redirect(303, `${hrefOf(endpoint)}/rotation/new`)
  if (await rotateSecret(endpoint, { submission, expireNow }))
    await auditEndpoint(person, endpoint, 'secret.rotated', { expireNow })
  response.redirect(303, `${hrefOf(endpoint)}/secret`)
}

const extensionForm = z.object({ until: z.iso.datetime().catch('') })

/** `POST …/rotation/extension`: the old secret signs for another day. */
export async function extend(request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  const { until: seen } = extensionForm.parse(request.body)
  const until = await extendOverlap(endpoint, seen ? new Date(seen) : new Date(0))
  await auditEndpoint(person, endpoint, 'secret.overlap_extended', { until })
  const when = timesOf(request, textsOf(response)).full(until)
  flashAndRedirect(response, 'overlapExtended', { when }, `${hrefOf(endpoint)}/secret`)
}

/** `POST …/rotation/end`: the old secret signs nothing any more. */
export async function endRotation(_request: Request, response: Response, person: Person): Promise<void> {
  const endpoint = loaded(response)
  await endOverlap(endpoint)
  await auditEndpoint(person, endpoint, 'secret.overlap_ended')
  flashAndRedirect(response, 'overlapEnded', {}, `${hrefOf(endpoint)}/secret`)
}
