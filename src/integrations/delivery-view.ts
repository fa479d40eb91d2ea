import { withoutSecrets } from '../platform/secret-routes'
import type { Person } from '../people/person'
import { deliveryIcons } from '../web/delivery-icons'
import { cancellableStates, type Delivery, type DeliveryAttempt } from '../webhooks/delivery'
import { liveSecrets, type Endpoint } from '../webhooks/endpoint'
import { mappedBody, type FieldMapping } from '../webhooks/field-mapping'
import type { Message } from '../webhooks/message'
import { basisOf } from '../webhooks/message-types'
import { sign } from '../webhooks/sign'
import type { Texts } from '../web/texts'
import { attemptView, inSeconds, type AttemptView, type Badge } from './texts'
import type { Times } from './times'
import { whyView, type FailureHistory, type WhyView } from './why-view'

const maxResponse = 2000

/** A delivery with the records behind it. */
export type DeliveryDetail = {
  delivery: Delivery
  endpoint: Endpoint | null
  message: Message | null
  person: Person | null
  mapping: FieldMapping | null
  /** What is known about the endpoint's failures; null unless this delivery's last attempt failed. */
  history: FailureHistory | null
}

type Exchange = {
  title: string
  request: string
  response: string
}

/** What a delivery's page and the list's side panel show. */
type DeliveryView = {
  title: string
  name: string
  type: string
  messageId: string
  state: Badge
  cancelReason: string | null
  resend: { href: string; text: string; isPrimary: boolean } | null
  cancelHref: string | null
  next: { text: string; iso: string; when: string } | null
  attempts: AttemptView[]
  why: WhyView | null
  /** The latest attempt, as it went over the line; the next one when there was none. */
  exchange: Exchange | null
  body: { text: string; href: string; whole: string; schemaHref: string; mapping: string | null } | null
}

/**
 * Returns what a delivery shows. When the person no longer shares with sales, their name and the content are left
 * out.
 *
 * @param canChange true when the reader may resend and cancel deliveries.
 */
export function deliveryView(
  detail: DeliveryDetail,
  canChange: boolean,
  texts: Texts,
  times: Times,
): DeliveryView {
  const { delivery, endpoint, message } = detail
  const { t, iso } = texts
  const { state, attemptLog, dueAt } = delivery
  const href = `/integrations/deliveries/${delivery._id}`
  const isSendable = Boolean(message?.body) && endpoint !== null && !endpoint.removedAt
  const isOpen = cancellableStates.includes(state)
  const name = personLabel(delivery, detail.person, t)
  return {
    title: t('integrations:delivery.title', { name, to: endpoint?.name ?? '' }),
    name,
    type: delivery.type,
    messageId: delivery.message,
    state: deliveryBadge(delivery, texts),
    cancelReason: delivery.reason && t(`integrations:cancelReason.${delivery.reason}`),
    resend:
      canChange && isSendable && state !== 'sending'
        ? {
            href: `${href}/attempt`,
            text: t(state === 'delivered' ? 'integrations:delivery.resend' : 'integrations:delivery.now'),
            isPrimary: isOpen && !detail.history,
          }
        : null,
    cancelHref: canChange && isSendable && isOpen ? `${href}/cancellation` : null,
    next:
      state === 'pending' && dueAt
        ? {
            text: t('integrations:attempt.next', { number: attemptLog.length + 1 }),
            iso: iso(dueAt),
            when: times.full(dueAt),
          }
        : null,
    attempts: [...attemptLog].reverse().map(attempt => ({
      ...attemptView({ ...attempt, response: '' }, 0, texts),
      time: { iso: iso(attempt.at), text: times.full(attempt.at) },
    })),
    why:
      endpoint && detail.history
        ? whyView(delivery, endpoint, detail.history, canChange, texts, times)
        : null,
    exchange: exchangeView(detail, texts, times),
    body: bodyView(detail, texts),
  }
}

/** Returns the person's name, or what is shown instead of it. */
export function personLabel(delivery: Delivery, person: Person | null | undefined, t: Texts['t']): string {
  if (person && isReadable(delivery, person)) return person.name
  return t(delivery.person ? 'integrations:person.notShared' : 'integrations:person.none')
}

