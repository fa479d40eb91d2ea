import { publishedCourses } from '../courses/published'
import { now } from '../platform/clock'
import { config } from '../platform/config'
import { timeZoneOf, type Person } from '../people/person'
import { accountOf } from '../leads/account'
import { randomUUID } from 'node:crypto'
import { assignableTeam } from '../leads/assignable-team'
import { briefOf } from '../leads/brief'
import { demoHoursOf } from '../leads/demo-hours'
import type { Lead } from '../leads/lead'
import { belongsToAnother, canAssign, canAnswerFor, undoableResponse } from '../leads/change-lead'
import { notesOf } from '../leads/lead-note'
import { leadState } from '../leads/lead-state'
import { readCircumstances } from '../scoring/circumstances'
import { explanationOf, type Explanation } from '../scoring/explain'
import { activeModel, modelAt } from '../scoring/model'
import { needsMapOf } from '../scoring/needs-map'
import { readLedger, withoutUnsharedColleagues } from '../scoring/read-ledger'
import { answersOf, profileQuestions } from '../people/profile-question'
import { canSeeLearning } from '../webhooks/delivery-consent'
import { dayOf } from '../web/relative-time'
import { namesOfStaff } from './lead-list'
import { readContact } from './lead-contact'
import { leadView, type LeadView, type LeadViewOptions } from './lead-view'
import type { SalesTexts } from './sales-texts'
import { timelineOf } from './timeline'

/**
 * Reads what the lead's page shows as of a moment; later events are left out.
 *
 * @param timeline which lines to show: the latest, all, or those behind the brief.
 */
export async function leadPage(
  { person, lead }: { person: Person; lead: Lead | null },
  reader: Person,
  { at, timeline, since = null }: Pick<LeadViewOptions, 'at' | 'timeline' | 'since'>,
  texts: SalesTexts,
): Promise<LeadView & { answers: { label: string; value: string }[] }> {
  const [today, day] = [dayOf(now()), dayOf(at)]
  const asOf = day === today ? null : day
  const [ledger, model, circumstances, courses, account, team, names, contact, hours] = await Promise.all([
    readLedger(person._id).then(withoutUnsharedColleagues),
    asOf ? modelAt(at) : activeModel(),
    readCircumstances(person),
    publishedCourses(),
    accountOf(person, at),
    assignableTeam(),
    namesOfStaff(),
    readContact(person, at, asOf !== null),
    demoHoursOf(reader._id),
  ])
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
    contact,
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
      key: randomUUID(),
    },
    ownPage: hours?.address ? `${config.baseUrl}/meet/${hours.address}` : null,
    undoable: lead && !asOf ? undoableResponse(lead, reader._id) : null,
  }
  const answers = await sharedAnswers(person, at)
  return { ...leadView(record, { at, today, asOf, timeline, since }, texts), answers }
}

/** Returns the answers that sales may see: of someone who shares what they learn, given until this moment. */
async function sharedAnswers(person: Person, at: Date): Promise<{ label: string; value: string }[]> {
  if (person.erasedAt || !canSeeLearning(person)) return []
  const [questions, answers] = await Promise.all([profileQuestions(), answersOf(person)])
  return questions
    .filter(({ forSales }) => forSales)
    .flatMap(({ _id, label }) => {
      const answer = answers.find(({ question }) => question.equals(_id))
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
