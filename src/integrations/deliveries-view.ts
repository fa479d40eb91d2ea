import { causeOf, type Alert } from '../webhooks/alert'
import type { DeliveryState } from '../webhooks/delivery'
import type { DeliveryStats } from '../webhooks/delivery-stats'
import type { Endpoint } from '../webhooks/endpoint'
import { listHref } from './delivery-list'
import { endpointBadge } from './endpoints-view'
import type { Texts } from '../web/texts'
import { inSeconds, percent, shortUrl, type Badge } from './texts'
import type { Times } from './times'

/** An endpoint that fails or is disabled, with the alert that was raised for it. */
export type Outage = {
  endpoint: Endpoint
  alert: Alert
  since: Date
  nextAttemptAt: Date | null
  undelivered: number
}

type Sentence = { text: string; href?: string; isStrong: boolean }
type OutageView = { title: string; text: string; href: string; link: string }
type EndpointCard = {
  name: string
  href: string
  url: string
  state: Badge
  stats: { value: string; label: string }[]
}
/**
 * Returns the sentences below the heading: how many messages are delivered, pending, held and failed, each with the
 * address of its list.
 */
export function summaryOf(counts: Record<DeliveryState | 'all', number>, { t, number }: Texts): Sentence[] {
  if (!counts.all) return [{ text: t('integrations:deliveries.noneYet'), isStrong: false }]
  const delivered = t('integrations:deliveries.delivered', {
    count: counts.all,
    delivered: number(counts.delivered),
    all: number(counts.all),
  })
  const href = (state: DeliveryState) => listHref(null, { state })
  const sentence = (state: 'pending' | 'held' | 'failed', isStrong = false): Sentence[] =>
    counts[state]
      ? [
          {
            text: t(`integrations:deliveries.${state}`, { count: counts[state] }),
            href: href(state),
            isStrong,
          },
        ]
      : []
  return [
    { text: delivered, href: href('delivered'), isStrong: false },
    ...sentence('pending'),
    ...sentence('held'),
    ...sentence('failed', true),
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
  if (firstAttemptRate === null) return []
  return [
    { value: percent(firstAttemptRate, texts), label: t('integrations:stats.firstAttempt') },
    // One that has answered no message yet has no time.
    ...(medianMs === null
      ? []
      : [{ value: `${inSeconds(medianMs)} s`, label: t('integrations:stats.median') }]),
  ]
}
