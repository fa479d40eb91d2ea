import type { Types } from 'mongoose'
import { now } from '../platform/clock'
import { date, defineRecord, objectId, string } from '../platform/record'
import { People, type Person } from './person'

/** People who show their progress to colleagues: those with a confirmed address at the same company domain. */
const TeamMembers = defineRecord(
  'TeamMember',
  'team_members',
  {
    /** The person's id. */
    _id: objectId(),
    domain: string(),
    /** When they agreed. */
    since: date(),
  },
  { indexes: [[{ domain: 1, since: 1 }]] },
)

/** The most colleagues that a page lists. */
const maxColleagues = 200

type Teammate = Pick<Person, 'company' | 'confirmedAt' | 'emailKind'>

/** Returns the domain of a person's team; null without a confirmed company address. */
export function teamDomain({ company, confirmedAt, emailKind }: Teammate): string | null {
  return confirmedAt && emailKind === 'company' && company ? company.domain : null
}

/** Whether two people have proved that their addresses belong to the same company. */
export function areColleagues(a: Teammate, b: Teammate): boolean {
  const domain = teamDomain(a)
  return domain !== null && domain === teamDomain(b)
}

/** Whether a person shows their progress to their team. */
export function showsProgress(person: Types.ObjectId): Promise<boolean> {
  return TeamMembers.exists({ _id: person })
}

/** Shows a person's progress to their team. Doing it again changes nothing. */
export async function showProgress(person: Types.ObjectId, domain: string): Promise<void> {
  const change = { $set: { domain }, $setOnInsert: { since: now() } }
  await TeamMembers.updateOne({ _id: person }, change, { upsert: true })
}

/** Hides it at once. */
export async function hideProgress(person: Types.ObjectId): Promise<void> {
  await TeamMembers.deleteOne({ _id: person })
}

/** Returns the people of a domain who show their progress, by name. */
export async function teamOf(domain: string): Promise<Person[]> {
  const members = await TeamMembers.find({ domain }, { _id: 1 }).sort({ since: 1 }).limit(maxColleagues)
  const people = await People.find({
    _id: { $in: members.map(({ _id }) => _id) },
    suspendedAt: null,
    erasedAt: null,
  })
  return people
    .filter(person => teamDomain(person) === domain)
    .toSorted((a, b) => a.name.localeCompare(b.name))
}
