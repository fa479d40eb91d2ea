import type { PathSummary } from './stats'

/** The questions of the needs assessment with their answers; the words are in the translations under `academy:needsAssessment`. */
export const questions = [
  { id: 'work', answers: ['learning', 'sales', 'operations', 'privacy'] },
  { id: 'goal', answers: ['teach', 'leads', 'handover', 'consent'] },
  { id: 'now', answers: ['nothing', 'courses', 'academy'] },
  { id: 'time', answers: ['hour', 'afternoon', 'weeks'] },
  { id: 'people', answers: ['me', 'team', 'company'] },
  { id: 'when', answers: ['looking', 'quarter', 'soon'] },
] as const

export type NeedsAnswers = Record<(typeof questions)[number]['id'], string>

/** What a goal is about, in the topics of courses. */
const topicOf: Record<string, string> = {
  teach: 'learning',
  leads: 'sales',
  handover: 'operations',
  consent: 'privacy',
}
const minutesFor: Record<string, number> = { hour: 75, afternoon: 240, weeks: Infinity }

/**
 * The path that fits best: 3 points if most of its courses are about the goal, 2 if about the work, 1 if it takes no longer than there is
 * time, 1 for a beginner's course first where nothing is there yet. Equal points: the shorter path.
 */
export function proposePath(paths: PathSummary[], needs: NeedsAnswers): PathSummary | undefined {
  const points = (path: PathSummary) => {
    const share = (topic: string | undefined) =>
      path.courses.filter(course => course.content.topic === topic).length / path.courses.length
    return (
      3 * share(topicOf[needs.goal]) +
      2 * share(needs.work) +
      (path.minutes <= (minutesFor[needs.time] ?? Infinity) ? 1 : 0) +
      (needs.now === 'nothing' && path.courses[0]?.content.level === 'beginner' ? 1 : 0)
    )
  }
  return [...paths].sort((a, b) => points(b) - points(a) || a.minutes - b.minutes)[0]
}
