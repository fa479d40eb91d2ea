import { days, later } from '../platform/clock'
import { timeZoneOf, type Person } from '../people/person'
import type { EventData } from '../events/definitions'
import { absencesSince, isAway } from './absence'
import { assignableTeam } from './assignable-team'
import { Leads } from './lead'
import { personIn, turnDays, type RoutingRep } from './routing-choice'
import type { ActiveRouting, RoutingContent, RoutingRule } from './routing-rules'
import type { ResponseClock } from './response-clock'

/** Returns the team as of now: who is away, who has how many leads, and who has waited how long for one. */
export async function routingTeam({ pools }: RoutingContent, at: Date): Promise<RoutingRep[]> {
  const hasTurns = pools.some(({ share }) => share === 'turns')
  const [team, absences] = await Promise.all([assignableTeam(), absencesSince(at)])
  return Promise.all(
    team.map(async person => {
      const owner = person._id
      const [open, recent, last] = await Promise.all([
        Leads.count({ owner, rank: { $in: [0, 1] } }),
        hasTurns ? Leads.count({ owner, assignedAt: { $gte: later(at, -days(turnDays)) } }) : 0,
        Leads.findOne({ owner }, { assignedAt: 1 }).sort({ assignedAt: -1 }),
      ])
      return {
        ...{ id: String(owner), role: person.role, isAbsent: isAway(person, absences, at) },
        ...{ open, recent, lastAt: last?.assignedAt?.getTime() ?? 0 },
      }
    }),
  )
}

/** How far ahead an assignment knows the days off, in days. */
const daysAhead = 400

/** Returns what an assignment records of its owner: the time zone and, once rules are published, the response clock. */
export function ownerFields(
  { number, content }: ActiveRouting,
  owner: Pick<Person, '_id' | 'timeZone'>,
  at: Date,
  rule: Pick<RoutingRule, 'responseHours'> | null = null,
): Pick<EventData['lead.assigned'], 'timeZone' | 'clock'> {
  const timeZone = timeZoneOf(owner)
  if (number === null) return { timeZone }
  const { days: weekdays, opens, closes, calendar } = personIn(content, String(owner._id))
  const [from, until] = [later(at, -days(2)), later(at, days(daysAhead))].map(day =>
    day.toISOString().slice(0, 10),
  )
  const daysOff = content.calendars.find(({ id }) => id === calendar)?.daysOff ?? []
  const { hours, ...alerts } = content.response
  const clock: ResponseClock = {
    ...{ days: [...weekdays], opens, closes },
    daysOff: daysOff.map(({ day }) => day).filter(day => from! <= day && day <= until!),
    hours: rule?.responseHours ?? hours,
    ...alerts,
  }
  return { timeZone, clock }
}
