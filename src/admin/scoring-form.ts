import { z } from 'zod'
import { companyDomain } from '../people/company'
import { countryCodeOf } from '../people/countries'
import { sources } from '../people/source'
import {
  groups,
  isTakenByObjects,
  modelCaps,
  scorableEvents,
  type Fact,
  type FitRule,
  type FitSet,
  type ModelContent,
  type Rule,
} from '../scoring/model-content'
import { freeSlug, slugOf } from '../courses/slug'
import { checkbox, checkedValues, lineField, wordList } from '../web/form'

/** The parts of a model that have their own forms. */
export const scoringParts = ['rules', 'groups', 'fit', 'sets', 'grid', 'exclusions'] as const
export type ScoringPart = (typeof scoringParts)[number]

/** The item of a part that adds one. */
export const newScoringItem = 'new'
/** The item of a part that is one form. */
export const wholePart = 'all'

const choices = <T extends string>(values: readonly T[]) =>
  z.preprocess(checkedValues, z.array(z.enum(values, { error: 'web:errors.chooseOne' })))
const lines = z
  .preprocess(
    checkedValues,
    z.array(z.string().max(300)).max(modelCaps.values, { error: 'admin:errors.tooManyValues' }),
  )
  .transform(list => [...new Set(list.filter(Boolean))])

/** A number as people type it, with a comma or a point. */
const decimal = (minimum: number, maximum: number) =>
  z
    .string({ error: 'admin:errors.number' })
    .trim()
    .transform(typed => typed.replace(',', '.').replace('−', '-'))
    .pipe(z.string().regex(/^-?\d{1,4}(?:\.\d{1,3})?$/, { error: 'admin:errors.number' }))
    .transform(Number)
    .refine(value => value >= minimum && value <= maximum, {
      error: 'admin:errors.numberBetween',
      params: { minimum, maximum },
    })
const optionalDecimal = (minimum: number, maximum: number) =>
  z.preprocess(
    typed => (typeof typed === 'string' && typed.trim() === '' ? undefined : typed),
    decimal(minimum, maximum).optional(),
  )

const words = (maximum: number, read?: (word: string) => string) =>
  wordList(maximum, 'admin:errors.tooManyValues', read)
const titleWords = words(modelCaps.words, word => word.toLowerCase()).refine(
  list => list.every(word => word.length <= 60 && !/\s/.test(word)),
  { error: 'admin:errors.singleWords' },
)
const countryCodes = words(modelCaps.values, word => countryCodeOf(word) ?? word).refine(
  list => list.every(code => countryCodeOf(code) === code),
  { error: 'admin:errors.countryCodes' },
)
const companyDomains = words(modelCaps.domains, word => companyDomain(word) ?? '?').refine(
  list => !list.includes('?'),
  { error: 'admin:errors.companyDomains' },
)

const name = lineField('admin:errors.ruleName', modelCaps.name)

const ruleForm = z
  .object({
    name,
    group: z.enum(groups, { error: 'web:errors.chooseOne' }),
    events: choices(scorableEvents).refine(list => list.length > 0, { error: 'admin:errors.ruleEvents' }),
    courses: lines,
    topics: lines,
    lessons: lines,
    lessonKinds: lines,
    requests: choices(['demo', 'trial', 'contact'] as const),
    sessions: lines,
    passed: z.enum(['', 'passed', 'failed'], { error: 'web:errors.chooseOne' }).default(''),
    weight: decimal(-100, 100).refine(value => value !== 0, { error: 'admin:errors.noPoints' }),
    halfLife: decimal(0.5, 3650),
    cap: decimal(0.1, 100),
    minSeconds: optionalDecimal(1, 3600).transform(value =>
      value === undefined ? value : Math.round(value),
    ),
    minMinutes: optionalDecimal(1, 1440).transform(value =>
      value === undefined ? value : Math.round(value),
    ),
    attention: checkbox,
    attentionSeconds: optionalDecimal(0, 3600),
    attentionPercent: optionalDecimal(5, 100),
  })
  .refine(({ group, weight }) => (group === 'negative') === weight < 0, {
    path: ['weight'],
    error: 'admin:errors.ruleSign',
  })

