import { shownDomain } from '../people/email-address'
import { firstModel } from '../scoring/first-model'
import type { FitReason } from '../scoring/fit'
import type { Fact, FitSet, Rule } from '../scoring/model-content'
import type { Texts } from './texts'

const shippedRules = new Set(firstModel.rules.map(({ id }) => id))
const shippedSets = new Set(firstModel.fit.map(({ id }) => id))
const shippedFit = new Set(firstModel.fit.flatMap(({ rules }) => rules.map(({ id }) => id)))

/** Returns the name of a rule: an administrator's, that of a shipped rule in the reader's language, or its id. */
export function ruleName({ id, name }: Pick<Rule, 'id' | 'name'>, { t }: Pick<Texts, 't'>): string {
  return name ?? (shippedRules.has(id) ? t(`sales:rules.${id}`) : id)
}

/** Returns the name of a part of the fit in the same way; without a name, it is named after what it asks. */
export function fitName(
  { id, name, fact }: Pick<FitReason, 'id' | 'name' | 'fact'>,
  { t }: Pick<Texts, 't'>,
): string {
  if (name) return name
  if (fact !== 'need' && shippedFit.has(id)) return t(`sales:fit.${id}`)
  return t(`sales:fitFact.${fact}`)
}

/** Returns the name of a set of fit rules in the same way. */
export function fitSetName({ id, name }: Pick<FitSet, 'id' | 'name'>, { t }: Pick<Texts, 't'>): string {
  return name ?? (shippedSets.has(id) ? t(`sales:fitSet.${id}`) : id)
}

/** Returns each part of the fit with its points; parts of one name are one. */
export function fitTexts(reasons: readonly FitReason[], texts: Pick<Texts, 't' | 'number'>): string[] {
  const sums = new Map<string, number>()
  for (const reason of reasons) {
    const name = fitName(reason, texts)
    sums.set(name, (sums.get(name) ?? 0) + reason.points)
  }
  return [...sums].map(([name, points]) => `${name} ${texts.number(Math.round(points * 10) / 10)}`)
}

/** Returns what a fact has to be, as a list; empty when anything known will do. */
export function factWords(fact: Fact): string {
  switch (fact.fact) {
    case 'title':
      return fact.words.join(', ')
    case 'country':
      return fact.codes.join(', ')
    case 'company':
      return fact.domains.map(shownDomain).join(', ')
    case 'email':
      return fact.kinds.join(', ')
    case 'need':
      return fact.answers.join(', ')
    case 'answer':
      return fact.values.length ? fact.values.join(', ') : `${fact.from ?? '…'} – ${fact.to ?? '…'}`
    case 'source':
      return fact.sources.join(', ')
  }
}
