import { cached } from '../platform/cached'
import { minutes, now } from '../platform/clock'
import type { RecordOf } from '../platform/record'
import { Events } from '../events/event'
import { People, type Person } from '../people/person'
import { answersForSales, profileQuestions } from '../people/profile-question'
import { dealEventNames, hasWonDeal } from './deals'
import type { ProfileFacts } from './fit'
import { scorableEvents } from './model-content'
import { Scores } from './score'
import type { PointsByRule, ScoredEvent } from './rules'

/** Someone with a score, as the editor of a model needs them: to score them again without reading anything. */
export type CurrentPerson = {
  id: string
  profile: Pick<Person, keyof typeof profileFields>
  /** Who has bought, if anyone: the person, or a colleague. */
  bought: 'person' | 'company' | null
  answers: ProfileFacts
  isQualified: boolean
  /** Stored decayed points before caps, as of `at`, under the model of this number. */
  model: number
  at: Date
  rawPointsByRule: PointsByRule
  /** What they did that a rule may count, oldest first. */
  events: ScoredEvent[]
}

export type CurrentPeople = {
  people: CurrentPerson[]
  readAt: Date
  /** True when there are more people or events than are kept: then the newest are here. */
  isCut: boolean
}

/** The most that is kept: about 100 MB. */
const maxPeople = 50_000
const maxEvents = 300_000
const maxOfOneKind = 100_000
const portion = 2000

/** Everyone with a score and what they did, read once in a few minutes; for answers while someone is typing. */
export const currentPeople = cached<void, CurrentPeople>(minutes(5), readPeople, { max: 1 })

async function readPeople(): Promise<CurrentPeople> {
  const [scored, asked] = await Promise.all([readScored(), profileQuestions()])
  // Those that no rule asks yet too: a rule about one has its effect at once.
  const questions = asked.filter(({ forSales }) => forSales).map(({ _id }) => String(_id))
  const people = new Map<string, CurrentPerson>()
  for (let from = 0; from < scored.length; from += portion) {
    const some = scored.slice(from, from + portion)
    const ids = some.map(({ _id }) => _id)
    const [profiles, answers] = await Promise.all([
      People.find({ _id: { $in: ids }, erasedAt: null }, profileFields),
      questions.length ? answersForSales(ids, questions) : null,
    ])
    const byId = new Map(profiles.map(profile => [String(profile._id), profile]))
    for (const { _id, isQualified, model, at, rawPointsByRule } of some) {
      const id = String(_id)
      const profile = byId.get(id)
      if (!profile) continue
      const known = { id, profile, answers: answers?.get(id) ?? {}, bought: null }
      people.set(id, { ...known, isQualified, model, at, rawPointsByRule, events: [] })
    }
  }
  await markCustomers(people)
  const isEventsCut = await readEvents(people)
  return {
    people: [...people.values()],
    readAt: now(),
    isCut: scored.length >= maxPeople || isEventsCut,
  }
}

const profileFields = {
  title: 1,
  country: 1,
  company: 1,
  emailKind: 1,
  needsAssessment: 1,
  firstTouch: 1,
  consents: 1,
  sharingPausedAt: 1,
} as const

type Scored = Pick<RecordOf<typeof Scores>, '_id' | 'isQualified' | 'model' | 'at' | 'rawPointsByRule'>

async function readScored(): Promise<Scored[]> {
  const scored: Scored[] = []
  for (;;) {
    const last = scored.at(-1)?._id
    const some: Scored[] = await Scores.find(
      { engagement: { $ne: null }, ...(last ? { _id: { $lt: last } } : {}) },
      { isQualified: 1, model: 1, at: 1, rawPointsByRule: 1 },
    )
      .sort({ _id: -1 })
      .limit(portion)
    scored.push(...some)
    if (some.length < portion || scored.length >= maxPeople) return scored
  }
}

/** Says of each person whether they or a colleague have bought. Few people ever have a won deal. */
async function markCustomers(people: ReadonlyMap<string, CurrentPerson>): Promise<void> {
  const everWon = await Events.distinct('person', { name: 'opportunity.won' })
  if (!everWon.length) return
  const [deals, buyers] = await Promise.all([
    Events.find(
      { person: { $in: everWon }, name: { $in: [...dealEventNames] } },
      { name: 1, at: 1, data: 1, person: 1 },
    ),
    People.find({ _id: { $in: everWon } }, { company: 1 }),
  ])
  const won = buyers.filter(({ _id }) => hasWonDeal(deals.filter(({ person }) => person.equals(_id))))
  const companies = new Set(won.flatMap(({ company }) => company?.domain ?? []))
  const ids = new Set(won.map(({ _id }) => String(_id)))
  for (const person of people.values()) {
    const domain = person.profile.company?.domain
    person.bought = ids.has(person.id) ? 'person' : domain && companies.has(domain) ? 'company' : null
  }
}

const eventFields = {
  name: 1,
  at: 1,
  person: 1,
  course: 1,
  'data.lesson': 1,
  'data.topics': 1,
  'data.kind': 1,
  'data.minutes': 1,
  'data.session': 1,
  'data.seconds': 1,
  'data.passed': 1,
} as const

/** Adds to each person what they did, and returns whether there was more than is kept. */
async function readEvents(people: ReadonlyMap<string, CurrentPerson>): Promise<boolean> {
  let left = maxEvents
  let isCut = false
  for (const name of scorableEvents) {
    const most = Math.min(left, maxOfOneKind)
    const found = await Events.find({ name }, eventFields).sort({ at: -1, _id: -1 }).limit(most)
    isCut ||= found.length === most
    left -= found.length
    for (const { _id, at, person, course, data } of found) {
      people.get(String(person))?.events.push({ _id, name, at, course, data })
    }
  }
  for (const { events } of people.values()) {
    events.sort((a, b) => a.at.getTime() - b.at.getTime() || (a._id < b._id ? -1 : 1))
  }
  return isCut
}
