import { days, later, now } from '../platform/clock'
import type { DeliveryStats } from '../webhooks/delivery-stats'
import { newestSecret, overlapEnd, type Endpoint } from '../webhooks/endpoint'
import { recoveryModes } from '../webhooks/recovery'
import { outcomeNames } from '../leads/apply-outcome'
import { subscribable, subscribedByDefault } from '../webhooks/message-types'
import { messageTypeDocs } from '../web/message-type-docs'
import type { Texts } from '../web/texts'
import { deliveredHref } from './delivery-list'
import { hrefOf, inSeconds, percent, shortUrl, type Badge } from './texts'
import type { Times } from './times'

/** A field for `partials/field`. */
type Field = { name: string; label: string; [option: string]: unknown }

type EndpointRow = {
  name: string
  href: string
  url: string
  state: Badge
  types: string
  delivered: { text: string; href: string | null }
  firstAttempt: string
  median: string
}

/** Returns an endpoint's state; a failing one shows when that started. */
export function endpointBadge(
  { state, failingSince }: Endpoint,
  formatSince: (moment: Date) => string,
  { t }: Pick<Texts, 't'>,
): Badge {
  if (state === 'listening') {
    return { colour: 'is-blue', icon: 'desktop', text: t('integrations:endpointState.listening') }
  }
  if (state !== 'active') {
    return { colour: 'is-grey', icon: 'held', text: t(`integrations:endpointState.${state}`) }
  }
  if (!failingSince) {
    return { colour: 'is-pine', icon: 'check-circle-fill', text: t('integrations:endpointState.active') }
  }
  const since = formatSince(failingSince)
  return { colour: 'is-brick', icon: 'clock', text: t('integrations:endpointState.failing', { since }) }
}

/** Returns the sentence below the heading of the list: how many endpoints there are, and how many are healthy. */
export function endpointsSummary(endpoints: Endpoint[], { t }: Texts): string {
  if (!endpoints.length) return t('integrations:endpoints.noneSentence')
  const healthy = endpoints.filter(
    ({ state, failingSince }) => ['active', 'listening'].includes(state) && !failingSince,
  ).length
  const key = healthy === endpoints.length ? 'allHealthy' : 'healthy'
  const count = t('integrations:endpoints.sentence', { count: endpoints.length })
  return `${count} ${t(`integrations:endpoints.${key}`, { count: healthy })}`
}

/** Returns what the empty list says; a reader who may add an endpoint gets a link. */
export function noEndpoints(canAdd: boolean, { t }: Texts) {
  return {
    title: t('integrations:endpoints.emptyTitle'),
    text: t('integrations:endpoints.emptyText'),
    link: canAdd ? { href: '/integrations/endpoints/new', text: t('integrations:endpoints.add') } : null,
  }
}

/** Returns a row of the list of endpoints, without its chart. */
export function endpointRow(
  endpoint: Endpoint,
  stats: DeliveryStats,
  texts: Texts,
  times: Times,
): EndpointRow {
  const { t, number } = texts
  const { firstAttemptRate, medianMs } = stats
  return {
    name: endpoint.name,
    href: hrefOf(endpoint),
    url: endpoint.listener?.forwardsTo ?? shortUrl(endpoint.url),
    state: endpointBadge(endpoint, times.short, texts),
    types:
      endpoint.types.length === subscribable.length
        ? t('integrations:endpoints.allEvents')
        : endpoint.types.join(', '),
    delivered: {
      text: t('integrations:figure.of', {
        count: stats.delivered,
        delivered: number(stats.delivered),
        all: number(stats.attempted),
      }),
      href: stats.delivered ? deliveredHref(endpoint, stats) : null,
    },
    firstAttempt: firstAttemptRate === null ? '' : percent(firstAttemptRate, texts),
    median: medianMs === null ? '' : `${inSeconds(medianMs)} s`,
  }
}

/** Returns the fields of the form that adds or changes an endpoint. */
export function endpointFields(endpoint: Endpoint | null, { t }: Texts): Field[] {
  return [
    {
      name: 'name',
      label: t('integrations:field.name'),
      hint: t('integrations:field.nameHint'),
      value: endpoint?.name,
      required: true,
      maxlength: 60,
      autocomplete: 'off',
    },
    {
      name: 'url',
      label: t('integrations:field.url'),
      hint: t('integrations:field.urlHint'),
      type: 'url',
      value: endpoint?.url,
      required: true,
      maxlength: 500,
      autocomplete: 'off',
      spellcheck: 'false',
    },
    {
      name: 'recordUrl',
      label: t('integrations:field.recordUrl'),
      hint: t('integrations:field.recordUrlHint'),
      value: endpoint?.recordUrl ?? '',
      optional: true,
      maxlength: 500,
      autocomplete: 'off',
      spellcheck: 'false',
    },
    {
      name: 'types',
      kind: 'checkboxes',
      label: t('integrations:field.events'),
      value: endpoint?.types ?? subscribedByDefault,
      options: subscribable.map(type => ({
        value: type,
        text: type,
        hint: messageTypeDocs(type, t).text,
      })),
    },
    {
      name: 'inbound',
      kind: 'checkboxes',
      label: t('integrations:field.inbound'),
      hint: t('integrations:field.inboundHint'),
      optional: true,
      value: endpoint?.inbound ?? [],
      options: outcomeNames.map(type => ({
        value: type,
        text: type,
        hint: t(`integrations:outcomeType.${type.replace('.', '_')}`),
      })),
    },
    {
      name: 'perSecond',
      label: t('integrations:field.perSecond'),
      hint: t('integrations:field.perSecondHint'),
      type: 'number',
      min: 1,
      max: 50,
      value: endpoint?.perSecond ?? 5,
      small: true,
    },
  ]
}

/**
 * Returns the page that asks before a second rotation: until when the old secret works, and what rotating again does.
 */
export function rotationView(endpoint: Endpoint, { t, date }: Texts) {
  const { name } = endpoint
  const until = overlapEnd(endpoint)
  const since = endpoint.secrets[0] ? date(endpoint.secrets[0].createdAt, 'full') : ''
  return {
    name,
    href: hrefOf(endpoint),
    newest: newestSecret(endpoint),
    title: t('integrations:rotation.heading', { name }),
    text: until
      ? t('integrations:rotation.overlap', { name, since, until: date(until, 'full') })
      : t('integrations:rotation.noOverlap', { name, since }),
    advice: until ? t('integrations:rotation.advice', { name }) : '',
  }
}

/** Returns the fields of the form that replays a time range, which begins with the failures or a day ago. */
export function recoveryFields({ failingSince }: Endpoint, { t }: Texts): Field[] {
  const since = failingSince ?? later(now(), -days(1))
  return [
    {
      name: 'since',
      label: t('integrations:replay.since'),
      hint: t('integrations:replay.sinceHint'),
      type: 'datetime-local',
      value: since.toISOString().slice(0, 16),
      required: true,
    },
    {
      name: 'until',
      label: t('integrations:replay.until'),
      hint: t('integrations:replay.untilHint'),
      type: 'datetime-local',
      optional: true,
    },
    {
      name: 'mode',
      kind: 'radios',
      label: t('integrations:replay.which'),
      value: 'failed',
      options: recoveryModes.map(mode => ({
        value: mode,
        text: t(`integrations:replay.${mode}`),
        hint: mode === 'failed' ? '' : t(`integrations:replay.${mode}Hint`),
      })),
    },
  ]
}
