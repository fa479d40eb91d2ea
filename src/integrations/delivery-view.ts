import { withoutSecrets } from '../platform/secret-routes'
import type { Person } from '../people/person'
import { deliveryIcons } from '../web/delivery-icons'
import { cancellableStates, type Delivery } from '../webhooks/delivery'
import { liveSecrets, type Endpoint } from '../webhooks/endpoint'
import type { Message } from '../webhooks/message'
import { basisOf } from '../webhooks/message-types'
import { sign, type SignedHeaders } from '../webhooks/sign'
import type { Texts } from '../web/texts'
import { attemptView, type AttemptView, type Badge } from './texts'

const maxResponse = 300

/** A delivery with the records behind it. */
export type DeliveryDetail = {
  delivery: Delivery
  endpoint: Endpoint | null
  message: Message | null
  person: Person | null
}

/** What a delivery's page and the list's side panel show. */
type DeliveryView = {
  title: string
  type: string
  messageId: string
  state: Badge
  cancelReason: string | null
  resend: { href: string; text: string; isPrimary: boolean } | null
  cancelHref: string | null
  next: { text: string; iso: string; when: string } | null
  attempts: AttemptView[]
  request: { headers: string; body: string; bodyHref: string; wholeBody: string; schemaHref: string } | null
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
  at: Date,
): DeliveryView {
  const { delivery, endpoint, message } = detail
  const { t, date, iso } = texts
  const { state, attemptLog, dueAt } = delivery
  const isToday = (moment: Date) => iso(moment).slice(0, 10) === iso(at).slice(0, 10)
  const when = (moment: Date) =>
    isToday(moment) ? date(moment, 'time') : `${date(moment, 'short')}, ${date(moment, 'time')}`
  const href = `/integrations/deliveries/${delivery._id}`
  const isSendable = Boolean(message?.body) && endpoint !== null && !endpoint.removedAt
  const isOpen = cancellableStates.includes(state)
  return {
    title: deliveryTitle(detail, texts),
    type: delivery.type,
    messageId: delivery.message,
    state: deliveryBadge(delivery, texts),
    cancelReason: delivery.reason && t(`integrations:cancelReason.${delivery.reason}`),
    resend:
      canChange && isSendable && state !== 'sending'
        ? {
            href: `${href}/attempt`,
            text: t(state === 'delivered' ? 'integrations:delivery.resend' : 'integrations:delivery.now'),
            isPrimary: isOpen,
          }
        : null,
    cancelHref: canChange && isSendable && isOpen ? `${href}/cancellation` : null,
    next:
      state === 'pending' && dueAt
        ? {
            text: t('integrations:attempt.next', { number: attemptLog.length + 1 }),
            iso: iso(dueAt),
            when: when(dueAt),
          }
        : null,
    attempts: [...attemptLog].reverse().map(attempt => ({
      ...attemptView(attempt, maxResponse, texts),
      time: { iso: iso(attempt.at), text: when(attempt.at) },
    })),
    request: requestView(detail, texts),
  }
}

/** Returns "Ada Lovelace · Sales CRM"; the name is replaced when it is hidden or when no person is involved. */
function deliveryTitle({ delivery, endpoint, person }: DeliveryDetail, { t }: Texts): string {
  return t('integrations:delivery.title', {
    name: personLabel(delivery, person, t),
    to: endpoint?.name ?? '',
  })
}

/** Returns the person's name, or what is shown instead of it. */
export function personLabel(delivery: Delivery, person: Person | null | undefined, t: Texts['t']): string {
  if (person && isReadable(delivery, person)) return person.name
  return t(delivery.person ? 'integrations:person.notShared' : 'integrations:person.none')
}

export function deliveryBadge({ state }: Pick<Delivery, 'state'>, { t }: Pick<Texts, 't'>): Badge {
  return { ...deliveryIcons[state], text: t(`integrations:state.${state}`) }
}

/** Returns the JSON of a delivery without action tokens; null when it is hidden or deleted. */
export function readableBody({ delivery, message, person }: DeliveryDetail): string | null {
  if (!message?.body || !person || !isReadable(delivery, person)) return null
  return withoutSecrets(message.body)
}

function requestView(detail: DeliveryDetail, { t }: Texts): DeliveryView['request'] {
  const { delivery, endpoint, message } = detail
  const body = readableBody(detail)
  if (!body || !message?.body) return null
  const secrets = endpoint ? liveSecrets(endpoint) : []
  const size = (Buffer.byteLength(body) / 1024).toFixed(1)
  return {
    headers: secrets.length ? headerLines(sign(delivery.message, message.body, secrets)) : '',
    body: JSON.stringify(JSON.parse(body), null, 1),
    bodyHref: `/integrations/deliveries/${delivery._id}/body`,
    wholeBody: t('integrations:delivery.wholeBody', { size }),
    schemaHref: `/webhooks/message-types#${delivery.type}`,
  }
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

/** Returns the headers as they would be sent now, with long values such as the signature cut. */
function headerLines(headers: SignedHeaders): string {
  return Object.entries(headers)
    .map(([name, value]: [string, string]) => {
      const shown = value.length > 40 ? `${value.slice(0, 24)}…` : value
      return `${name}: ${shown}\n`
    })
    .join('')
}
