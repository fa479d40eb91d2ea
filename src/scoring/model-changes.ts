import type { FitRule, FitSet, ModelContent, Rule } from './model-content'

/** A field that differs. `before` and `after` are undefined where there is none. */
export type FieldChange = { field: string; before: unknown; after: unknown }

/** What differs between two models, one entry for each rule, fit rule or setting. */
export type ModelChange = {
  part: 'rules' | 'groupCaps' | 'fitSets' | 'fit' | 'settings' | 'blocked'
  /** The id of the rule or set, the name of the group or setting. */
  id: string
  kind: 'added' | 'removed' | 'changed'
  fields: FieldChange[]
  /** As it was and is, for a rule or a set. */
  before?: Rule | FitRule | FitSet
  after?: Rule | FitRule | FitSet
}

const settingNames = [
  'qualifyAt',
  'disqualifyBelow',
  'bands',
  'qualifyingGrades',
  'hoursBetweenChanges',
  'daysBetweenHandOffs',
] as const

/** Returns what differs between two models. The order of rules doesn't change a score, so it isn't a change. */
export function modelChanges(before: ModelContent, after: ModelContent): ModelChange[] {
  const setOf = ({ rules: _rules, ...set }: FitSet) => set
  const fitRules = (content: ModelContent) =>
    content.fit.flatMap(set => set.rules.map(rule => ({ ...rule, set: set.id })))
  return [
    ...itemChanges('rules', before.rules, after.rules),
    ...valueChanges('groupCaps', before.groupCaps, after.groupCaps),
    ...itemChanges('fitSets', before.fit.map(setOf) as FitSet[], after.fit.map(setOf) as FitSet[]),
    ...itemChanges('fit', fitRules(before), fitRules(after)),
    ...firstMatchOrder(before, after),
    ...settingNames.flatMap(id => valueChanges('settings', { [id]: before[id] }, { [id]: after[id] })),
    ...valueChanges('blocked', before.blocked, after.blocked),
  ]
}

function itemChanges<Item extends Rule | FitRule | FitSet>(
  part: ModelChange['part'],
  before: readonly Item[],
  after: readonly Item[],
): ModelChange[] {
  const old = new Map(before.map(item => [item.id, item]))
  const kept = new Set(after.map(({ id }) => id))
  return [
    ...after.flatMap((item): ModelChange[] => {
      const was = old.get(item.id)
      if (!was) return [{ part, id: item.id, kind: 'added', fields: [], after: item }]
      const fields = fieldChanges(was, item)
      return fields.length ? [{ part, id: item.id, kind: 'changed', fields, before: was, after: item }] : []
    }),
    ...before
      .filter(({ id }) => !kept.has(id))
      .map((item): ModelChange => ({ part, id: item.id, kind: 'removed', fields: [], before: item })),
  ]
}

function valueChanges(part: ModelChange['part'], before: object, after: object): ModelChange[] {
  return fieldChanges(before, after).map(change => ({
    part,
    id: change.field,
    kind: 'changed',
    fields: [change],
  }))
}

/** In a set whose first rule counts, the order matters. */
function firstMatchOrder(before: ModelContent, after: ModelContent): ModelChange[] {
  return after.fit.flatMap((set): ModelChange[] => {
    const was = before.fit.find(({ id }) => id === set.id)
    if (!was || set.take !== 'first') return []
    const common = (rules: readonly FitRule[], others: readonly FitRule[]) =>
      rules.map(({ id }) => id).filter(id => others.some(other => other.id === id))
    const [old, now] = [common(was.rules, set.rules), common(set.rules, was.rules)]
    if (String(old) === String(now)) return []
    const fields = [{ field: 'order', before: old, after: now }]
    return [{ part: 'fitSets', id: set.id, kind: 'changed', fields, before: was, after: set }]
  })
}

function fieldChanges(before: object, after: object): FieldChange[] {
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter(field => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map(field => ({ field, before: old[field], after: now[field] }))
}
