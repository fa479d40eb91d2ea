import { minutes } from '../platform/clock'
import { claim, complete } from '../platform/queue'
import { Scores } from '../scoring/score'
import { scoreLead } from './score-lead'

/** Scores one person again whose time has come: silence may have taken them below the exit. True when there was one. */
export async function rescoreNext(): Promise<boolean> {
  const due = await claim(Scores, minutes(1))
  if (!due) return false
  await scoreLead({ person: due._id })
  await complete(Scores, due, { attempts: 0 })
  return true
}
