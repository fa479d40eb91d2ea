import { z } from 'zod'
import type { EventName } from '../events/definitions'
import { sources } from '../people/source'

/*
 * WHAT A SCORING MODEL SAYS, as one JSON document: the rules of engagement, the sets of fit, the grid, the thresholds,
 * and who is never handed off. The schema is also what an import is checked against, and what an export names.
 */

export const groups = ['learning', 'intent', 'account', 'negative'] as const
export type Group = (typeof groups)[number]

/**
 * The events that a rule may count: what people do here. What sales and the CRM do with a lead isn't among them,
 * because a model that knows how a deal went would predict the past.
 */
export const scorableEvents = [
  'course.enrolled',
  'lesson.opened',
  'lesson.completed',
  'quiz.attempted',
  'course.completed',
  'certificate.issued',
  'contact.requested',
  'demo.cancelled',
  'pricing.viewed',
  'plans.compared',
  'question.asked',
  'question.answered',
  'answer.accepted',
  'review.written',
  'needs_assessment.completed',
  'order.paid',
  'order.reinstated',
  'order.refunded',
  'order.disputed',
  'colleague.active',
  'session.booked',
  'session.waitlisted',
  'session.attended',
  'session.missed',
  'session.question_asked',
  'session.materials_opened',
  'feedback.given',
] as const satisfies EventName[]
export type ScorableEvent = (typeof scorableEvents)[number]

/** The most of each. */
export const modelCaps = {
  rules: 60,
  values: 200,
  sets: 20,
  fitRules: 60,
  name: 80,
  words: 300,
  domains: 500,
}

/** Points are kept in plain objects by these ids, which a name that all objects have would spoil. */
export const isTakenByObjects = (name: string) => name in Object.prototype
const id = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9-]{0,39}$/)
  .refine(each => !isTakenByObjects(each))
const name = z.string().trim().min(1).max(modelCaps.name)
const recordId = z.string().regex(/^[0-9a-f]{24}$/)
const some = <T extends z.ZodType>(each: T) => z.array(each).min(1).max(modelCaps.values)
const word = z.string().trim().toLowerCase().min(1).max(60)
const domain = z.string().trim().toLowerCase().min(3).max(253)
const points = z.number().min(-100).max(100)
const cap = z.number().min(0).max(100)

/** The points are in proportion to the attention that the lessons got; see `weightOf` in rules.ts. */
const attention = z.strictObject({
  /** A lesson that was visible for fewer seconds counts for nothing. */
  minSeconds: z.number().int().min(0).max(3600),
  /** The share of a lesson's length, 0 to 1, from which it counts in full: fast readers need less than its length. */
  fullFrom: z.number().min(0.05).max(1),
})
export type Attention = z.infer<typeof attention>

/** What an event has to be about, besides its name. All that is given has to hold. */
const only = z.strictObject({
  courses: some(recordId).optional(),
  /** Of the lesson or course; of a question, those of the lesson it was asked in. */
  topics: some(z.string().min(1).max(100)).optional(),
  /** The course and the lesson's slug in it, such as `65a1…/pump-curves`. */
  lessons: some(z.string().regex(/^[0-9a-f]{24}\/.{1,100}$/)).optional(),
  /** Of the lesson, such as `tour`. */
  lessonKinds: some(z.string().min(1).max(30)).optional(),
  requests: some(z.enum(['demo', 'trial', 'contact'])).optional(),
  /** Live sessions, by their ids. */
  sessions: some(recordId).optional(),
  /** Whether the quiz was passed. */
  passed: z.boolean().optional(),
})
export type EventFilter = z.infer<typeof only>

const rule = z
  .strictObject({
    id,
    /** An administrator's; without one, the translation `sales:rules.<id>`. */
    name: name.optional(),
    group: z.enum(groups),
    events: z.array(z.enum(scorableEvents)).min(1).max(scorableEvents.length),
    only: only.optional(),
    /** Points for one new event; negative points lower the score. */
    weight: points,
    /** Days after which an event counts for half. */
    halfLife: z.number().min(0.5).max(3650),
    /** Upper limit of the absolute value of the rule's sum, in points. */
    cap,
    /** An event with fewer visible seconds counts for nothing, such as a glance or a mail scanner. */
    minSeconds: z.number().int().min(1).max(3600).optional(),
    /** Someone who attended a live session for fewer minutes counts for nothing. */
    minMinutes: z.number().int().min(1).max(1440).optional(),
    attention: attention.optional(),
  })
  .refine(({ group, weight }) => group !== 'negative' || weight <= 0, {
    path: ['weight'],
    error: 'admin:errors.ruleSign',
  })
/** What one kind of event is worth. */
export type Rule = z.infer<typeof rule>

const fact = z.discriminatedUnion('fact', [
  /** One of the words is in the job title, as a whole word; without words, any job title. */
  z.strictObject({ fact: z.literal('title'), words: z.array(word).max(modelCaps.words) }),
  z.strictObject({ fact: z.literal('country'), codes: some(z.string().regex(/^[A-Z]{2}$/)) }),
  /** A company by its domain; without domains, any company. */
  z.strictObject({
    fact: z.literal('company'),
    domains: z.array(domain).max(modelCaps.domains),
  }),
  z.strictObject({
    fact: z.literal('email'),
    kinds: some(z.enum(['company', 'free', 'university', 'disposable'])),
  }),
  /** An answer to the needs assessment. */
  z.strictObject({
    fact: z.literal('need'),
    question: z.string().min(1).max(80),
    answers: some(z.string().min(1).max(80)),
  }),
  /** An answer to one of the academy's questions about learners: one of the values, or a number in a range. */
  z
    .strictObject({
      fact: z.literal('answer'),
      question: recordId,
      values: z.array(z.string().min(1).max(300)).max(modelCaps.values),
      from: z.number().nullable(),
      to: z.number().nullable(),
    })
    .refine(({ values, from, to }) => values.length > 0 || from !== null || to !== null),
  /** How the person first came. */
  z.strictObject({ fact: z.literal('source'), sources: some(z.enum(sources)) }),
])
export type Fact = z.infer<typeof fact>

