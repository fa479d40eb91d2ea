import { groups, type FitRule, type FitSet, type ModelContent } from './model-content'
import type { ModelChange } from './model-changes'

/** Returns what a change is known by among those between two models, such as `rules:questionAsked`. */
export const keyOfChange = ({ part, id }: Pick<ModelChange, 'part' | 'id'>): string => `${part}:${id}`

/**
 * Returns a model in which one part is as another has it: one change without the others, or all but one.
 *
 * @param change one of those between the two models.
 */
export function withPartOf(
  content: ModelContent,
  other: ModelContent,
  { part, id }: Pick<ModelChange, 'part' | 'id'>,
): ModelContent {
  switch (part) {
    case 'rules':
      return { ...content, rules: withItem(content.rules, other.rules, id) }
    case 'groupCaps': {
      const group = groups.find(each => each === id)!
      return { ...content, groupCaps: { ...content.groupCaps, [group]: other.groupCaps[group] } }
    }
    case 'fitSets':
      return { ...content, fit: withSet(content.fit, other.fit, id) }
    case 'fit':
      return { ...content, fit: withFitRule(content.fit, other.fit, id) }
    case 'settings':
      return { ...content, [id]: other[id as keyof ModelContent] }
    case 'blocked':
      return {
        ...content,
        blocked: { ...content.blocked, [id]: other.blocked[id as keyof ModelContent['blocked']] },
      }
  }
}

function withItem<T extends { id: string }>(list: readonly T[], other: readonly T[], id: string): T[] {
  const item = other.find(each => each.id === id)
  if (!item) return list.filter(each => each.id !== id)
  if (list.some(each => each.id === id)) return list.map(each => (each.id === id ? item : each))
  // In a list whose first rule counts, the place decides.
  return list.toSpliced(other.indexOf(item), 0, item)
}

/** A set that both have keeps its rules, because each of them is a change of its own. */
function withSet(sets: readonly FitSet[], other: readonly FitSet[], id: string): FitSet[] {
  const [own, theirs] = [sets, other].map(list => list.find(set => set.id === id))
  if (!own || !theirs) return withItem(sets, other, id)
  const placeOf = (rule: FitRule) => {
    const place = theirs.rules.findIndex(each => each.id === rule.id)
    return place < 0 ? theirs.rules.length : place
  }
  const rules = own.rules.toSorted((a, b) => placeOf(a) - placeOf(b))
  return sets.map(set => (set === own ? { ...theirs, rules } : set))
}

function withFitRule(sets: readonly FitSet[], other: readonly FitSet[], id: string): FitSet[] {
  return sets.map(set => {
    const theirs = other.find(each => each.id === set.id)?.rules ?? []
    const isAnywhere = other.some(({ rules }) => rules.some(each => each.id === id))
    const isElsewhere = isAnywhere && !theirs.some(each => each.id === id)
    if (isElsewhere) return { ...set, rules: set.rules.filter(each => each.id !== id) }
    return { ...set, rules: withItem(set.rules, theirs, id) }
  })
}
