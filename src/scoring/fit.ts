import type { Person } from '../people/person'
import type { FitRules, ModelContent } from './model'

/** One line of why somebody fits: the translation `sales:fit.<id>`, and its points. */
export type FitReason = { id: string; points: number }

type Profile = Pick<Person, 'title' | 'country' | 'company' | 'needsAssessment'>

/** Fit of a person by profile and company, 0 to 100, with the reason of each point. What is unknown adds nothing and takes nothing off. */
export function fitOf(person: Profile, rules: FitRules): { points: number; reasons: FitReason[] } {
  const reasons: FitReason[] = []
  const add = (id: string, points: number) => points && reasons.push({ id, points })
  const words = wordsOf(person.title)
  if (words.length) {
    const has = (list: string[]) => list.some(word => words.includes(word))
    const seniority = rules.seniority.find(each => !each.words.length || has(each.words))
    if (seniority) add(seniority.id, seniority.points)
    const area = rules.area.find(each => has(each.words))
    if (area) add(area.id, area.points)
  }
  if (person.company) add('workEmail', rules.workEmail)
  if (person.country && rules.countries.codes.includes(person.country.toUpperCase())) {
    add('country', rules.countries.points)
  }
  const answers = rules.answers.filter(each => person.needsAssessment?.answers[each.question] === each.answer)
  add(
    'needsAssessment',
    Math.min(
      rules.answersCap,
      answers.reduce((sum, each) => sum + each.points, 0),
    ),
  )
  return {
    points: Math.min(
      100,
      reasons.reduce((sum, each) => sum + each.points, 0),
    ),
    reasons,
  }
}

/** The grade of the grid: A, B or C by fit, 1, 2 or 3 by engagement, such as `A1`. */
export function gradeOf(fit: number, engagement: number, { bands }: Pick<ModelContent, 'bands'>): string {
  const letter = fit >= bands.a ? 'A' : fit >= bands.b ? 'B' : 'C'
  return letter + (engagement >= bands.one ? 1 : engagement >= bands.two ? 2 : 3)
}

export function wordsOf(text: string | null): string[] {
  return (text ?? '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}&]+/u)
    .filter(Boolean)
}
