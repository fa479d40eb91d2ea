import type { Types } from 'mongoose'
import { shownDomain } from '../people/email-address'
import { Events, isNamed } from '../events/event'
import { dependOnNothing } from '../platform/retained'
import { People, type Person } from '../people/person'
import { leadEventNames, leadState, type LeadState } from './lead-state'

/** The learners of one company, and how much each has finished in the topics that the company studies most. */
export type Account = {
  domain: string
  name: string
  /** At most three, the one with the most finished lessons first. */
  topics: string[]
  /** Learners who share with sales, the most active first. */
  people: AccountPerson[]
  /** Number of other learners, who don't share with sales. */
  notSharing: number
}

type AccountPerson = {
  person: Types.ObjectId
  name: string
  title: string | null
  /** Where they stand with sales; null for a person who had not been handed off. */
  lead: LeadState | null
  /** When they last finished a lesson, or something happened with the lead; null for never. */
  lastAt: Date | null
  /** For each of the account's topics: 0 no finished lesson, 0.5 one, 1 two or more. */
  coverage: number[]
}

/** Of a larger company, those who signed up last. */
const maxPeople = 50

/** Returns the account of a person as of a moment; null without a company (a free or disposable email address). */
export async function accountOf(
  person: Pick<Person, 'company'>,
  at: Date,
  dependOn = dependOnNothing,
): Promise<Account | null> {
  return person.company && accountAt(person.company.domain, at, dependOn)
}

/** Returns the account of a company as of a moment, by its domain; null when nobody from there had signed up. */
export async function accountAt(
  domain: string,
  at: Date,
  dependOn = dependOnNothing,
): Promise<Account | null> {
  dependOn(People, 'company.domain', domain)
  const learners = await People.find({
    'company.domain': domain,
    role: 'prospect',
    erasedAt: null,
    signedUpAt: { $lte: at },
  })
    .sort({ signedUpAt: -1, _id: 1 })
    .limit(maxPeople)
  const [latest] = learners
  if (!latest) return null
  const sharing = learners.filter(
    ({ consents }) => consents.includes('share_with_sales') && consents.includes('profiling'),
  )
  for (const { _id } of sharing) dependOn(Events, 'person', _id)
  const events = await Events.find(
    {
      person: { $in: sharing.map(({ _id }) => _id) },
      at: { $lte: at },
      name: { $in: ['lesson.completed', ...leadEventNames] },
    },
    { person: 1, name: 1, at: 1, data: 1 },
  )
  const finished = events.filter(isNamed('lesson.completed'))
  const topics = mostFinished(finished.flatMap(({ data }) => data.topics))
  const people = sharing.map(learner => {
    const lessons = finished.filter(event => event.person.equals(learner._id))
    const coverage = topics.map(
      topic => Math.min(2, lessons.filter(({ data }) => data.topics.includes(topic)).length) / 2,
    )
    const { _id, name: learnerName, title } = learner
    const own = events.filter(event => event.person.equals(_id))
    const lastAt = own.reduce<Date | null>((last, event) => (last && last > event.at ? last : event.at), null)
    const entry = { person: _id, name: learnerName, title, lead: leadState(own), coverage, lastAt }
    return { lessons: lessons.length, person: entry }
  })
  return {
    domain: shownDomain(domain),
    name: latest.company!.name,
    topics,
    people: people.sort((a, b) => b.lessons - a.lessons).map(({ person: each }) => each),
    notSharing: learners.length - sharing.length,
  }
}

function mostFinished(topics: string[]): string[] {
  const counts = new Map<string, number>()
  for (const topic of topics) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  return [...counts]
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
    .slice(0, 3)
    .map(([topic]) => topic)
}
