import type { AssignmentReason } from './routing-reason'
import { isInCountries } from './regions'
import { standardPerson, type ActiveRouting, type RoutingContent, type RoutingRule } from './routing-rules'

/** What rules ask of a lead, as of a moment. */
export type RoutingLead = {
  /** Domain of the company; null for a private address. */
  company: string | null
  /** Domain of the email address. */
  domain: string
  country: string | null
  topics: readonly string[]
  /** By the id of the question. */
  answers: Readonly<Record<string, string>>
  /** The id of the teammate whom the CRM names; null for none. */
  crmOwner: string | null
}

/** One of the team, as of a moment. */
export type RoutingRep = {
  id: string
  role: string
  isAbsent: boolean
  /** New leads and those that they work on. */
  open: number
  /** What they were given in the last 14 days. */
  recent: number
  /** When they were given a lead last, in milliseconds; 0 for never. */
  lastAt: number
}

/** The period in which turns are counted, in days. */
export const turnDays = 14

export type RoutingChoice = { owner: string | null; rule: RoutingRule | null; why: AssignmentReason }

/** The most of those who were passed by that a reason names. */
const maxPassed = 5

/**
 * Returns who gets a lead, and why. The first rule that holds and has someone free decides: one who is away or at
 * capacity is passed by. The same rules, lead and team always give the same answer: assignments and rehearsals ask
 * here.
 *
 * @param except is not asked, because the lead is taken from them.
 */
export function chooseOwner(
  { number, content }: ActiveRouting,
  lead: RoutingLead,
  team: readonly RoutingRep[],
  { except = null, cause = 'new' }: { except?: string | null; cause?: AssignmentReason['cause'] } = {},
): RoutingChoice {
  const passed = new Map<string, 'absent' | 'full'>()
  const asked = team.filter(({ id }) => id !== except)
  const isFull = (rep: RoutingRep) => {
    const { capacity } = personIn(content, rep.id)
    return capacity !== null && rep.open >= capacity
  }
  const freeAmong = (reps: readonly RoutingRep[]) =>
    reps.filter(rep => {
      const because = rep.isAbsent ? 'absent' : isFull(rep) ? 'full' : null
      if (because) passed.set(rep.id, because)
      return !because
    })
  const chosen = (
    rep: RoutingRep | undefined,
    kind: AssignmentReason['kind'],
    rule: RoutingRule | null = null,
  ) => ({
    owner: rep?.id ?? null,
    rule,
    why: {
      ...{ kind, rule: rule?.id ?? '', name: rule?.name ?? '', version: number, cause },
      passed: [...passed].slice(0, maxPassed).map(([teammate, because]) => ({ teammate, because })),
    },
  })

  for (const rule of content.rules) {
    if (!holds(rule, lead)) continue
    const { members, share } = membersOf(rule, content, lead)
    const free = freeAmong(asked.filter(({ id }) => members.includes(id)))
    if (free.length) return chosen(nextOf(free, share, content), matchOf(rule), rule)
  }
  const pool = content.pools.find(({ id }) => id === content.fallback)
  const everybody = repsAmong(asked)
  const last = pool ? asked.filter(({ id }) => pool.members.includes(id)) : everybody
  const free = freeAmong(last)
  if (free.length) return chosen(nextOf(free, pool?.share ?? 'load', content), 'fallback')
  const leads = asked.filter(({ role }) => role === 'sales-lead')
  // Nobody is away for a lead that would otherwise have no owner.
  const groups = [...(content.overflow === 'sales-lead' ? [leads] : []), last, everybody, asked]
  const present = groups.map(group => group.filter(({ isAbsent }) => !isAbsent))
  const takers = [...present, ...groups].find(group => group.length) ?? []
  return chosen(nextOf(takers, 'load', content), 'overflow')
}

/** Returns who gets leads without a rule: the people with the role sales or, when there are none, the sales leads. */
function repsAmong<Rep extends { role: string }>(team: readonly Rep[]): Rep[] {
  const reps = team.filter(({ role }) => role === 'sales')
  return reps.length ? reps : [...team]
}

/** Returns how a teammate works. */
export function personIn({ people }: RoutingContent, id: string) {
  return people[id] ?? standardPerson
}

/** What kind of rule it is: by named accounts, by the owner in the CRM, by territory, or for every lead. */
export function matchOf({ target, when }: RoutingRule): 'account' | 'crm' | 'territory' | 'everyLead' {
  if (target.kind === 'crm') return 'crm'
  if (when.companies.length) return 'account'
  const { domains, countries, topics, answer } = when
  return domains.length || countries.length || topics.length || answer ? 'territory' : 'everyLead'
}

/** Whether all conditions of a rule hold for a lead. */
function holds({ when, target }: RoutingRule, lead: RoutingLead): boolean {
  const { companies, domains, countries, topics, answer } = when
  return (
    (target.kind !== 'crm' || lead.crmOwner !== null) &&
    (!companies.length || (lead.company !== null && companies.includes(lead.company))) &&
    (!domains.length || domains.some(each => lead.domain === each || lead.domain.endsWith(`.${each}`))) &&
    (!countries.length || (lead.country !== null && isInCountries(lead.country, countries))) &&
    (!topics.length || topics.some(topic => lead.topics.includes(topic))) &&
    (!answer || answer.values.includes(lead.answers[answer.question] ?? ''))
  )
}

function membersOf({ target }: RoutingRule, { pools }: RoutingContent, { crmOwner }: RoutingLead) {
  if (target.kind === 'pool')
    return pools.find(({ id }) => id === target.id) ?? { members: [], share: 'load' as const }
  const one = target.kind === 'teammate' ? target.id : crmOwner
  return { members: one === null ? [] : [one], share: 'load' as const }
}

/**
 * Returns whose turn it is: who has the fewest leads for their weight, of the last days or open ones. On a tie, the one
 * who has waited longest.
 */
function nextOf(
  reps: readonly RoutingRep[],
  share: 'turns' | 'load',
  content: RoutingContent,
): RoutingRep | undefined {
  const weightOf = ({ id }: RoutingRep) => personIn(content, id).weight
  // With the lead that they would get, so that a heavier weight comes first among those who have none.
  const turn = (rep: RoutingRep) => ((share === 'turns' ? rep.recent : rep.open) + 1) / weightOf(rep)
  return reps.toSorted((a, b) => turn(a) - turn(b) || a.lastAt - b.lastAt || (a.id < b.id ? -1 : 1))[0]
}
