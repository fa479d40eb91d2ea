import type { Person } from '../people/person'
import type { FitRules, ModelContent } from './model-content'

/** Points for one part of the fit; its name is the translation `sales:fit.<id>`. */
export type FitReason = { id: string; points: number }

type Profile = Pick<Person, 'title' | 'country' | 'company' | 'needsAssessment'>

/**
 * Returns how well a person's profile and company fit, 0 to 100, and the reason for every point. Unknown facts neither
 * add nor subtract points (formula: README.md in this folder).
 */
export function fitOf(person: Profile, rules: FitRules): { points: number; reasons: FitReason[] } {
  const reasons: FitReason[] = []
  const add = (id: string, points: number) => points && reasons.push({ id, points })
  const words = wordsOf(person.title)
  if (words.length) {
    const hasAny = (list: string[]) => list.some(word => words.includes(word))
    const seniority = rules.seniority.find(each => !each.words.length || hasAny(each.words))
    if (seniority) add(seniority.id, seniority.points)
    const area = rules.area.find(each => hasAny(each.words))
    if (area) add(area.id, area.points)
  }
  if (person.company) add('workEmail', rules.workEmail)
  if (person.country && rules.countries.codes.includes(person.country.toUpperCase())) {
    add('country', rules.countries.points)
  }
  const answers = rules.answers.filter(each => person.needsAssessment?.answers[each.question] === each.answer)
  add('needsAssessment', Math.min(rules.answersCap, sumOf(answers)))
  return { points: Math.min(100, sumOf(reasons)), reasons }
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
