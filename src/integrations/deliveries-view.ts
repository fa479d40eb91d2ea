import type { Person } from '../people/person'
import { causeOf, type Alert } from '../webhooks/alert'
import { deliveryStates, type Delivery, type DeliveryState } from '../webhooks/delivery'
import type { DeliveryStats } from '../webhooks/delivery-stats'
import type { Endpoint } from '../webhooks/endpoint'
import { deliveryBadge, personLabel } from './delivery-view'
import { endpointBadge } from './endpoints-view'
import type { Texts } from '../web/texts'
import { attemptText, inSeconds, percent, shortUrl, type Badge } from './texts'
import type { Times } from './times'

export type StateCounts = Record<DeliveryState | 'all', number>

/** An endpoint that fails or is disabled, with the alert that was raised for it. */
export type Outage = {
  endpoint: Endpoint
  alert: Alert
  since: Date
  nextAttemptAt: Date | null
  undelivered: number
}

/** The filters of the list, as in the URL. */
export type DeliveryFilter = { state?: DeliveryState; endpoint?: string }

type Sentence = { text: string; isStrong: boolean }
type OutageView = { title: string; text: string; href: string; link: string }
type EndpointCard = {
  name: string
  href: string
  url: string
  state: Badge
  stats: { value: string; label: string }[]
}
type Tab = { href: string; text: string; count: string; isCurrent: boolean }
type Row = {
  href: string
  person: string
  endpoint: string
  state: Badge
  type: string
  attempts: number
  lastResponse: string
  when: string
  isChosen: boolean
}

/** Returns the sentences below the heading: how many messages are delivered, pending, held and failed. */
export function summaryOf(counts: StateCounts, { t, number }: Texts): Sentence[] {
  if (!counts.all) return [{ text: t('integrations:deliveries.noneYet'), isStrong: false }]
  const delivered = t('integrations:deliveries.delivered', {
    count: counts.all,
    delivered: number(counts.delivered),
    all: number(counts.all),
  })
  const pending = counts.pending + counts.sending
  const sentence = (key: string, count: number, isStrong = false): Sentence[] =>
    count ? [{ text: t(`integrations:deliveries.${key}`, { count }), isStrong }] : []
  return [
    { text: delivered, isStrong: false },
    ...sentence('pending', pending),
    ...sentence('held', counts.held),
    ...sentence('failed', counts.failed, true),
  ]
}

/** Returns the warning about an endpoint that fails. */
export function outageView(outage: Outage, texts: Texts, times: Times): OutageView {
  const { endpoint, alert, since, nextAttemptAt, undelivered } = outage
  const { t } = texts
  const { name } = endpoint
  const when = times.short
  return {
    title: t(`integrations:alert.${alert.kind}`, { name, since: when(since), count: undelivered }),
    text: [
      t(`integrations:alert.${causeOf(alert)}`, { status: alert.status }),
      t('integrations:alert.nothingLost'),
      ...(nextAttemptAt ? [t('integrations:alert.nextAttempt', { when: when(nextAttemptAt) })] : []),
    ].join(' '),
    href: `/integrations/endpoints/${endpoint._id}`,
    link: t('integrations:alert.link', { name }),
  }
}

/** Returns the card of an endpoint above the list, without its chart. */
export function endpointCard(
  endpoint: Endpoint,
  stats: DeliveryStats,
  texts: Texts,
  times: Times,
): EndpointCard {
  return {
    name: endpoint.name,
    href: `/integrations/endpoints/${endpoint._id}`,
    url: endpoint.listener?.forwardsTo ?? shortUrl(endpoint.url),
    state: endpointBadge(endpoint, times.short, texts),
    stats: cardStats(stats, texts),
  }
}

function cardStats({ medianMs, firstAttemptRate }: DeliveryStats, texts: Texts): EndpointCard['stats'] {
  const { t } = texts
  if (medianMs === null || firstAttemptRate === null) return []
  return [
    { value: percent(firstAttemptRate, texts), label: t('integrations:stats.firstAttempt') },
    { value: `${inSeconds(medianMs)} s`, label: t('integrations:stats.median') },
  ]
}

/** Returns the tabs: all, pending and every other state that has deliveries or is chosen. */
export function tabsOf(filter: DeliveryFilter, counts: StateCounts, { t, number }: Texts): Tab[] {
  const order: (DeliveryState | undefined)[] = [
    undefined,
    'pending',
    'held',
    'failed',
    'delivered',
    'cancelled',
  ]
  return order
    .filter(state => !state || state === 'pending' || state === filter.state || counts[state])
    .map(state => ({
      href: listHref({ ...filter, state }),
      text: t(`integrations:tab.${state ?? 'all'}`),
      count: number(counts[state ?? 'all']),
      isCurrent: state === filter.state,
    }))
}

/** Returns the URL of the list with these filters. */
export function listHref({ state, endpoint }: DeliveryFilter, more: Record<string, string> = {}): string {
  const query = new URLSearchParams({ ...(state && { state }), ...(endpoint && { endpoint }), ...more })
  return `/integrations/deliveries?${query}`
}

export function rowView(
  delivery: Delivery,
  about: { person?: Person; endpoint?: string; isChosen: boolean },
  texts: Texts,
  times: Times,
): Row {
  const lastAttempt = delivery.attemptLog.at(-1)
  return {
    href: `/integrations/deliveries/${delivery._id}`,
    person: personLabel(delivery, about.person, texts.t),
    endpoint: about.endpoint ?? '',
    state: deliveryBadge(delivery, texts),
    type: delivery.type,
    attempts: delivery.attemptLog.length,
    lastResponse: lastAttempt ? attemptText(lastAttempt, 'short', texts) : '',
    when: momentOf(delivery, texts, times),
    isChosen: about.isChosen,
  }
}

/**
 * Returns when a pending delivery is attempted next, when a held one was put on hold, or when the last attempt was
 * made.
 */
function momentOf(delivery: Delivery, texts: Texts, { short: when }: Times): string {
  const { state, dueAt, createdAt, deliveredAt, attemptLog } = delivery
  if (state === 'pending' && dueAt) return texts.t('integrations:when.next', { when: when(dueAt) })
  if (state === 'held') return texts.t('integrations:when.since', { when: when(createdAt) })
  return when(deliveredAt ?? attemptLog.at(-1)?.at ?? createdAt)
}

/** Returns the state that a URL names, if there is one. */
export function stateNamed(name: string | undefined): DeliveryState | undefined {
  return deliveryStates.find(state => state === name)
}
