import { days, later, minutes, now, seconds } from '../platform/clock'
import { complete, doubling, work } from '../platform/queue'
import { Scores } from '../scoring/score'
import { scoreLead } from './score-lead'

const policy = { lease: minutes(1), backoff: doubling(seconds(30), minutes(60)), maxAttempts: 20, atOnce: 4 }

/**
 * The consumer that scores a person again when time alone may have taken their score below the threshold. 20 attempts
 * take 13 hours.
 */
export const rescoreDue = work(Scores, policy, async score => {
  const isScored = await scoreLead({ person: score._id })
  // The new score has its own `dueAt`. Where the stored one stays, it would be due again at once, and for ever.
  if (!isScored) {
    const { _id, dueAt } = score
    await Scores.updateOne({ _id, dueAt }, { $set: { dueAt: later(now(), days(1)) } })
  }
  await complete(Scores, score, { attempts: 0, lastError: null, failedAt: null })
  return null
})