const fitForm = z
  .object({
    name,
    set: z.string().max(40),
    fact: z.enum(['title', 'country', 'company', 'email', 'need', 'answer', 'source'], {
      error: 'web:errors.chooseOne',
    }),
    words: titleWords,
    codes: countryCodes,
    domains: companyDomains,
    kinds: choices(['company', 'free', 'university', 'disposable'] as const),
    /** `question/answer` of the needs assessment. */
    needAnswers: lines,
    question: z.string().max(24).default(''),
    answers: words(modelCaps.values),
    from: optionalDecimal(-9999, 9999),
    to: optionalDecimal(-9999, 9999),
    sources: choices(sources),
    points: decimal(-100, 100).refine(value => value !== 0, { error: 'admin:errors.noPoints' }),
  })
  .superRefine((typed, context) => {
    const missing: Partial<Record<Fact['fact'], [string, boolean]>> = {
      country: ['codes', !typed.codes.length],
      email: ['kinds', !typed.kinds.length],
      need: ['needAnswers', questionsIn(typed.needAnswers).size !== 1],
      answer: [
        'answers',
        !/^[0-9a-f]{24}$/.test(typed.question) ||
          (!typed.answers.length && typed.from === undefined && typed.to === undefined),
      ],
      source: ['sources', !typed.sources.length],
    }
    const [field, isMissing] = missing[typed.fact] ?? ['', false]
    if (isMissing) context.addIssue({ code: 'custom', path: [field], message: 'admin:errors.factMissing' })
  })

/** The questions of answers that were chosen as `question/answer`; a rule is about one of them. */
const questionsIn = (chosen: readonly string[]) =>
  new Set(chosen.map(each => each.slice(0, each.indexOf('/'))))

const setForm = z.object({
  name,
  take: z.enum(['first', 'all'], { error: 'web:errors.chooseOne' }),
  cap: decimal(0, 100),
})

const groupForm = z.object({
  learning: decimal(0, 100),
  intent: decimal(0, 100),
  account: decimal(0, 100),
  negative: decimal(0, 100),
})

const gridForm = z
  .object({
    qualifyAt: decimal(1, 100),
    disqualifyBelow: decimal(0, 100),
    a: decimal(0, 100),
    b: decimal(0, 100),
    one: decimal(0, 100),
    two: decimal(0, 100),
    grades: choices(['A1', 'A2', 'A3', 'B1', 'B2', 'B3', 'C1', 'C2', 'C3'] as const),
    hoursBetweenChanges: decimal(0, 720),
    daysBetweenHandOffs: decimal(0, 365),
  })
  .refine(({ qualifyAt, disqualifyBelow }) => disqualifyBelow < qualifyAt, {
    path: ['disqualifyBelow'],
    error: 'admin:errors.thresholds',
  })
  .refine(({ a, b }) => b < a, { path: ['b'], error: 'admin:errors.bands' })
  .refine(({ one, two }) => two < one, { path: ['two'], error: 'admin:errors.bands' })

const exclusionForm = z.object({
  domains: companyDomains,
  titles: titleWords,
  customers: z.enum(['company', 'person', 'nobody'], { error: 'web:errors.chooseOne' }),
  universities: checkbox,
  disposable: checkbox,
})

export const scoringForms = {
  rules: ruleForm,
  groups: groupForm,
  fit: fitForm,
  sets: setForm,
  grid: gridForm,
  exclusions: exclusionForm,
} satisfies Record<ScoringPart, z.ZodType>
type Typed = { [Part in ScoringPart]: z.output<(typeof scoringForms)[Part]> }
export type ScoringInput = { [Part in ScoringPart]: { part: Part; data: Typed[Part] } }[ScoringPart]

/**
 * Returns the model with what was typed in one form.
 *
 * @param item id of the rule or set, or `newScoringItem`.
 * @param shippedName the translated name of a shipped rule: an unchanged one stays translated.
 * @returns null when there are as many rules as there may be, or the item doesn't exist.
 */
export function withScoringItem(
  content: ModelContent,
  item: string,
  input: ScoringInput,
  shippedName: (id: string) => string | null,
): ModelContent | null {
  switch (input.part) {
    case 'rules': {
      const id = item === newScoringItem ? idFor(input.data.name, content.rules) : item
      const rules = put(content.rules, item, ruleOf(id, input.data, shippedName(id)), modelCaps.rules)
      return rules && { ...content, rules }
    }
    case 'fit':
      return withFitRule(content, item, input.data, shippedName)
    case 'sets': {
      const id = item === newScoringItem ? idFor(input.data.name, content.fit) : item
      const before = content.fit.find(set => set.id === id)
      const { take, cap } = input.data
      const named = input.data.name === shippedName(id) ? {} : { name: input.data.name }
      const set: FitSet = { id, ...named, take, cap, rules: before?.rules ?? [] }
      const fit = put(content.fit, item, set, modelCaps.sets)
      return fit && { ...content, fit }
    }
    case 'groups':
      return { ...content, groupCaps: input.data }
    case 'grid': {
      const { a, b, one, two, grades: qualifyingGrades, ...rest } = input.data
      return { ...content, ...rest, bands: { a, b, one, two }, qualifyingGrades }
    }
    case 'exclusions':
      return { ...content, blocked: { ...input.data, domains: [...input.data.domains].sort() } }
  }
}

