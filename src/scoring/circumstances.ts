import type { Types } from 'mongoose'
import { batched, valuesOf } from '../platform/batched'
import { dependOnNothing, type DependOn } from '../platform/retained'
import { Events } from '../events/event'
import { People, type Person } from '../people/person'
import { hasObjected } from '../people/suppression'
import { answersForSales, dependOnAnswers } from '../people/profile-question'
import { questionsAskedBy, type ProfileFacts } from './fit'
import { activeModel, Models } from './model'
import { dealEventNames, hasWonDeal, type DealEvent } from './deals'

/** What a person's hand-off depends on besides their own record and ledger. */
export type Circumstances = {
  /** True after an objection to marketing. */
  objected: boolean
  /** The deal events of each colleague who has ever had a won deal. */
  colleagueDeals: DealEvent[][]
  /** Answers to questions about learners that the active model asks for. */
  answers: ProfileFacts
}

/** Reads a person's circumstances: an objection, and what their company has bought. */
export async function readCircumstances(
  person: Pick<Person, '_id' | 'email' | 'company'>,
  dependOn = dependOnNothing,
): Promise<Circumstances> {
  dependOn(Models)
  dependOnAnswers(person._id, dependOn)
  const [objected, colleagueDeals, answers] = await Promise.all([
    hasObjected(person.email, dependOn),
    readColleagueDeals(person, dependOn),
    readAnswers(person._id),
  ])
  return { objected, colleagueDeals, answers }
}

const readAnswers: (person: Types.ObjectId) => Promise<ProfileFacts> = batched(async people => {
  const questions = questionsAskedBy((await activeModel()).content)
  const answers = questions.length ? await answersForSales(people, questions) : null
  return valuesOf(people.map(person => answers?.get(String(person)) ?? {}))
})

/** Returns whether the company of these people had bought by a moment: one of their deals was won and not reopened. */
export function hadBought(dealsOfPeople: readonly (readonly DealEvent[])[], at: Date): boolean {
  return dealsOfPeople.some(events => hasWonDeal(events.filter(event => event.at <= at)))
}

const peopleAt: (domain: string) => Promise<Types.ObjectId[]> = batched(async domains => {
  const people = await People.find({ 'company.domain': { $in: domains } }, { 'company.domain': 1 })
  return valuesOf(
    domains.map(domain => people.filter(({ company }) => company?.domain === domain).map(({ _id }) => _id)),
  )
})

/** Few people ever have a won deal, so they are found first, and only their events are read. */
async function readColleagueDeals(
  { _id, company }: Pick<Person, '_id' | 'company'>,
  dependOn: DependOn,
): Promise<DealEvent[][]> {
  if (!company) return []
  dependOn(People, 'company.domain', company.domain)
  const colleagues = (await peopleAt(company.domain)).filter(id => !id.equals(_id))
  for (const colleague of colleagues) dependOn(Events, 'person', colleague)
  if (!colleagues.length) return []
  const buyers = await Events.distinct('person', { name: 'opportunity.won', person: { $in: colleagues } })
  if (!buyers.length) return []
  const events = await Events.find(
    { person: { $in: buyers }, name: { $in: [...dealEventNames] } },
    { name: 1, at: 1, recordedAt: 1, data: 1, person: 1 },
  )
  return buyers.map(buyer => events.filter(event => event.person.equals(buyer)))
}
