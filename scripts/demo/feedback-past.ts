import type { Types } from 'mongoose'
import { changeFeedback, mergeFeedback, noteFeedback } from '../../src/community/change-feedback'
import { Feedback, type FeedbackKind, type FeedbackState } from '../../src/community/feedback'
import { addTopic, giveFeedback } from '../../src/community/give-feedback'
import { Leads } from '../../src/leads/lead'
import { People, type Person } from '../../src/people/person'
import { days, hours, later } from '../../src/platform/clock'
import type { Academy, Simulation } from './learners-past'
import { seededRandom, shuffle, type Random } from './random'
import { tarnwellLists, tarnwellSettings } from './tarnwell'

/** A topic as `tarnwell/feedback.yml` describes it. `area` and `mergedInto` count from 0. */
type Plan = {
  ago: number
  kind: FeedbackKind
  text: string
  by: number
  /** The address of who asked first; any learner without one. */
  asker?: string
  /** The address of someone who joins in on the last day. */
  alsoAsked?: string
  area: number
  state?: FeedbackState
  reason?: string
  isPublic?: boolean
  message?: string
  mergedInto?: number
}

/** Schedules what Tarnwell's learners want from its product team, and what the team makes of it. */
export function scheduleFeedback({ schedule, end }: Simulation, { brand }: Academy): void {
  const topics: Types.ObjectId[] = []
  tarnwellSettings<Plan[]>('feedback').forEach((plan, n) => {
    const random = seededRandom(700 + n)
    const at = later(end, -days(plan.ago) + hours(3 * random()))
    schedule.add(at, async () => {
      topics[n] = await begin(plan, brand, random)
    })
    for (let other = 1; other < plan.by; other++) {
      const share = (other + random()) / plan.by
      schedule.add(later(at, share * days(plan.ago - 1)), () => joinIn(topics[n], brand, random))
    }
    schedule.add(later(end, -hours(20)), async () => {
      const person = plan.alsoAsked && (await People.findOne({ email: plan.alsoAsked }))
      if (person) await vote(topics[n], person)
    })
    schedule.add(later(at, days(Math.min(6, plan.ago - 1)) + hours(2)), () => decide(plan, topics, n))
  })
  schedule.add(later(end, -days(9)), async () => {
    const createdBy = (await teammate('author'))._id
    await addTopic({
      ...{ kind: 'search', title: '“Grundwasser alarm”, “Grundwasser”', area: '', brand, createdBy },
      ...{ cause: 'demo', searches: 17 },
    })
  })
}

const teammate = async (role: Person['role']) => (await People.findOne({ role, erasedAt: null }))!

/** Returns a learner of the brand: rather one with a lead, since those who buy ask most. */
async function learner(brand: string, random: Random): Promise<Person> {
  const leads = await Leads.find({ shared: true }, { _id: 1 }).sort({ _id: 1 })
  const ids = leads.map(({ _id }) => _id)
  const people = await People.find({ role: 'prospect', brand, erasedAt: null }).sort({
    signedUpAt: 1,
    _id: 1,
  })
  const known = people.filter(({ _id }) => ids.some(id => id.equals(_id)))
  return shuffle(known.length > 2 && random() < 0.7 ? known : people, random)[0]!
}

async function begin(plan: Plan, brand: string, random: Random) {
  const { kind, text, asker } = plan
  const known = asker && (await People.findOne({ email: asker }))
  const person = known || (await learner(brand, random))
  const source = { kind: 'own', id: text } as const
  return giveFeedback({ person: person._id, topic: null, kind, text, source, by: null })
}

/** A learner of the brand wants it, too. */
async function joinIn(topic: Types.ObjectId | undefined, brand: string, random: Random): Promise<void> {
  await vote(topic, await learner(brand, random))
}

async function vote(topic: Types.ObjectId | undefined, { _id: person }: Person): Promise<void> {
  const found = topic && (await Feedback.findById(topic))
  if (!found) return
  const source = { kind: 'vote', id: '' } as const
  await giveFeedback({ person, topic: found._id, kind: found.kind, text: '', source, by: null })
}

/** A few days later, someone of the team says what becomes of it. */
async function decide(plan: Plan, topics: Types.ObjectId[], n: number) {
  const topic = await Feedback.findById(topics[n])
  if (!topic) return
  const by = (await teammate(n % 2 ? 'author' : 'sales-lead'))._id
  if (plan.mergedInto !== undefined) {
    const into = await Feedback.findById(topics[plan.mergedInto])
    if (into) await mergeFeedback(topic._id, into._id, by)
    return
  }
  const { state = 'new', reason = '', isPublic = false, message = null } = plan
  const area = tarnwellLists.topics[plan.area]?.id ?? ''
  const owner = state === 'new' ? null : by
  await changeFeedback({
    topic: topic._id,
    by,
    number: topic.changeCount,
    set: { state, reason, isPublic, area, owner },
    message,
  })
  if (state === 'planned')
    await noteFeedback(topic._id, by, 'Talked to engineering: the sensor has all we need.')
}
