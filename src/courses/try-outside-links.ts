import { days, hours, later, minutes, now, seconds } from '../platform/clock'
import { doubling, work } from '../platform/queue'
import { Courses } from './course'
import { openPage, reserveCall, type Opened } from './open-page'
import { utcDay, linkCaps, OutsideLinks, queueOutsideLinks, type OutsideLink } from './outside-link'
import { Revisions } from './revision'

const recheckAfter = days(7)
/** Statuses with which sites keep programs out; the page may be there for people. */
const refusing = [401, 403, 405, 407, 429, 451, 999]
const gone = [404, 410]

/** The consumer that opens the outside links of courses, a few at a time and one per host and second. */
export const tryOutsideLinks = work(
  OutsideLinks,
  { lease: minutes(5), backoff: doubling(minutes(1), minutes(60)), maxAttempts: 3, atOnce: 4 },
  async link => {
    if (!(await reserveCall(link.url))) return { dueAt: later(now(), seconds(1 + Math.random() * 4)) }
    return resultOf(link, await openPage(link.url), now())
  },
)

type Result = Partial<OutsideLink>

/**
 * Returns what to write about a link after it was opened. A failure is tried again: a page that wasn't found after an
 * hour, any other on the next day.
 */
export function resultOf(
  { failedOn, notFound }: Pick<OutsideLink, 'failedOn' | 'notFound'>,
  { status, reason, movedTo }: Opened,
  at: Date,
): Result {
  const seen = { status, reason, checkedAt: at, movedTo }
  const isRefused = reason === 'private' || reason === 'port' || refusing.includes(status ?? 0)
  if (isRefused) return { ...seen, outcome: 'refused', failedOn: null, notFound: 0 }
  if (reason === null) return { ...seen, outcome: 'answered', failedOn: null, notFound: 0 }
  const today = utcDay(at)
  const timesNotFound = gone.includes(status ?? 0) ? notFound + 1 : 0
  const isDead = timesNotFound >= 2 || (failedOn !== null && failedOn !== today)
  const failures = { ...seen, failedOn: failedOn ?? today, notFound: timesNotFound }
  if (isDead) return { ...failures, outcome: 'dead' }
  return { ...failures, outcome: 'failed', dueAt: later(at, timesNotFound ? hours(1) : days(1)) }
}

/**
 * Queues the links of all drafts and published versions: new ones that a limit held back, and those that were last
 * opened a week ago.
 */
export async function recheckOutsideLinks(): Promise<void> {
  for (const { _id } of await Courses.find({}, { slug: 1 })) {
    const course = await Courses.findById(_id)
    if (!course) continue
    await queueOutsideLinks(_id, course.draft, true)
    const revision = course.published && (await Revisions.findById(course.published))
    if (revision) await queueOutsideLinks(_id, revision.content, true)
  }
  const moment = now()
  const old = await OutsideLinks.find(
    {
      checkedAt: { $lte: later(moment, -recheckAfter) },
      dueAt: null,
      wantedAt: { $gte: later(moment, -days(1)) },
    },
    { url: 1 },
  )
    .sort({ checkedAt: 1 })
    .limit(linkCaps.perDay)
  for (const [n, { _id }] of old.entries()) {
    await OutsideLinks.updateOne({ _id }, { $set: { dueAt: later(moment, seconds(2 * n)), attempts: 0 } })
  }
}
