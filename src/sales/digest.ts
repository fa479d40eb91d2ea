import type { QueryFilter, Types } from 'mongoose'
import type { ShownBrand } from '../brand/brand'
import { localDayOf } from '../leads/absence'
import { Leads, type Lead } from '../leads/lead'
import { People, type Person } from '../people/person'
import { days, now } from '../platform/clock'
import { instantOf, localTimeOf } from '../platform/zoned-time'
import { formattersFor } from '../web/formatters'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { languagesOf, textsOfBrand } from '../web/shown-brand'
import { namesOfStaff } from './lead-list'
import { isAwake } from './queue-list'
import { highlightText } from './sales-texts'

/** A line of a digest, ready to print. */
type DigestLine = {
  /** The person, so that their erasure finds what names them. */
  person: Types.ObjectId
  name: string
  company: string
  /** What makes the lead different, or what is next. */
  what: string
  when: string
  href: string
}

/** What waits for one teammate, or for everyone in sales, on one day. */
export type Digest = {
  subject: string
  /** Sections without lines are left out. */
  sections: { title: string; lines: DigestLine[]; more: string | null }[]
  queueHref: string
}

/** A digest is read in a minute, so it has the first of each kind, and how many more there are. */
const maxLines = 10

const weekday = (day: number) => new Date(day).getUTCDay()
const isWeekend = (day: number) => weekday(day) === 0 || weekday(day) === 6

/**
 * Returns what waits today: late responses, those that are due until midnight, leads that come back today, and next
 * steps that are due, on the calendar of the reader. Null when nothing does.
 *
 * @param reader whose leads they are; null for those of the whole team.
 * @param timeZone whose days they are.
 */
export async function digestOf(
  reader: Pick<Person, '_id'> | null,
  timeZone: string,
  brand: ShownBrand,
): Promise<Digest | null> {
  const at = now()
  const start = Math.floor(localTimeOf(at.getTime(), timeZone) / days(1)) * days(1)
  const midnight = new Date(instantOf(start + days(1), timeZone))
  const today = localDayOf(at, { timeZone })
  const own = { shared: true, ...(reader && { owner: reader._id }) }
  const filters: Record<string, QueryFilter<Lead>> = {
    late: { ...own, rank: 0, respondBy: { $lt: at }, ...isAwake(at) },
    today: { ...own, rank: 0, respondBy: { $gte: at, $lt: midnight }, ...isAwake(at) },
    back: { ...own, rank: 0, 'snooze.until': { $gt: at, $lt: midnight } },
    steps: { ...own, rank: 1, 'nextStep.due': { $lte: today } },
  }
  const found = await Promise.all(
    Object.entries(filters).map(async ([key, filter]) => {
      const [leads, count] = await Promise.all([
        Leads.find(filter).sort({ respondBy: 1, _id: 1 }).limit(maxLines),
        Leads.count(filter),
      ])
      return { key, leads, count }
    }),
  )
  const total = found.reduce((sum, { count }) => sum + count, 0)
  if (!total) return null
  const [people, names] = await Promise.all([
    People.find(
      { _id: { $in: found.flatMap(({ leads }) => leads.map(({ _id }) => _id)) } },
      { name: 1, company: 1, consents: 1, sharingPausedAt: 1 },
    ),
    namesOfStaff(),
  ])
  const language = languagesOf(brand)[0]!
  const texts = { ...textsOfBrand(brand, language), ...formattersFor(language) }
  const { t, dateIn } = texts
  const lineOf = (key: string, lead: Lead): DigestLine[] => {
    const person = people.find(({ _id }) => _id.equals(lead._id))
    // What is sent can't be taken back, so a withdrawal counts at once.
    if (!person || !canSeeLearning(person)) return []
    const when = key === 'back' && lead.snooze ? lead.snooze.until : lead.respondBy
    const owner = names.get(String(lead.owner)) ?? t('sales:lead.noOwner')
    return [
      {
        person: person._id,
        name: person.name,
        company: person.company?.name ?? '',
        what: key === 'steps' ? (lead.nextStep?.text ?? '') : highlightText(lead, { t }),
        when: [key === 'steps' ? '' : dateIn(when, timeZone), reader ? '' : owner]
          .filter(Boolean)
          .join(' · '),
        href: `${brand.baseUrl}/sales/leads/${person._id}`,
      },
    ]
  }
  const late = found[0]!.count
  return {
    subject: t(late ? 'mail:digest.subjectLate' : 'mail:digest.subject', { count: total, late }),
    sections: found
      .filter(({ count }) => count > 0)
      .map(({ key, leads, count }) => ({
        title: t(`mail:digest.${key}`, { count }),
        lines: leads.flatMap(lead => lineOf(key, lead)),
        more: count > leads.length ? t('mail:digest.more', { count: count - leads.length }) : null,
      })),
    queueHref: `${brand.baseUrl}/sales/queue${reader ? '' : '?view=team'}`,
  }
}

/** When a digest is sent, on the clock of a time zone: after breakfast and before the first call. */
const morning = days(8 / 24)

/** Returns the next morning on which a digest is sent: of a working day, or of a Monday. */
export function nextDigestAt(at: Date, timeZone: string, every: 'day' | 'week'): Date {
  const today = Math.floor(localTimeOf(at.getTime(), timeZone) / days(1)) * days(1)
  for (let day = today; ; day += days(1)) {
    const moment = new Date(instantOf(day + morning, timeZone))
    const isRight = every === 'week' ? weekday(day) === 1 : !isWeekend(day)
    if (isRight && moment > at) return moment
  }
}
