import type { Person } from '../people/person'
import { sourceOf } from '../people/source'
import type { Fact, FitRule, FitSet, ModelContent } from './model-content'

/** Points for one part of the fit. */
export type FitReason = Pick<FitRule, 'id' | 'name'> & { fact: Fact['fact']; points: number }

type Profile = Pick<Person, 'title' | 'country' | 'company' | 'emailKind' | 'needsAssessment' | 'firstTouch'>

/** A person's answers to the academy's questions about learners, by the id of the question. */
export type ProfileFacts = Readonly<Record<string, string>>

/**
 * Returns how well a person's profile and company fit, 0 to 100, and the reason for every point. Unknown facts neither
 * add nor subtract points. A set that exceeds its cap is reduced by one factor for all its rules (formula: README.md in
 * this folder).
 */
export function fitOf(
  person: Profile,
  sets: readonly FitSet[],
  answers: ProfileFacts = {},
): { points: number; reasons: FitReason[] } {
  const known = { person, answers, titleWords: wordsOf(person.title) }
  const reasons = sets.flatMap(set => {
    const holding = set.rules.filter(({ when }) => holds(when, known))
    const counted = set.take === 'first' ? holding.slice(0, 1) : holding
    const sum = Math.abs(sumOf(counted))
    const factor = sum > set.cap ? set.cap / sum : 1
    return counted.map(({ id, name, when, points }) => ({
      id,
      ...(name && { name }),
      fact: when.fact,
      points: points * factor,
    }))
  })
  const shown = reasons.filter(({ points }) => points !== 0)
  return { points: Math.max(0, Math.min(100, sumOf(shown))), reasons: shown }
}

type Known = { person: Profile; answers: ProfileFacts; titleWords: string[] }

function holds(fact: Fact, { person, answers, titleWords }: Known): boolean {
  switch (fact.fact) {
    case 'title':
      return fact.words.length ? fact.words.some(word => titleWords.includes(word)) : titleWords.length > 0
    case 'country':
      return person.country !== null && fact.codes.includes(person.country.toUpperCase())
    case 'company':
      return person.company !== null && (!fact.domains.length || fact.domains.includes(person.company.domain))
    case 'email':
      return fact.kinds.includes(person.emailKind)
    case 'need':
      return fact.answers.includes(person.needsAssessment?.answers[fact.question] ?? '')
    case 'answer':
      return isAnswer(fact, answers[fact.question])
    case 'source':
      return person.firstTouch !== null && fact.sources.includes(sourceOf(person.firstTouch))
  }
}

function isAnswer(
  { values, from, to }: Extract<Fact, { fact: 'answer' }>,
  answer: string | undefined,
): boolean {
  if (!answer) return false
  if (values.length) return values.includes(answer)
  const value = Number(answer)
  return Number.isFinite(value) && (from === null || value >= from) && (to === null || value <= to)
}

/** Returns the questions about learners whose answers a model needs. */
export function questionsAskedBy({ fit }: Pick<ModelContent, 'fit'>): string[] {
  return fit.flatMap(({ rules }) =>
    rules.flatMap(({ when }) => (when.fact === 'answer' ? [when.question] : [])),
  )
}

/** Returns the grade, such as `A1`: A, B or C by fit, then 1, 2 or 3 by engagement. */
export function gradeOf(fit: number, engagement: number, { bands }: Pick<ModelContent, 'bands'>): string {
  const letter = fit >= bands.a ? 'A' : fit >= bands.b ? 'B' : 'C'
  return letter + (engagement >= bands.one ? 1 : engagement >= bands.two ? 2 : 3)
}

/** Returns the words of some text in lower case; `&` belongs to a word, as in `L&D`. */
export function wordsOf(text: string | null): string[] {
  return (text ?? '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}&]+/u)
    .filter(Boolean)
}

function sumOf(parts: readonly { points: number }[]): number {
  return parts.reduce((sum, { points }) => sum + points, 0)
}
