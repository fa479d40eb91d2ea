import { minutes } from '../platform/clock'
import { claim, settle } from '../platform/queue'
import { Scores } from '../scoring/score'
import { scorePerson } from '../scoring/score-person'

/** Scores one person again whose time has come: silence may have taken them below the exit. True when there was one. */
export async function recheckNext(): Promise<boolean> {
  const due = await claim(Scores, minutes(1))
  if (!due) return false
  await scorePerson(due._id)
  await settle(Scores, due, { attempts: 0 })
  return true
}
