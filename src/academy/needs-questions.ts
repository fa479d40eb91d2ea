import type { PathSummary } from './stats'

/** The questions of the needs assessment and their answers; `academy:needsAssessment` has the texts. */
export const questions = [
  { id: 'work', answers: ['learning', 'sales', 'operations', 'privacy'] },
  { id: 'goal', answers: ['teach', 'leads', 'handover', 'consent'] },
  { id: 'now', answers: ['nothing', 'courses', 'academy'] },
  { id: 'time', answers: ['hour', 'afternoon', 'weeks'] },
  { id: 'people', answers: ['me', 'team', 'company'] },
  { id: 'when', answers: ['looking', 'quarter', 'soon'] },
] as const

export type NeedsAnswers = Record<(typeof questions)[number]['id'], string>

/** The topic of courses that serves a goal. */
const topicByGoal: Record<string, string> = {
  teach: 'learning',
  leads: 'sales',
  handover: 'operations',
  consent: 'privacy',
}
/** The longest path that fits the available time, in minutes. */
const maxMinutesByTime: Record<string, number> = { hour: 75, afternoon: 240, weeks: Infinity }

/**
 * Returns the path that scores highest, or undefined when there is none. A path scores up to 3 points for the share of
 * its courses about the goal, up to 2 for the share about the area of work, 1 when it fits the available time, and 1
 * when it starts with a beginner's course for a company that has nothing yet. The shorter path wins a tie.
 */
export function proposePath(paths: PathSummary[], needs: NeedsAnswers): PathSummary | undefined {
  const points = (path: PathSummary) => {
    const share = (topic: string | undefined) =>
      path.courses.filter(course => course.content.topic === topic).length / path.courses.length
    return (
      3 * share(topicByGoal[needs.goal]) +
      2 * share(needs.work) +
      (path.minutes <= (maxMinutesByTime[needs.time] ?? Infinity) ? 1 : 0) +
      (needs.now === 'nothing' && path.courses[0]?.content.level === 'beginner' ? 1 : 0)
    )
  }
  return [...paths].sort((a, b) => points(b) - points(a) || a.minutes - b.minutes)[0]
}
