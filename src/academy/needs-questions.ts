import type { Published } from '../courses/published'
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

/** The course topic that serves each goal. */
const topicByGoal: Record<string, string> = {
  teach: 'learning',
  leads: 'sales',
  handover: 'operations',
  consent: 'privacy',
}
/** How long the available time is, in minutes; "about an hour" may be a little more than one. */
const minutesByTime: Record<string, number> = { hour: 75, afternoon: 240, weeks: Infinity }

export type Proposal = {
  path: PathSummary
  /** The courses of the path that together fit the available time, in order; empty when none fits. */
  now: Published[]
  /** The rest of the path, for later. */
  later: Published[]
}

/**
 * Returns the most suitable path and the part of it that fits the available time, or undefined when there is no path. A
 * path that serves the goal and fits the time as a whole comes first. Then a path scores up to 3 points for the share
 * of its courses about the goal, up to 2 for the share about the area of work, and 1 when it starts with a beginner's
 * course for a company that has nothing yet. The shorter path wins a tie.
 */
export function proposePath(paths: PathSummary[], needs: NeedsAnswers): Proposal | undefined {
  const available = minutesByTime[needs.time] ?? Infinity
  const share = (path: PathSummary, topic: string | undefined) =>
    path.courses.filter(course => course.content.topic === topic).length / path.courses.length
  const points = (path: PathSummary) => {
    const goal = share(path, topicByGoal[needs.goal])
    return (
      (goal > 0 && path.minutes <= available ? 10 : 0) +
      3 * goal +
      2 * share(path, needs.work) +
      (needs.now === 'nothing' && path.courses[0]?.content.level === 'beginner' ? 1 : 0)
    )
  }
  const [path] = [...paths].sort((a, b) => points(b) - points(a) || a.minutes - b.minutes)
  if (!path) return undefined
  const now: Published[] = []
  let left = available
  for (const course of path.courses) {
    if (course.minutes > left) continue
    now.push(course)
    left -= course.minutes
  }
  return { path, now, later: path.courses.filter(course => !now.includes(course)) }
}
