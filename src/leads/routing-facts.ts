import type { Types } from 'mongoose'
import { publishedCourses } from '../courses/published'
import { Events, isNamed } from '../events/event'
import { People, sharesWithSales, type Person } from '../people/person'
import { ProfileAnswers, profileQuestions } from '../people/profile-question'
import { Leads, type Lead } from './lead'
import type { RoutingLead } from './routing-choice'
import type { RoutingContent } from './routing-rules'

/** The most colleagues at all companies of a batch whose owner in the CRM is looked up. */
const maxColleagues = 2000

/** Someone to be given to the team, and the moment up to which their past counts. */
export type RoutingSubject = { person: Person; at: Date }

/**
 * Returns what rules ask of people, by their id. Only what some rule asks for is read, and of what they learned and
 * answered only what sales may see.
 */
export async function routingLeads(
  subjects: readonly RoutingSubject[],
  content: RoutingContent,
): Promise<Map<string, RoutingLead>> {
  const { rules } = content
  const [topics, answers, owners] = await Promise.all([
    rules.some(({ when }) => when.topics.length) ? topicsOf(subjects) : null,
    rules.some(({ when }) => when.answer) ? answersFor(subjects) : null,
    rules.some(({ target }) => target.kind === 'crm') ? crmOwnersOf(subjects) : null,
  ])
  return new Map(
    subjects.map(({ person }) => {
      const id = String(person._id)
      const lead = {
        company: person.company?.domain ?? null,
        domain: person.email.slice(person.email.lastIndexOf('@') + 1),
        country: person.country,
        topics: topics?.get(id) ?? [],
        answers: answers?.get(id) ?? {},
        crmOwner: owners?.get(id) ?? null,
      }
      return [id, lead]
    }),
  )
}

const open = (subjects: readonly RoutingSubject[]) =>
  subjects
    .filter(({ person }) => person.consents.includes('profiling') && sharesWithSales(person))
    .map(({ person }) => person._id)

async function topicsOf(subjects: readonly RoutingSubject[]): Promise<Map<string, string[]>> {
  const [finished, courses] = await Promise.all([
    Events.find(
      { person: { $in: open(subjects) }, name: 'lesson.completed' },
      { person: 1, name: 1, at: 1, course: 1, data: 1 },
    ),
    publishedCourses(),
  ])
  const topicOf = new Map(courses.map(({ course, content }) => [String(course), content.topic]))
  const until = new Map(subjects.map(({ person, at }) => [String(person._id), at]))
  const topics = new Map<string, Set<string>>()
  for (const event of finished.filter(isNamed('lesson.completed'))) {
    const id = String(event.person)
    if (event.at > until.get(id)!) continue
    const own = topics.get(id) ?? new Set()
    topics.set(id, own)
    for (const topic of [...event.data.topics, topicOf.get(String(event.course))]) if (topic) own.add(topic)
  }
  return new Map([...topics].map(([id, own]) => [id, [...own]]))
}

async function answersFor(subjects: readonly RoutingSubject[]): Promise<Map<string, Record<string, string>>> {
  const [given, questions] = await Promise.all([
    ProfileAnswers.find({ person: { $in: open(subjects) } }),
    profileQuestions(),
  ])
  const shown = new Set(questions.filter(({ forSales }) => forSales).map(({ _id }) => String(_id)))
  const answers = new Map<string, Record<string, string>>()
  for (const { person, question, value } of given) {
    if (value === null || !shown.has(String(question))) continue
    answers.set(String(person), { ...answers.get(String(person)), [String(question)]: value })
  }
  return answers
}

/** The owner that a CRM named last for the person or, when it named none, for a colleague at their company. */
async function crmOwnersOf(subjects: readonly RoutingSubject[]): Promise<Map<string, string>> {
  const domains = [...new Set(subjects.flatMap(({ person }) => person.company?.domain ?? []))]
  const colleagues = await People.find({ 'company.domain': { $in: domains } }, { company: 1 }).limit(
    maxColleagues,
  )
  const companyOf = new Map(colleagues.map(({ _id, company }) => [String(_id), company?.domain ?? '']))
  const ids: Types.ObjectId[] = [
    ...subjects.map(({ person }) => person._id),
    ...colleagues.map(({ _id }) => _id),
  ]
  const owned = await Leads.find({ _id: { $in: ids }, crmOwner: { $ne: null } }, { crmOwner: 1 })
  const latest = (among: Pick<Lead, 'crmOwner'>[]) =>
    among
      .flatMap(({ crmOwner }) => crmOwner ?? [])
      .reduce<Lead['crmOwner']>((a, b) => (!a || b.at > a.at ? b : a), null)
  return new Map(
    subjects.flatMap(({ person, at }) => {
      const known = owned.filter(({ crmOwner }) => crmOwner!.at <= at)
      const own = known.filter(({ _id }) => _id.equals(person._id))
      const company = person.company?.domain
      const near = company ? known.filter(({ _id }) => companyOf.get(String(_id)) === company) : []
      const owner = latest(own) ?? latest(near)
      return owner ? [[String(person._id), owner.teammate] as const] : []
    }),
  )
}
