import type { Response } from 'express'
import { audit } from '../events/audit'
import { recentScoreChecks, type LedgerFinding, type ScoreCheck } from '../leads/score-check'
import { notFound } from '../platform/errors'
import {
  discardFailed,
  failedWork,
  isQueue,
  queueOverviews,
  retryFailed,
  type FailedWork,
  type QueueOverview,
} from '../platform/queue'
import { scheduledJobs } from '../platform/scheduled-job'
import { roundedPoints } from '../scoring/rules'
import { setFlash } from '../web/flash'
import { parametersOf } from '../web/parameters'
import type { Handler, MemberHandler, RouteRequest } from '../web/handler'
import { ruleName } from '../web/model-texts'

/** The newest failures that the page lists; `Retry all` reaches the others. */
const listLength = 100
/** The newest findings of the nightly checks that it lists. */
const findingsLength = 50

/**
 * `GET /admin/background-jobs?queue=`: every queue with its counts, the failed jobs of one or all with their errors,
 * what the nightly checks of the ledger found, and the scheduled jobs.
 */
export const index: Handler = async (request, response) => {
  const { queue: asked } = parametersOf(request)
  const only = asked !== undefined && isQueue(asked) ? asked : null
  const [queues, failures, scheduled, checks] = await Promise.all([
    queueOverviews(),
    failedWork(listLength, only),
    scheduledJobs(),
    recentScoreChecks(),
  ])
  const { t, date } = response.locals
  const countOf = (some: QueueOverview[]) => some.reduce((sum, queue) => sum + queue.failed, 0)
  const failed = countOf(queues)
  const listed = countOf(queues.filter(({ queue }) => only === null || queue === only))
  response.render('admin/background-jobs', {
    layout: 'workspace',
    nav: 'jobs',
    head: { title: t('admin:jobs.title') },
    sentence: t('admin:jobs.sentence', { count: failed }),
    only: only && t('admin:jobs.onlyOf', { queue: t(`admin:jobs.queue.${only}`) }),
    queues: queues.map(queue => queueView(queue, response)),
    failures: failures.map(failure => failureView(failure, response)),
    more: listed > failures.length ? t('admin:jobs.more', { count: listed - failures.length }) : null,
    check: {
      sentence: checkSentence(checks.last, response),
      findings: checks.findings.slice(0, findingsLength).map(finding => findingView(finding, response)),
    },
    scheduled: scheduled.map(({ _id, lastRunAt, dueAt }) => ({
      name: t(`admin:jobs.scheduled.${_id}`),
      lastRun: lastRunAt ? date(lastRunAt, 'full') : t('admin:jobs.notYet'),
      nextRun: dueAt ? date(dueAt, 'full') : '',
    })),
  })
}

/**
 * `POST /admin/background-jobs/:queue/retries`: makes the failed job with the body's `id` due again, or all failed
 * jobs without an `id`.
 */
export const retry: MemberHandler = async (request, response, { _id: actor }) => {
  const { queue, id } = targetOf(request)
  const count = await retryFailed(queue, id)
  if (count) await audit({ actor, action: 'job.retried', subject: id ?? queue, detail: { queue, count } })
  backToList(response, count ? 'retried' : 'gone', count)
}

/**
 * `POST /admin/background-jobs/:queue/discards`: gives up on the failed job with the body's `id`, or on all failed
 * jobs without an `id`.
 */
export const discard: MemberHandler = async (request, response, { _id: actor }) => {
  const { queue, id } = targetOf(request)
  const count = await discardFailed(queue, id)
  if (count) await audit({ actor, action: 'job.discarded', subject: id ?? queue, detail: { queue, count } })
  backToList(response, count ? 'discarded' : 'gone', count)
}

function targetOf({ params, body }: RouteRequest): { queue: string; id: string | null } {
  const id: unknown = body?.id
  if (!isQueue(params.queue) || (id !== undefined && typeof id !== 'string')) throw notFound()
  return { queue: params.queue, id: id ?? null }
}

function backToList(response: Response, result: 'retried' | 'discarded' | 'gone', count: number): void {
  const bold = response.locals.t(`admin:jobs.flash.${result}`, { count })
  setFlash(response, { kind: result === 'gone' ? 'warning' : 'done', bold })
  response.redirect(303, '/admin/background-jobs')
}

function queueView({ queue, waiting, running, failed, oldestDueAt }: QueueOverview, response: Response) {
  const { t, date } = response.locals
  return {
    name: t(`admin:jobs.queue.${queue}`),
    purpose: t(`admin:jobs.purpose.${queue}`),
    waiting,
    running,
    failed: {
      text: String(failed),
      href: failed ? `/admin/background-jobs?${new URLSearchParams({ queue })}#failed` : null,
    },
    oldest: oldestDueAt ? t('admin:jobs.dueSince', { time: date(oldestDueAt, 'full') }) : '',
    retryAll: failed > 1 ? `/admin/background-jobs/${queue}/retries` : null,
    retryAllLabel: t('admin:jobs.retryAllOf', { count: failed, queue: t(`admin:jobs.queue.${queue}`) }),
  }
}

function failureView({ queue, id, attempts, lastError, failedAt }: FailedWork, response: Response) {
  const { t, date } = response.locals
  const path = `/admin/background-jobs/${queue}`
  return {
    id,
    queue: t(`admin:jobs.queue.${queue}`),
    error: lastError,
    attempts: t('admin:jobs.attempts', { count: attempts }),
    failedAt: date(failedAt, 'full'),
    actions: [
      { href: `${path}/retries`, text: t('admin:jobs.retry'), label: t('admin:jobs.retryOf', { id }) },
      { href: `${path}/discards`, text: t('admin:jobs.discard'), label: t('admin:jobs.discardOf', { id }) },
    ],
  }
}

function checkSentence(last: ScoreCheck | null, response: Response): string {
  const { t, date } = response.locals
  if (!last) return t('admin:jobs.check.never')
  const { finishedAt, startedAt, people, events, total } = last
  const time = date(finishedAt ?? startedAt, 'full')
  const counted = t('admin:jobs.check.people', { count: people, events, time })
  if (!finishedAt) return t('admin:jobs.check.running', { time })
  return `${counted} ${t('admin:jobs.check.found', { count: total })}`
}

function findingView(
  { kind, person, subject, count, at, ...figures }: LedgerFinding & { at: Date },
  response: Response,
) {
  const { t, date } = response.locals
  const points = (value: number | null) =>
    value === null ? t('admin:jobs.check.none') : roundedPoints(value)
  return {
    what: t(`admin:jobs.check.kind.${kind}`, { count, version: subject }),
    subject: kind === 'modelChanged' ? '' : subject,
    detail:
      kind === 'scoreDiffers'
        ? t('admin:jobs.check.difference', {
            stored: points(figures.stored),
            computed: points(figures.computed),
            rules: figures.rules.map(id => ruleName({ id }, response.locals)).join(', '),
          })
        : '',
    href: kind === 'modelChanged' ? '/sales/scoring-model' : person && `/sales/leads/${person}`,
    person: kind === 'modelChanged' ? t('admin:jobs.check.model') : person && t('admin:jobs.check.person'),
    label: t('admin:jobs.check.of', { id: String(person ?? subject) }),
    at: date(at, 'full'),
  }
}
