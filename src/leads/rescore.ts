import { minutes } from '../platform/clock'
import { claim, complete } from '../platform/queue'
import { Scores } from '../scoring/score'
import { scoreLead } from './score-lead'

/**
 * Scores the next person whose `dueAt` has come, since time alone may have taken a score below the threshold.
 *
 * @returns false when no one is due.
 */
export async function rescoreNext(): Promise<boolean> {
  const due = await claim(Scores, minutes(1))
  if (!due) return false
  await scoreLead({ person: due._id })
  await complete(Scores, due, { attempts: 0 })
  return true
}
