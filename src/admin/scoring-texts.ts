import type { ModelFinding } from '../scoring/check-model'
import type { FieldChange, ModelChange } from '../scoring/model-changes'
import type { FitRule, FitSet, ModelContent, Rule } from '../scoring/model-content'
import { factWords, fitName, fitSetName, ruleName } from '../web/model-texts'
import type { Texts } from '../web/texts'
import { lessonChoices, type ScoringWorld } from './scoring-world'

/** Returns what a fit rule asks, such as `Job title: head, director`. */
export function fitCondition({ when }: Pick<FitRule, 'when'>, world: ScoringWorld, { t }: Texts): string {
  const words =
    when.fact === 'source'
      ? when.sources.map(each => t(`insights:sources.${each}`)).join(', ')
      : when.fact === 'email'
        ? when.kinds.map(each => t(`admin:scoring.emailKind.${each}`)).join(', ')
        : when.fact === 'need'
          ? when.answers.map(each => textOf(world.needs, `${when.question}/${each}`)).join(', ')
          : factWords(when)
  const fact =
    when.fact === 'answer' ? textOf(world.questions, when.question) : t(`sales:fitFact.${when.fact}`)
  return words
    ? t('admin:scoring.condition', { what: fact, words })
    : t('admin:scoring.anyOf', { what: fact })
}

const textOf = (choices: readonly { value: string; text: string }[], value: string) =>
  choices.find(each => each.value === value)?.text ?? value

/** Returns what an event has to be about to count for a rule; empty for anything. */
export function ruleConditions(rule: Rule, world: ScoringWorld, texts: Texts): string {
  const { t } = texts
  const { only = {}, minSeconds, minMinutes, attention } = rule
  const courses = world.courses.map(({ id, title }) => ({ value: id, text: title }))
  const part = (
    key: string,
    choices: readonly { value: string; text: string }[],
    chosen?: readonly string[],
  ) =>
    chosen?.length
      ? [
          t('admin:scoring.condition', {
            what: t(`admin:scoring.fields.${key}`),
            words: chosen.map(value => textOf(choices, value)).join(', '),
          }),
        ]
      : []
  const requests = (['demo', 'trial', 'contact'] as const).map(value => ({
    value,
    text: t(`admin:scoring.request.${value}`),
  }))
  return [
    ...part('topics', world.topics, only.topics),
    ...part('courses', courses, only.courses),
    ...part('lessons', lessonChoices(world), only.lessons),
    ...part('lessonKinds', world.kinds, only.lessonKinds),
    ...part('requests', requests, only.requests),
    ...part('sessions', world.sessions, only.sessions),
    ...(minMinutes ? [t('sales:scoringModel.minMinutes', { count: minMinutes })] : []),
    ...(only.passed === undefined ? [] : [t(`admin:scoring.quiz.${only.passed ? 'passed' : 'failed'}`)]),
    ...(minSeconds ? [t('sales:scoringModel.minSeconds', { count: minSeconds })] : []),
    ...(attention ? [t('admin:scoring.byAttention', { percent: Math.round(attention.fullFrom * 100) })] : []),
  ].join(' · ')
}

/** Returns the name of a kind of event, such as `Question asked`. */
export function eventText(name: string, { t }: Pick<Texts, 't'>): string {
  return t(`admin:scoring.events.${name.replace('.', '-')}`)
}

/** Returns a finding as a sentence. */
export function findingText(
  { key, rule, other, values }: ModelFinding,
  content: ModelContent,
  texts: Texts,
): string {
  const nameOf = (id: string | undefined) => {
    const found = content.rules.find(each => each.id === id)
    return found ? ruleName(found, texts) : ''
  }
  const numbers = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'number' && name !== 'count' ? texts.number(Math.round(value * 10) / 10) : value,
    ]),
  )
  return texts.t(`admin:scoring.checks.${key}`, { ...numbers, rule: nameOf(rule), other: nameOf(other) })
}

/** A change as a page shows it: what, then each field with what it was and is. */
export type ChangeView = {
  part: string
  name: string
  kind: string
  fields: { name: string; before: string; after: string }[]
}

/** Returns the changes of a model in words. */
export function changeViews(
  changes: readonly ModelChange[],
  world: ScoringWorld,
  texts: Texts,
): ChangeView[] {
  const { t } = texts
  return changes.map(change => ({
    part: t(`admin:scoring.part.${change.part}`),
    name: nameOfChange(change, texts),
    kind: t(`admin:scoring.kind.${change.kind}`),
    fields: change.fields.flatMap(field => fieldView(change, field, world, texts)),
  }))
}

/** Returns the name of the rule, set, group or setting that a change is about. */
export function nameOfChange({ part, id, before, after }: ModelChange, texts: Texts): string {
  const item = after ?? before
  if (part === 'rules') return ruleName(item as Rule, texts)
  if (part === 'fit') {
    const rule = item as FitRule
    return fitName({ ...rule, fact: rule.when.fact }, texts)
  }
  if (part === 'fitSets') return fitSetName(item as FitSet, texts)
  if (part === 'groupCaps') return texts.t(`sales:ruleGroup.${id}`)
  return texts.t(`admin:scoring.setting.${id}`)
}

function fieldView(
  change: ModelChange,
  { field, before, after }: FieldChange,
  world: ScoringWorld,
  texts: Texts,
): ChangeView['fields'] {
  const { t } = texts
  const name = t(`admin:scoring.field.${field}`)
  if (['only', 'minSeconds', 'minMinutes', 'attention'].includes(field)) {
    const conditions = (item: ModelChange['after']) => ruleConditions(item as Rule, world, texts)
    return [{ name, before: conditions(change.before), after: conditions(change.after) }]
  }
  if (field === 'when') {
    const condition = (item: ModelChange['after']) => fitCondition(item as FitRule, world, texts)
    return [{ name, before: condition(change.before), after: condition(change.after) }]
  }
  const shown = (value: unknown) => valueText(field, value, texts)
  return [{ name, before: shown(before), after: shown(after) }]
}

function valueText(field: string, value: unknown, texts: Texts): string {
  const { t, number } = texts
  if (value === undefined || value === null) return t('admin:scoring.nothing')
  if (typeof value === 'number') return number(value)
  if (typeof value === 'boolean') return t(`admin:scoring.${value ? 'yes' : 'no'}`)
  if (field === 'events') return (value as string[]).map(each => eventText(each, texts)).join(', ')
  if (field === 'group') return t(`sales:ruleGroup.${value as string}`)
  if (field === 'take') return t(`admin:scoring.take.${value as string}`)
  if (field === 'customers') return t(`admin:scoring.customers.${value as string}`)
  if (field === 'bands') {
    const { a, b, one, two } = value as ModelContent['bands']
    return `A ${number(a)}, B ${number(b)}, 1 ${number(one)}, 2 ${number(two)}`
  }
  if (Array.isArray(value)) return value.join(', ') || t('admin:scoring.nothing')
  return String(value)
}
