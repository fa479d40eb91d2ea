import type { DeliveryStats } from '../webhooks/delivery-stats'
import { newestSecret, overlapEnd, type Endpoint } from '../webhooks/endpoint'
import { recoveryModes, type Recovery } from '../webhooks/recovery'
import { outcomeNames } from '../leads/apply-outcome'
import { subscribable, subscribedByDefault } from '../webhooks/message-types'
import { messageTypeDocs } from '../web/message-type-docs'
import type { Texts } from '../web/texts'
import { attemptView, inSeconds, percent, shortUrl, type AttemptView, type Badge } from './texts'

const maxTestResponse = 2000

/** A field for `partials/field`. */
type Field = { name: string; label: string; [option: string]: unknown }

type EndpointRow = {
  name: string
  href: string
  url: string
  state: Badge
  types: string
  chart: { values: DeliveryStats['days']; label: string }
  delivered: string
  firstAttempt: string
  median: string
}

/** Returns an endpoint's state; a failing one shows when that started. */
export function endpointBadge(
  { state, failingSince }: Endpoint,
  formatSince: (moment: Date) => string,
  { t }: Pick<Texts, 't'>,
): Badge {
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
  const healthy = endpoints.filter(({ state, failingSince }) => state === 'active' && !failingSince).length
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

export function endpointRow(endpoint: Endpoint, stats: DeliveryStats, texts: Texts): EndpointRow {
  const { t, date, number } = texts
  const { firstAttemptRate, medianMs } = stats
  return {
    name: endpoint.name,
    href: hrefOf(endpoint),
    url: shortUrl(endpoint.url),
    state: endpointBadge(endpoint, since => date(since, 'short'), texts),
    types: endpoint.types.join(', '),
    chart: { values: stats.days, label: t('integrations:stats.label', { count: stats.delivered }) },
    delivered: number(stats.delivered),
    firstAttempt: firstAttemptRate === null ? '' : percent(firstAttemptRate, texts),
    median: medianMs === null ? '' : `${inSeconds(medianMs)} s`,
  }
}

export const hrefOf = ({ _id }: Pick<Endpoint, '_id'>) => `/integrations/endpoints/${_id}`

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

/** What the page of one endpoint shows, apart from its form. */
type EndpointView = {
  name: string
  href: string
  deliveriesHref: string
  stateText: string
  /** When it started failing, or how its deliveries went. */
  health: { text: string; isStrong: boolean } | null
  toggle: { href: string; text: string; isPrimary: boolean }
  test: (AttemptView & { title: string }) | null
  settings: { url: string; types: string; inbound: string; perSecond: number }
  secrets: string[]
  expireNow: Field & { form: { values: object; errors: object } }
  recovery: { text: string; isStopped: boolean; isRunning: boolean } | null
  recoveryFields: Field[]
}

export function endpointView(
  endpoint: Endpoint,
  stats: DeliveryStats,
  recovery: Recovery | null,
  texts: Texts,
): EndpointView {
  const { t, date } = texts
  const href = hrefOf(endpoint)
  const isActive = endpoint.state === 'active'
  const { lastTest } = endpoint
  return {
    name: endpoint.name,
    href,
    deliveriesHref: `/integrations/deliveries?endpoint=${endpoint._id}`,
    stateText: t(`integrations:endpoint.${endpoint.state}`),
    health: healthOf(endpoint, stats, texts),
    toggle: {
      href: `${href}/${isActive ? 'pause' : 'resumption'}`,
      text: t(isActive ? 'integrations:endpoint.pause' : 'integrations:endpoint.resume'),
      isPrimary: !isActive,
    },
    test: lastTest && {
      ...attemptView(lastTest, maxTestResponse, texts),
      title: t('integrations:test.title', { when: date(lastTest.at, 'full') }),
    },
    settings: {
      url: endpoint.url,
      types: endpoint.types.join(', '),
      inbound: endpoint.inbound.join(', ') || t('integrations:field.inboundNone'),
      perSecond: endpoint.perSecond,
    },
    secrets: endpoint.secrets.map(secret => secretText(secret, texts)),
    expireNow: {
      form: { values: {}, errors: {} },
      name: 'expireNow',
      kind: 'checkbox',
      label: t('integrations:secret.expireNow'),
      hint: t('integrations:secret.expireNowHint'),
    },
    recovery: recovery && recoveryView(recovery, texts),
    recoveryFields: recoveryFields(texts),
  }
}

function healthOf(endpoint: Endpoint, stats: DeliveryStats, texts: Texts): EndpointView['health'] {
  const { t, date, points } = texts
  if (endpoint.failingSince) {
    const since = date(endpoint.failingSince, 'full')
    return { text: t('integrations:endpoint.failing', { since }), isStrong: true }
  }
  const { delivered, firstAttemptRate, medianMs } = stats
  if (firstAttemptRate === null || medianMs === null) return null
  const share = points(firstAttemptRate * 100)
  const values = { count: delivered, share, seconds: inSeconds(medianMs) }
  return { text: t('integrations:endpoint.stats', values), isStrong: false }
}

function secretText({ createdAt, expiresAt }: Endpoint['secrets'][number], { t, date }: Texts): string {
  const since = date(createdAt, 'full')
  return expiresAt
    ? t('integrations:secret.until', { since, until: date(expiresAt, 'full') })
    : t('integrations:secret.since', { since })
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

function recoveryView(recovery: Recovery, { t, date }: Texts): EndpointView['recovery'] {
  const { processed, total, resent, since, endedAt, stopped } = recovery
  const values = { processed, total, count: resent, since: date(since, 'full') }
  return {
    text: t(endedAt ? 'integrations:replay.finished' : 'integrations:replay.running', values),
    isStopped: stopped,
    isRunning: !endedAt,
  }
}

function recoveryFields({ t }: Texts): Field[] {
  return [
    {
      name: 'since',
      label: t('integrations:replay.since'),
      hint: t('integrations:replay.sinceHint'),
      type: 'datetime-local',
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
