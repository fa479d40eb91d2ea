import type { Types } from 'mongoose'
import { Events, type EventData } from '../events/event'
import { People, type Person } from '../people/person'
import type { Ledger } from '../scoring/read-ledger'

/** The learners of one company, and how far each has come in the topics that the company reads most. */
export type Account = {
  domain: string
  name: string
  /** At most three, the most finished first. */
  topics: string[]
  /** Those who share with sales, the most active first. `parts` goes with `topics`: 0 nothing, 0.5 one lesson, 1 two or more. */
  people: { person: Types.ObjectId; name: string; title: string | null; parts: number[] }[]
  /** How many others learn here and do not share. */
  others: number
}

const mostPeople = 50

/** The account of a person with a company, from what had happened by `at`; null for free mail. */
export async function accountOf(person: Person, at: Date): Promise<Account | null> {
  if (!person.company) return null
  const { domain, name } = person.company
  const everybody = await People.find({ 'company.domain': domain, role: 'prospect', erasedAt: null })
    .limit(mostPeople)
    .lean<Person[]>()
  const known = everybody.filter(
    ({ consents }) => consents.includes('share_with_sales') && consents.includes('profiling'),
  )
  const finished = await Events.find(
    { person: { $in: known.map(({ _id }) => _id) }, at: { $lte: at }, name: 'lesson.completed' },
    { person: 1, data: 1 },
  ).lean<(Ledger[number] & { person: Types.ObjectId; data: EventData['lesson.completed'] })[]>()
  const counts = new Map<string, number>()
  for (const { data } of finished)
    for (const topic of data.topics) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  const topics = [...counts]
    .sort(([a, n], [b, m]) => m - n || a.localeCompare(b))
    .slice(0, 3)
    .map(([topic]) => topic)
  const people = known.map(each => {
    const own = finished.filter(event => event.person.equals(each._id))
    const parts = topics.map(
      topic => Math.min(2, own.filter(({ data }) => data.topics.includes(topic)).length) / 2,
    )
    return { person: each._id, name: each.name, title: each.title, parts, lessons: own.length }
  })
  return {
    domain,
    name,
    topics,
    people: people.sort((a, b) => b.lessons - a.lessons).map(({ lessons: _lessons, ...each }) => each),
    others: everybody.length - known.length,
  }
}