/** Returns the state of a delivery; one that waits after a failure is retrying. */
export function deliveryBadge(
  { state, failures }: Pick<Delivery, 'state' | 'failures'>,
  { t }: Pick<Texts, 't'>,
): Badge {
  const name = state === 'pending' && failures > 0 ? 'retrying' : state
  return { ...deliveryIcons[state], text: t(`integrations:state.${name}`) }
}

/** Returns the JSON of a delivery as its endpoint gets it, without action tokens; null when it is hidden or deleted. */
export function readableBody({ delivery, message, person, mapping }: DeliveryDetail): string | null {
  if (!message?.body || !person || !isReadable(delivery, person)) return null
  return withoutSecrets(mappedBody(message.body, mapping))
}

function bodyView(detail: DeliveryDetail, { t }: Texts): DeliveryView['body'] {
  const { delivery, mapping } = detail
  const body = readableBody(detail)
  if (!body) return null
  const size = (Buffer.byteLength(body) / 1024).toFixed(1)
  return {
    text: JSON.stringify(JSON.parse(body), null, 1),
    href: `/integrations/deliveries/${delivery._id}/body`,
    whole: t('integrations:delivery.wholeBody', { size }),
    schemaHref: `/webhooks/message-types#${delivery.type}`,
    mapping: mapping && t('integrations:delivery.mapping', { version: mapping.version }),
  }
}

/** The request and the answer of the latest attempt. The signature says nothing about the secret. */
function exchangeView(detail: DeliveryDetail, texts: Texts, times: Times): Exchange | null {
  const { delivery, endpoint, message, person } = detail
  const { t } = texts
  const last = delivery.attemptLog.at(-1)
  const path = endpoint && pathOf(endpoint.url)
  if (!path) return null
  if (last) {
    const isShown = person === null || isReadable(delivery, person)
    return {
      title: t('integrations:delivery.attempt', {
        number: delivery.attemptLog.length,
        when: times.full(last.at),
      }),
      request: requestLines(path, delivery.message, last),
      response: [answerLine(last, texts), isShown ? last.response.slice(0, maxResponse) : '']
        .filter(Boolean)
        .join('\n'),
    }
  }
  if (!message?.body || !endpoint.secrets.length) return null
  const signed = sign(delivery.message, mappedBody(message.body, detail.mapping), liveSecrets(endpoint))
  return {
    title: t('integrations:delivery.request'),
    request: requestLines(path, delivery.message, {
      timestamp: Number(signed['webhook-timestamp']),
      signature: signed['webhook-signature'],
    }),
    response: '',
  }
}

function pathOf(url: string): string | null {
  const parsed = URL.parse(url)
  return (
    parsed && (parsed.protocol === 'listen:' ? url.slice('listen:'.length) : parsed.pathname + parsed.search)
  )
}

function requestLines(
  path: string,
  id: string,
  { timestamp, signature }: Pick<DeliveryAttempt, 'timestamp' | 'signature'>,
): string {
  return [
    `POST ${path}`,
    'content-type: application/json',
    'user-agent: Academy-Webhooks/1.0',
    `webhook-id: ${id}`,
    ...(timestamp ? [`webhook-timestamp: ${timestamp}`] : []),
    ...(signature ? [`webhook-signature: ${signature}`] : []),
  ].join('\n')
}

function answerLine({ status, error, durationMs, location }: DeliveryAttempt, { t }: Texts): string {
  const seconds = inSeconds(durationMs)
  const line =
    status === null
      ? t('integrations:delivery.noAnswer', { error, seconds })
      : t('integrations:attempt.status', { status, seconds })
  return location ? `${line}\nlocation: ${location}` : line
}

/**
 * True while sales may read a message: an order rests on the contract, a contact request on the request unless
 * sharing is paused; anything else needs the person to share with sales now, even `lead.disqualified`.
 */
function isReadable({ type }: Delivery, person: Person): boolean {
  if (person.erasedAt) return false
  const basis = basisOf(type)
  if (basis === 'contract') return true
  if (basis === 'request') return !person.sharingPausedAt
  return person.consents.includes('share_with_sales')
}