function withFitRule(
  content: ModelContent,
  item: string,
  data: Typed['fit'],
  shippedName: (id: string) => string | null,
): ModelContent | null {
  const all = content.fit.flatMap(({ rules }) => rules)
  const target = content.fit.find(({ id }) => id === data.set)
  if (!target || (item !== newScoringItem && !all.some(({ id }) => id === item))) return null
  if (item === newScoringItem && target.rules.length >= modelCaps.fitRules) return null
  const id = item === newScoringItem ? idFor(data.name, all) : item
  const named = data.name === shippedName(id) ? {} : { name: data.name }
  const rule: FitRule = { id, ...named, when: factOf(data), points: data.points }
  const stays = target.rules.some(each => each.id === id)
  const fit = content.fit.map(set => {
    if (set.id !== target.id) return { ...set, rules: set.rules.filter(each => each.id !== id) }
    const rules = stays ? set.rules.map(each => (each.id === id ? rule : each)) : [...set.rules, rule]
    return { ...set, rules }
  })
  return { ...content, fit }
}

/**
 * Returns the model after moving, removing or putting back one item; null when it doesn't exist.
 *
 * @param base the active model, which an item is put back from.
 */
export function changedScoringItem(
  content: ModelContent,
  base: ModelContent,
  part: ScoringPart,
  item: string,
  verb: string,
): ModelContent | null {
  if (verb === 'back') return putBack(content, base, part, item)
  if (part === 'rules') {
    const rules = moved(content.rules, item, verb)
    return rules && { ...content, rules }
  }
  if (part === 'sets') {
    const fit = moved(content.fit, item, verb)
    return fit && { ...content, fit }
  }
  if (part !== 'fit') return null
  let isFound = false
  const fit = content.fit.map(set => {
    const rules = moved(set.rules, item, verb)
    isFound ||= rules !== null
    return rules ? { ...set, rules } : set
  })
  return isFound ? { ...content, fit } : null
}

function moved<Item extends { id: string }>(items: readonly Item[], id: string, verb: string): Item[] | null {
  const at = items.findIndex(item => item.id === id)
  if (at === -1) return null
  const rest = items.filter(item => item.id !== id)
  if (verb === 'remove') return rest
  const to = verb === 'up' ? at - 1 : verb === 'down' ? at + 1 : -1
  return to < 0 || to > rest.length ? null : rest.toSpliced(to, 0, items[at]!)
}

function putBack(
  content: ModelContent,
  base: ModelContent,
  part: ScoringPart,
  item: string,
): ModelContent | null {
  switch (part) {
    case 'rules': {
      const before = base.rules.find(({ id }) => id === item)
      const isThere = content.rules.some(({ id }) => id === item)
      if (!before)
        return isThere ? { ...content, rules: content.rules.filter(({ id }) => id !== item) } : null
      if (isThere) return { ...content, rules: content.rules.map(rule => (rule.id === item ? before : rule)) }
      return { ...content, rules: content.rules.toSpliced(base.rules.indexOf(before), 0, before) }
    }
    case 'groups':
      return { ...content, groupCaps: base.groupCaps }
    case 'grid': {
      const { qualifyAt, disqualifyBelow, bands, qualifyingGrades } = base
      const { hoursBetweenChanges, daysBetweenHandOffs } = base
      const grid = {
        qualifyAt,
        disqualifyBelow,
        bands,
        qualifyingGrades,
        hoursBetweenChanges,
        daysBetweenHandOffs,
      }
      return { ...content, ...grid }
    }
    case 'exclusions':
      return { ...content, blocked: base.blocked }
    default:
      return { ...content, fit: base.fit }
  }
}

function put<Item extends { id: string }>(
  items: readonly Item[],
  item: string,
  value: Item,
  maximum: number,
): Item[] | null {
  if (item === newScoringItem) return items.length < maximum ? [...items, value] : null
  return items.some(({ id }) => id === item) ? items.map(each => (each.id === item ? value : each)) : null
}

function idFor(typed: string, items: readonly { id: string }[]): string {
  const slug = slugOf(typed).slice(0, 30)
  const start = /^[a-z]/.test(slug) ? slug : `r-${slug}`
  return freeSlug(start, 'rule', id => isTakenByObjects(id) || items.some(item => item.id === id))
}

