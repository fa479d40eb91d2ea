import type { Request, Response } from 'express'
import { days, later, now } from '../platform/clock'
import { Deliveries } from '../webhooks/delivery'
import { deliveryStatsOf, type DeliveryStats } from '../webhooks/delivery-stats'
import { disableAfter, minFailureSpan, type Endpoint } from '../webhooks/endpoint'
import { permissionsOf } from '../web/guard'
import { textsOf, type Texts } from '../web/texts'
import { isFailing } from './attempt-filter'
import { deliveredHref } from './delivery-list'
import { endpointBadge } from './endpoints-view'
import { failureOf } from './failure'
import { hrefOf, inSeconds, percent, type Badge } from './texts'
import { timesOf, type Times } from './times'

/** The tabs of an endpoint's page, each of which is a page. */
const tabNames = ['attempts', 'settings', 'secret', 'test', 'replay', 'mapping'] as const
export type TabName = (typeof tabNames)[number]

/** Those that everyone in sales may open, and those of a developer's command. */
const [readersTabs, listenerTabs]: [TabName[], TabName[]] = [
  ['attempts', 'settings'],
  ['attempts', 'test'],
]

type Tab = { href: string; text: string; isCurrent: boolean }
type Alarm = { bold: string; text: string }
type Figure = { label: string; text: string; href?: string | null }
type Frame = {
  name: string
  href: string
  url: string
  state: Badge
  tabs: Tab[]
  tabTitle: string
  alarm: Alarm | null
  figures: Figure[]
  chart: object
  toggle: { href: string; text: string; isPrimary: boolean } | null
  canSendTest: boolean
  timeZone: string
}

/** Returns the endpoint that the route has loaded. */
export const loaded = (response: Response) => response.locals.endpoint as Endpoint

/** Renders a tab of the loaded endpoint's page: its head, which all tabs have, and the tab's own view. */
export async function renderTab(
  request: Request,
  response: Response,
  tab: TabName,
  values: Record<string, unknown>,
): Promise<void> {
  const endpoint = loaded(response)
  const texts = textsOf(response)
  const times = timesOf(request, texts)
  const canChange = permissionsOf(request.user).endpoints
  const [stats, trouble] = await Promise.all([
    deliveryStatsOf(endpoint._id, times.id),
    isFailing(endpoint) ? troubleOf(endpoint) : null,
  ])
  const next = await nextAttemptAt(endpoint)
  response.render(`integrations/endpoint-${tab}`, {
    layout: 'workspace',
    nav: 'endpoints',
    head: { title: `${endpoint.name}: ${texts.t(`integrations:endpointTab.${tab}`)}` },
    endpoint: frameView({ endpoint, stats, trouble, next }, tab, canChange, texts, times),
    ...values,
  })
}

/** What is wrong with a failing endpoint: how many messages it has refused and not accepted since. */
type Trouble = { retrying: number; held: number }

async function troubleOf({ _id }: Endpoint): Promise<Trouble> {
  const [retrying, held] = await Promise.all([
    Deliveries.count({
      endpoint: _id,
      state: { $in: ['pending', 'sending', 'failed'] },
      attempts: { $gt: 0 },
    }),
    Deliveries.count({ endpoint: _id, state: 'held' }),
  ])
  return { retrying, held }
}

async function nextAttemptAt({ _id, state }: Endpoint): Promise<Date | null> {
  if (state !== 'active') return null
  const due = { endpoint: _id, dueAt: { $type: 'date' as const } }
  return (await Deliveries.findOne(due, { dueAt: 1 }).sort({ dueAt: 1 }))?.dueAt ?? null
}

type FrameRecord = { endpoint: Endpoint; stats: DeliveryStats; trouble: Trouble | null; next: Date | null }

