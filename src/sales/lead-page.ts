import { brandNameOf } from '../brand/brand'
import { publishedCourses, type Published } from '../courses/published'
import { remembered } from '../platform/cached'
import { now } from '../platform/clock'
import { config } from '../platform/config'
import { timeZoneOf, type Person } from '../people/person'
import { assignableTeam } from '../leads/assignable-team'
import { briefOf } from '../leads/brief'
import { demoHoursOf, type DemoHours } from '../leads/demo-hours'
import type { Lead } from '../leads/lead'
import { belongsToAnother, canAssign, canAnswerFor, undoableResponse } from '../leads/change-lead'
import { notesOf } from '../leads/lead-note'
import { leadState } from '../leads/lead-state'
import { explanationOf, type Explanation } from '../scoring/explain'
import { activeModel, modelAt, type Model } from '../scoring/model'
import { needsMapOf } from '../scoring/needs-map'
import {
  answersOf,
  profileQuestions,
  type ProfileAnswer,
  type ProfileQuestion,
} from '../people/profile-question'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { dayOf } from '../web/relative-time'
import { namesOfStaff } from './lead-list'
import { readLeadFacts, type LeadFacts } from './lead-facts'
import { learningView } from './lead-learning'
import { leadView, type LeadView } from './lead-view'
import type { SalesTexts } from './sales-texts'
import { timelineOf } from './timeline'
import type { LeadViewOptions } from './timeline-view'

export type LeadPage = LeadView & {
  answers: { label: string; value: string }[]
  learning: ReturnType<typeof learningView>
}

/** What a page is made of: each is the same object as long as nothing in it changes. */
type Sources = {
  person: Person
  lead: Lead | null
  reader: Person
  facts: LeadFacts
  model: Model
  courses: Published[]
  team: Person[]
  names: Map<string, string>
  brand: string | null
  hours: DemoHours | null
  questions: ProfileQuestion[]
  given: ProfileAnswer[]
}

const rememberedPage = remembered<LeadPage>()

/**
 * Reads what the lead's page shows as of a moment; later events are left out. The same sources make the same page,
 * which is made once: callers must not change it.
 *
 * @param timeline which lines to show: the latest, all, or those behind the brief.
 */
export async function leadPage(
  { person, lead }: { person: Person; lead: Lead | null },
  reader: Person,
  { at, timeline, since = null }: Pick<LeadViewOptions, 'at' | 'timeline' | 'since'>,
  texts: SalesTexts,
): Promise<LeadPage> {
  const [today, day] = [dayOf(now()), dayOf(at)]
  const asOf = day === today ? null : day
  const [facts, model, courses, team, names, brand, hours, questions, given] = await Promise.all([
    readLeadFacts({ person: person._id, at, isPast: asOf !== null }),
    asOf ? modelAt(at) : activeModel(),
    publishedCourses(),
    assignableTeam(),
    namesOfStaff(),
    brandNameOf(person),
    demoHoursOf(reader._id),
    profileQuestions(),
    answersOf(person),
  ])
  const sources = { person, lead, reader, facts, model, courses, team, names, brand, hours, questions, given }
  const from = [...Object.values(sources), texts.t, texts.lists, since?.getTime()]
  const kind = `${asOf} ${today} ${timeline}`
  const options = { at: facts.at, today, asOf, timeline, since }
  return rememberedPage(facts, kind, from, () => pageFrom(sources, options, texts))
}

function pageFrom(sources: Sources, options: LeadViewOptions, texts: SalesTexts): LeadPage {
  const { person, lead, reader, facts, model, courses, team, names, brand, hours } = sources
  const { at, asOf } = options
  const { ledger, circumstances, account } = facts
  const explanation = explanationOf(person, ledger, model, circumstances, at)
  // A course whose first revision came later didn't exist on that day.
  const topics = courses
    .filter(({ number, publishedAt }) => number > 1 || publishedAt <= at)
    .flatMap(course => course.lessons.flatMap(lesson => lesson.topics))
  const needs = needsMapOf(ledger, topics, at)
  const nameOf = (id: unknown) => (id ? (names.get(String(id)) ?? null) : null)
  const state = asOf ? leadState(ledger.filter(event => event.at <= at)) : lead
  const formerTeammate = texts.t('sales:lead.formerTeammate')
  const owner = nameOf(state?.owner)
  const isCustomer = explanation?.ineligibleReason === 'customer'
  const record = {
    person,
    lead: state,
    explanation,
    needs,
    brief: briefOf(ledger, needs, at),
    account,
    nameOf,
    contact: { ...facts.contact, brand },
    lines: timelineOf(ledger, baseWeights(explanation), id => nameOf(id) ?? formerTeammate, at),
    owner,
    ownLead: Boolean(lead && !belongsToAnother(lead, reader._id)),
    canAnswerFor: Boolean(lead && canAnswerFor(lead, reader)),
    respondedBy: nameOf(state?.disposition?.by),
    isCustomer,
    team: lead && canAssign(lead, reader) && !asOf ? team : [],
    work: {
      // A note that was removed later isn't shown on an earlier day either.
      notes: notesOf(ledger).filter(note => note.at <= at),
      nameOf,
      reader,
      timeZone: timeZoneOf(reader),
    },
    ownPage: hours?.address ? `${config.baseUrl}/meet/${hours.address}` : null,
    undoable: lead && !asOf ? undoableResponse(lead, reader._id) : null,
  }
  const learning = learningView(ledger, at, texts)
  return { ...leadView(record, options, texts), answers: sharedAnswers(sources, at), learning }
}

/** Returns the answers that sales may see: of someone who shares what they learn, given until this moment. */
function sharedAnswers({ person, questions, given }: Sources, at: Date): LeadPage['answers'] {
  if (person.erasedAt || !canSeeLearning(person)) return []
  return questions
    .filter(({ forSales }) => forSales)
    .flatMap(({ _id, label }) => {
      const answer = given.find(({ question }) => question.equals(_id))
      return answer?.value && answer.at <= at ? [{ label, value: answer.value }] : []
    })
}

/** Returns the end of the requested day (`YYYY-MM-DD`, UTC), or now when it is today, in the future, or not a day. */
export function requestedMoment(day: unknown): Date {
  if (typeof day !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(day)) return now()
  const end = new Date(`${day}T23:59:59.999Z`)
  return end < now() ? end : now()
}

/** Base points of each event that counts, by event id. */
function baseWeights(explanation: Explanation | null): Map<string, number> {
  const events = explanation?.groups.flatMap(group => group.rules.flatMap(rule => rule.events)) ?? []
  return new Map(events.map(({ event, weight }) => [event, weight]))
}