function ruleOf(id: string, data: Typed['rules'], shippedName: string | null): Rule {
  const { name: typed, group, events, weight, halfLife, cap, minSeconds, minMinutes } = data
  const only = {
    ...(data.courses.length && { courses: data.courses }),
    ...(data.topics.length && { topics: data.topics }),
    ...(data.lessons.length && { lessons: data.lessons }),
    ...(data.lessonKinds.length && { lessonKinds: data.lessonKinds }),
    ...(data.requests.length && { requests: data.requests }),
    ...(data.sessions.length && { sessions: data.sessions }),
    ...(data.passed && { passed: data.passed === 'passed' }),
  }
  const { attentionSeconds = 20, attentionPercent = 50 } = data
  return {
    id,
    ...(typed !== shippedName && { name: typed }),
    ...{ group, events },
    ...(Object.keys(only).length && { only }),
    ...{ weight, halfLife, cap },
    ...(minSeconds !== undefined && { minSeconds }),
    ...(minMinutes !== undefined && { minMinutes }),
    ...(data.attention && {
      attention: { minSeconds: Math.round(attentionSeconds), fullFrom: attentionPercent / 100 },
    }),
  }
}

function factOf(data: Typed['fit']): Fact {
  switch (data.fact) {
    case 'title':
      return { fact: 'title', words: data.words }
    case 'country':
      return { fact: 'country', codes: data.codes }
    case 'company':
      return { fact: 'company', domains: data.domains }
    case 'email':
      return { fact: 'email', kinds: data.kinds }
    case 'need':
      return {
        fact: 'need',
        question: [...questionsIn(data.needAnswers)][0]!,
        answers: data.needAnswers.map(each => each.slice(each.indexOf('/') + 1)),
      }
    case 'answer': {
      const { question, answers: values, from = null, to = null } = data
      return { fact: 'answer', question, values, from, to }
    }
    case 'source':
      return { fact: 'source', sources: data.sources }
  }
}

/** Returns the values of the form of one item; null when it doesn't exist. `named` is what the item is called. */
export function valuesOfScoringItem(
  content: ModelContent,
  part: ScoringPart,
  item: string,
  named: (item: Rule | FitRule | FitSet) => string,
): Record<string, unknown> | null {
  switch (part) {
    case 'rules': {
      if (item === newScoringItem)
        return { group: 'intent', weight: '5', halfLife: '14', cap: '10', events: [] }
      const rule = content.rules.find(({ id }) => id === item)
      return rule ? ruleValues(rule, named(rule)) : null
    }
    case 'fit': {
      if (item === newScoringItem) return { fact: 'title', points: '10', set: content.fit[0]?.id ?? '' }
      const set = content.fit.find(({ rules }) => rules.some(({ id }) => id === item))
      const rule = set?.rules.find(({ id }) => id === item)
      return set && rule ? { ...fitValues(rule), name: named(rule), set: set.id } : null
    }
    case 'sets': {
      if (item === newScoringItem) return { take: 'all', cap: '100' }
      const set = content.fit.find(({ id }) => id === item)
      return set ? { name: named(set), take: set.take, cap: String(set.cap) } : null
    }
    case 'groups':
      return item === wholePart ? content.groupCaps : null
    case 'grid': {
      if (item !== wholePart) return null
      const { bands, qualifyingGrades, qualifyAt, disqualifyBelow } = content
      const { hoursBetweenChanges, daysBetweenHandOffs } = content
      const rest = { qualifyAt, disqualifyBelow, hoursBetweenChanges, daysBetweenHandOffs }
      return { ...bands, ...rest, grades: qualifyingGrades }
    }
    case 'exclusions': {
      if (item !== wholePart) return null
      const { domains, titles, customers, universities, disposable } = content.blocked
      const lists = { domains: domains.join('\n'), titles: titles.join(', ') }
      return { ...lists, customers, universities: universities && 'on', disposable: disposable && 'on' }
    }
  }
}

function ruleValues(rule: Rule, shown: string): Record<string, unknown> {
  const { group, events, only = {}, weight, halfLife, cap, minSeconds, minMinutes, attention } = rule
  const { passed, ...lists } = only
  return {
    ...{ name: shown, group, events, weight, halfLife, cap, minSeconds: minSeconds ?? '', ...lists },
    minMinutes: minMinutes ?? '',
    passed: passed === undefined ? '' : passed ? 'passed' : 'failed',
    ...(attention && {
      attention: 'on',
      attentionSeconds: attention.minSeconds,
      attentionPercent: attention.fullFrom * 100,
    }),
  }
}

function fitValues({ when, points }: FitRule): Record<string, unknown> {
  const common = { fact: when.fact, points }
  switch (when.fact) {
    case 'title':
      return { ...common, words: when.words.join(', ') }
    case 'country':
      return { ...common, codes: when.codes.join(', ') }
    case 'company':
      return { ...common, domains: when.domains.join('\n') }
    case 'email':
      return { ...common, kinds: when.kinds }
    case 'need':
      return { ...common, needAnswers: when.answers.map(answer => `${when.question}/${answer}`) }
    case 'answer':
      return {
        ...{ ...common, question: when.question, answers: when.values.join('\n') },
        ...{ from: when.from ?? '', to: when.to ?? '' },
      }
    case 'source':
      return { ...common, sources: when.sources }
  }
}
