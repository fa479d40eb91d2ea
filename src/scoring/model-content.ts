import type { EventName } from '../events/definitions'

export const groups = ['learning', 'intent', 'account', 'negative'] as const
export type Group = (typeof groups)[number]

/** What one kind of event is worth. Its name is the translation `sales:rules.<id>`. */
export type Rule = {
  id: string
  group: Group
  events: EventName[]
  /** Points for one new event; negative points lower the score. */
  weight: number
  /** Days after which an event counts for half. */
  halfLife: number
  /** Upper limit of the absolute value of the rule's sum, in points. */
  cap: number
  /** An event with fewer visible seconds counts for nothing, such as a glance or a mail scanner. */
  minSeconds?: number
  /** The points are in proportion to the attention that the lessons got; see `attentionTo` in rules.ts. */
  attention?: Attention
}

export type Attention = {
  /** A lesson that was visible for fewer seconds counts for nothing. */
  minSeconds: number
  /** The share of a lesson's length, 0 to 1, from which it counts in full: fast readers need less than its length. */
  fullFrom: number
}

/** Points for who a person is, by profile and company, 0 to 100. Words match as whole words, in lower case. */
export type FitRules = {
  seniority: { id: string; words: string[]; points: number }[]
  area: { id: string; words: string[]; points: number }[]
  workEmail: number
  countries: { codes: string[]; points: number }
  answers: { question: string; answer: string; points: number }[]
  answersCap: number
}

export type ModelContent = {
  /** Number of the shipped formula that the content follows; an older one is replaced (model.ts). 1 when missing. */
  formula?: number
  rules: Rule[]
  groupCaps: Record<Group, number>
  fit: FitRules
  /** Lowest engagement at which a person qualifies. */
  qualifyAt: number
  /** A lead with a lower engagement drops out. */
  disqualifyBelow: number
  /** Lowest fit of A and B, lowest engagement of 1 and 2. */
  bands: { a: number; b: number; one: number; two: number }
  /** Grades that qualify, such as `A1`. */
  qualifyingGrades: string[]
  /** Shortest time between qualifying and dropping out, in hours. */
  hoursBetweenChanges: number
  /** Shortest time between two hand-offs without a contact request, in days. */
  daysBetweenHandOffs: number
  blocked: { domains: string[]; titles: string[] }
}