function frameView(
  { endpoint, stats, trouble, next }: FrameRecord,
  current: TabName,
  canChange: boolean,
  texts: Texts,
  times: Times,
): Frame {
  const { t } = texts
  const href = hrefOf(endpoint)
  const isListening = endpoint.state === 'listening'
  const isActive = endpoint.state === 'active'
  const open = tabNames.filter(
    name => (canChange || readersTabs.includes(name)) && (!isListening || listenerTabs.includes(name)),
  )
  return {
    name: endpoint.name,
    href,
    url: endpoint.listener?.forwardsTo ?? endpoint.url,
    state: endpointBadge(endpoint, times.full, texts),
    tabs: open.map(name => ({
      href: name === 'attempts' ? href : `${href}/${name}`,
      text: t(`integrations:endpointTab.${name}`),
      isCurrent: name === current,
    })),
    tabTitle: t(`integrations:endpointTab.${current}`),
    alarm: trouble && alarmOf(endpoint, trouble, texts, times),
    figures: figuresOf(endpoint, stats, next, texts, times),
    chart: chartOf(stats, texts, times),
    toggle:
      canChange && !isListening
        ? {
            href: `${href}/${isActive ? 'pause' : 'resumption'}`,
            text: t(isActive ? 'integrations:endpoint.pause' : 'integrations:endpoint.resume'),
            isPrimary: !isActive,
          }
        : null,
    canSendTest: canChange,
    timeZone: times.zone,
  }
}

/** Says what fails, since when, that nothing is lost, and until when it is tried. */
function alarmOf(endpoint: Endpoint, { retrying, held }: Trouble, texts: Texts, times: Times): Alarm {
  const { t } = texts
  const { state, failingSince, lastFailure, lastSuccessAt, createdAt } = endpoint
  const since = times.full(failingSince ?? lastFailure?.at ?? createdAt)
  if (state !== 'active') {
    return {
      bold: t(`integrations:alarm.${state}`, { since }),
      text: t('integrations:alarm.held', { count: held }),
    }
  }
  const failure = lastFailure && failureOf(lastFailure)
  const kind = lastFailure?.status ? 'refused' : 'unanswered'
  const answer = lastFailure?.status ?? (failure ? t(`integrations:cause.${failure}.title`) : '')
  const until = Math.max(
    later(lastSuccessAt ?? createdAt, disableAfter).getTime(),
    later(failingSince ?? now(), minFailureSpan).getTime(),
  )
  return {
    bold: t(`integrations:alarm.${kind}`, { count: retrying, since, answer }),
    text: t('integrations:alarm.retried', { count: retrying, until: times.full(new Date(until)) }),
  }
}

function figuresOf(
  endpoint: Endpoint,
  stats: DeliveryStats,
  next: Date | null,
  texts: Texts,
  times: Times,
): Figure[] {
  const { t, number } = texts
  const { delivered, attempted, firstAttemptRate, medianMs } = stats
  const left = next && times.until(next)
  const nextText =
    next &&
    (left ? t('integrations:figure.nextIn', { when: times.short(next), left }) : t('integrations:figure.now'))
  return [
    {
      label: t('integrations:figure.delivered'),
      text: t('integrations:figure.of', {
        count: delivered,
        delivered: number(delivered),
        all: number(attempted),
      }),
      href: delivered ? deliveredHref(endpoint, stats) : null,
    },
    ...(firstAttemptRate === null
      ? []
      : [{ label: t('integrations:column.firstAttempt'), text: percent(firstAttemptRate, texts) }]),
    ...(medianMs === null
      ? []
      : [{ label: t('integrations:figure.median'), text: `${inSeconds(medianMs)} s` }]),
    { label: t('integrations:figure.next'), text: nextText ?? t('integrations:figure.noNext') },
  ]
}

/** Returns what `page.chart.dailyBars` draws: 14 days, with failed ones stacked and named. */
export function chartOf(stats: DeliveryStats, { t, rtl, number }: Texts & { rtl?: boolean }, times: Times) {
  const failed = stats.days.reduce((sum, day) => sum + day.failed, 0)
  const first = later(now(), -days(stats.days.length - 1))
  return {
    values: stats.days,
    rtl,
    first: times.day(first),
    last: t('integrations:chart.today'),
    failed: failed ? t('integrations:chart.failed', { count: failed, number: number(failed) }) : '',
    label: t('integrations:stats.label', { count: stats.delivered, failed }),
  }
}
