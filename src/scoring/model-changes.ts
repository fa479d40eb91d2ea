import { groups, type FitSet, type ModelContent, type Rule } from './model-content'

/*
 * What a draft changes, in parts that can be put into the other model one at a time: a rule, the cap of a group, a set
 * of fit rules, or a setting.
 */

const settings = [
  'qualifyAt',
  'disqualifyBelow',
  'bands',
  'qualifyingGrades',
  'hoursBetweenChanges',
  'daysBetweenHandOffs',
  'blocked',
] as const satisfies (keyof ModelContent)[]

/** A number that a change gives a part: what it was, and what it becomes. */
type ChangedNumber = { field: string; before: number; after: number }

export type ModelChange = {
  /** Unique among the changes, such as `rule:questionAsked` or `qualifyAt`. */
  key: string
  kind: 'rule' | 'group' | 'fit' | (typeof settings)[number]
  /** Of the rule, the group or the set; empty for a setting. */
  id: string
  /** An administrator's name of the rule or set. */
  name: string
  what: 'added' | 'removed' | 'changed'
  /** The numbers that change. Empty when something else does too, or only that. */
  numbers: ChangedNumber[]
}

/** Returns what a draft changes in a model, in the order of the model. */
export function changesBetween(before: ModelContent, after: ModelContent): ModelChange[] {
  return [
    ...listChanges('rule', before.rules, after.rules),
    ...groups.flatMap(group => {
      const numbers = numbersBetween({ cap: before.groupCaps[group] }, { cap: after.groupCaps[group] })
      const change = { key: `group:${group}`, kind: 'group' as const, id: group, name: '' }
      return numbers.length ? [{ ...change, what: 'changed' as const, numbers }] : []
    }),
    ...listChanges('fit', before.fit, after.fit),
    ...settings.flatMap(setting => {
      if (isSame(before[setting], after[setting])) return []
      const numbers = numbersBetween({ [setting]: before[setting] }, { [setting]: after[setting] })
      return [{ key: setting, kind: setting, id: '', name: '', what: 'changed' as const, numbers }]
    }),
  ]
}

function listChanges(
  kind: 'rule' | 'fit',
  before: readonly (Rule | FitSet)[],
  after: readonly (Rule | FitSet)[],
): ModelChange[] {
  const all = [...after, ...before.filter(({ id }) => !after.some(each => each.id === id))]
  return all.flatMap(({ id, name = '' }) => {
    const [was, is] = [before, after].map(list => list.find(each => each.id === id))
    if (isSame(was, is)) return []
    const what = !was ? 'added' : !is ? 'removed' : 'changed'
    return [{ key: `${kind}:${id}`, kind, id, name, what, numbers: was && is ? numbersBetween(was, is) : [] }]
  })
}

/** Returns the numbers that differ, when nothing else does. */
function numbersBetween(before: object, after: object): ChangedNumber[] {
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const [was, is] = [before, after] as Record<string, unknown>[]
  const changed = fields.filter(field => !isSame(was![field], is![field]))
  const numbers = changed.map(field => ({ field, before: was![field], after: is![field] }))
  const isNumber = (each: (typeof numbers)[number]): each is ChangedNumber =>
    typeof each.before === 'number' && typeof each.after === 'number'
  return numbers.every(isNumber) ? numbers.filter(isNumber) : []
}

/** Returns a model with one part, by the key of its change, as another one has it. */
export function withPart(content: ModelContent, other: ModelContent, key: string): ModelContent {
  const [kind, id] = key.split(':')
  if (kind === 'rule') return { ...content, rules: withItem(content.rules, other.rules, id!) }
  if (kind === 'fit') return { ...content, fit: withItem(content.fit, other.fit, id!) }
  if (kind === 'group') {
    const group = groups.find(each => each === id)!
    return { ...content, groupCaps: { ...content.groupCaps, [group]: other.groupCaps[group] } }
  }
  const setting = settings.find(each => each === key)!
  return { ...content, [setting]: other[setting] }
}

function withItem<T extends { id: string }>(list: readonly T[], other: readonly T[], id: string): T[] {
  const item = other.find(each => each.id === id)
  if (!item) return list.filter(each => each.id !== id)
  return list.some(each => each.id === id)
    ? list.map(each => (each.id === id ? item : each))
    : [...list, item]
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b)