const fitRule = z.strictObject({
  id,
  /** An administrator's; without one, the translation `sales:fit.<id>`, or that of its fact. */
  name: name.optional(),
  when: fact,
  points,
})
export type FitRule = z.infer<typeof fitRule>

const fitSet = z.strictObject({
  id,
  name: name.optional(),
  /** `first`: the first of its rules that holds counts. `all`: every one that holds. */
  take: z.enum(['first', 'all']),
  /** Upper limit of the absolute value of its sum. */
  cap,
  rules: z.array(fitRule).max(modelCaps.fitRules),
})
export type FitSet = z.infer<typeof fitSet>

/** Who is never handed off. An objection to marketing always counts, so it isn't a setting. */
const blocked = z.strictObject({
  /** Competitors, by the domain of the company. */
  domains: z.array(domain).max(modelCaps.domains),
  /** Job titles with one of these words, such as `student`. */
  titles: z.array(word).max(modelCaps.words),
  /** `company`: who bought, and their colleagues. `person`: only who bought. `nobody`: customers are leads too. */
  customers: z.enum(['company', 'person', 'nobody']),
  universities: z.boolean(),
  disposable: z.boolean(),
})

const grade = z.string().regex(/^[ABC][123]$/)

export const modelSchema = z
  .strictObject({
    /** Number of the shipped formula that the content follows; an older one is replaced (model.ts). 1 when missing. */
    formula: z.number().int().optional(),
    rules: z.array(rule).max(modelCaps.rules),
    groupCaps: z.strictObject({ learning: cap, intent: cap, account: cap, negative: cap }),
    fit: z.array(fitSet).max(modelCaps.sets),
    /** Lowest engagement at which a person qualifies. */
    qualifyAt: z.number().min(1).max(100),
    /** A lead with a lower engagement drops out. */
    disqualifyBelow: z.number().min(0).max(100),
    /** Lowest fit of A and B, lowest engagement of 1 and 2. */
    bands: z.strictObject({ a: cap, b: cap, one: cap, two: cap }),
    /** Grades that qualify, such as `A1`. */
    qualifyingGrades: z.array(grade).max(9),
    /** Shortest time between qualifying and dropping out, in hours. */
    hoursBetweenChanges: z.number().min(0).max(720),
    /** Shortest time between two hand-offs without a contact request, in days. */
    daysBetweenHandOffs: z.number().min(0).max(365),
    blocked,
  })
  .refine(({ qualifyAt, disqualifyBelow }) => disqualifyBelow < qualifyAt, {
    path: ['disqualifyBelow'],
    error: 'admin:errors.thresholds',
  })
  .refine(({ bands }) => bands.b < bands.a && bands.two < bands.one, {
    path: ['bands'],
    error: 'admin:errors.bands',
  })
  .refine(({ rules }) => hasNoTwins(rules), { path: ['rules'], error: 'admin:errors.twins' })
  .refine(({ fit }) => hasNoTwins(fit) && hasNoTwins(fit.flatMap(set => set.rules)), {
    path: ['fit'],
    error: 'admin:errors.twins',
  })
export type ModelContent = z.infer<typeof modelSchema>

const hasNoTwins = (items: readonly { id: string }[]) =>
  new Set(items.map(each => each.id)).size === items.length

/** The shape before fit was a list of sets. Such versions are in databases, and explain the scores of their time. */
type FirstShape = Omit<ModelContent, 'fit' | 'blocked'> & {
  fit: {
    seniority: { id: string; words: string[]; points: number }[]
    area: { id: string; words: string[]; points: number }[]
    workEmail: number
    countries: { codes: string[]; points: number }
    answers: { question: string; answer: string; points: number }[]
    answersCap: number
  }
  blocked: Pick<ModelContent['blocked'], 'domains' | 'titles'>
}
export type StoredContent = ModelContent | FirstShape

/** Returns stored content in today's shape, which means the same. */
export function modelContentOf(stored: StoredContent): ModelContent {
  if (!isFirstShape(stored)) return stored
  const { fit, blocked: lists, ...rest } = stored
  const byTitle = (rules: FirstShape['fit']['area']): FitRule[] =>
    rules.map(({ id: ruleId, words, points: each }) => ({
      id: ruleId,
      when: { fact: 'title', words },
      points: each,
    }))
  return {
    ...rest,
    fit: [
      { id: 'seniority', take: 'first', cap: 100, rules: byTitle(fit.seniority) },
      { id: 'area', take: 'first', cap: 100, rules: byTitle(fit.area) },
      {
        id: 'company',
        take: 'all',
        cap: 100,
        rules: [
          { id: 'workEmail', when: { fact: 'company', domains: [] }, points: fit.workEmail },
          {
            id: 'country',
            when: { fact: 'country', codes: fit.countries.codes },
            points: fit.countries.points,
          },
        ],
      },
      {
        id: 'needs',
        take: 'all',
        cap: fit.answersCap,
        rules: fit.answers.map(({ question, answer, points: each }, n) => ({
          id: `need-${n + 1}`,
          when: { fact: 'need', question, answers: [answer] },
          points: each,
        })),
      },
    ],
    blocked: { ...lists, customers: 'company', universities: true, disposable: true },
  }
}

const isFirstShape = (stored: StoredContent): stored is FirstShape => !Array.isArray(stored.fit)
