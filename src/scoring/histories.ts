import type { Types } from 'mongoose'
import { Events, type Event } from '../events/event'
import { People, type Person } from '../people/person'
import { answersForSales } from '../people/profile-question'
import { objectedAmong } from '../people/suppression'
import type { Circumstances } from './circumstances'
import { dealEventNames, type DealEvent } from './deals'
import type { Ledger } from './read-ledger'
import type { ScoredPerson } from './score-person'

/** What the scores of one person are computed from: all that `evaluate` needs besides the model and the moment. */
export type History = {
  person: ScoredPerson & Pick<Person, '_id'>
  /** Oldest first; of the data of each event, what scores and the state of a lead depend on. */
  ledger: Ledger
  circumstances: Circumstances
}

/** Read at a time: few enough that decoding their events doesn't hold up pages. */
const peopleAtOnce = 50

const personFields = {
  email: 1,
  title: 1,
  country: 1,
  company: 1,
  emailKind: 1,
  consents: 1,
  sharingPausedAt: 1,
  needsAssessment: 1,
  firstTouch: 1,
} as const

const eventFields = {
  person: 1,
  name: 1,
  at: 1,
  recordedAt: 1,
  course: 1,
  'data.topics': 1,
  'data.lesson': 1,
  'data.kind': 1,
  'data.seconds': 1,
  'data.minutes': 1,
  'data.session': 1,
  'data.passed': 1,
  'data.purpose': 1,
  'data.sequence': 1,
  'data.trigger': 1,
  'data.reason': 1,
  'data.by': 1,
  'data.owner': 1,
  'data.from': 1,
  'data.until': 1,
  'data.due': 1,
  'data.deal': 1,
  'data.amount': 1,
  'data.currency': 1,
} as const

const scorable = { role: 'prospect' as const, consents: 'profiling' as const, erasedAt: null }

/** Returns how many people `readHistories` reads. */
export function countHistories(): Promise<number> {
  return People.count(scorable)
}

/**
 * Reads the history of everyone who consents to profiling and hasn't objected, in portions in the order of their ids:
 * at most four commands each. People who withdrew their consent aren't read at all.
 *
 * @param questions about learners whose answers are needed, by their ids.
 */
export async function* readHistories(questions: readonly string[]): AsyncGenerator<History[]> {
  const buyers = await readBuyers()
  for (let last: Types.ObjectId | null = null; ;) {
    const people: HistoryPerson[] = await People.find(
      { ...scorable, ...(last && { _id: { $gt: last } }) },
      personFields,
    )
      .sort({ _id: 1 })
      .limit(peopleAtOnce)
    if (!people.length) return
    yield historiesOf(people, questions, buyers)
    if (people.length < peopleAtOnce) return
    last = people.at(-1)!._id
  }
}

type HistoryPerson = History['person'] & Pick<Person, 'email'>

/** The deals of everyone who has ever had a won one, by the domain of their company. They are few. */
type Buyers = Map<string, { person: string; deals: DealEvent[] }[]>

async function historiesOf(
  people: readonly HistoryPerson[],
  questions: readonly string[],
  buyers: Buyers,
): Promise<History[]> {
  const ids = people.map(({ _id }) => _id)
  const [events, objected, answers] = await Promise.all([
    Events.find({ person: { $in: ids } }, eventFields),
    objectedAmong(people.map(({ email }) => email)),
    questions.length ? answersForSales(ids, questions) : null,
  ])
  const ledgers = new Map<string, typeof events>(ids.map(id => [String(id), []]))
  for (const event of events) ledgers.get(String(event.person))!.push(event)
  return people
    .filter(({ email }) => !objected.has(email))
    .map(({ email: _email, ...person }) => {
      const id = String(person._id)
      const colleagues = (person.company && buyers.get(person.company.domain)) ?? []
      return {
        person,
        ledger: ledgers.get(id)!.sort(byTime),
        circumstances: {
          objected: false,
          colleagueDeals: colleagues.filter(buyer => buyer.person !== id).map(({ deals }) => deals),
          answers: answers?.get(id) ?? {},
        },
      }
    })
}

function byTime(a: Pick<Event, 'at' | 'recordedAt'>, b: Pick<Event, 'at' | 'recordedAt'>): number {
  return a.at.getTime() - b.at.getTime() || a.recordedAt.getTime() - b.recordedAt.getTime()
}

async function readBuyers(): Promise<Buyers> {
  const ids = await Events.distinct('person', { name: 'opportunity.won' })
  const buyers: Buyers = new Map()
  if (!ids.length) return buyers
  const [people, events] = await Promise.all([
    People.find({ _id: { $in: ids } }, { company: 1 }),
    Events.find(
      { person: { $in: ids }, name: { $in: [...dealEventNames] } },
      { name: 1, at: 1, data: 1, person: 1 },
    ),
  ])
  const dealsOf = new Map<string, DealEvent[]>(people.map(({ _id }) => [String(_id), []]))
  for (const event of events) dealsOf.get(String(event.person))?.push(event)
  for (const { _id, company } of people) {
    if (!company) continue
    const deals = dealsOf.get(String(_id))!
    buyers.set(company.domain, [...(buyers.get(company.domain) ?? []), { person: String(_id), deals }])
  }
  return buyers
}
