import { days, hours } from '../../src/platform/clock'
import type { OutcomeName } from '../../src/leads/apply-outcome'

/** What can happen to a lead: by the learner, by sales, by the CRM, by an administrator, and by the clock. */
export type Action =
  | {
      by: 'learner'
      what: 'learns' | 'views pricing' | 'requests contact' | 'pauses' | 'resumes' | 'withdraws' | 'agrees'
    }
  | {
      by: 'sales'
      what: 'accepts' | 'rejects' | 'returns' | 'undoes' | 'reassigns' | 'snoozes' | 'wakes' | 'plans'
      teammate: number
    }
  | { by: 'crm'; what: OutcomeName; deal: string | null; amount: number | null; daysAgo: number }
  | { by: 'admin'; what: 'excludes' | 'includes' }
  | { by: 'clock'; what: 'passes'; milliseconds: number }

export type Random = () => number

/** Returns numbers from 0 to 1 that follow from a seed (mulberry32). */
export function randomOf(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const learning = ['learns', 'learns', 'learns', 'views pricing', 'requests contact'] as const
const choices = ['pauses', 'resumes', 'resumes', 'withdraws', 'agrees', 'agrees'] as const
const responses = [
  'accepts',
  'accepts',
  'rejects',
  'returns',
  'undoes',
  'reassigns',
  'snoozes',
  'snoozes',
  'wakes',
  'plans',
] as const
const outcomes: OutcomeName[] = [
  'lead.accepted',
  'lead.rejected',
  'lead.returned',
  'lead.contacted',
  'opportunity.opened',
  'opportunity.opened',
  'opportunity.won',
  'opportunity.lost',
  'opportunity.reopened',
]

/** Returns a history of 6 to 25 actions. */
export function historyOf(random: Random): Action[] {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!
  const action = (): Action => {
    const kind = random()
    if (kind < 0.3) return { by: 'learner', what: one(learning) }
    if (kind < 0.45) return { by: 'learner', what: one(choices) }
    if (kind < 0.65) return { by: 'sales', what: one(responses), teammate: Math.floor(random() * 2) }
    if (kind < 0.8) {
      const deal = one([null, 'D1', 'D2'])
      const amount = one([null, 1_000_00, 1_840_000])
      return { by: 'crm', what: one(outcomes), deal, amount, daysAgo: one([0, 0, 0, 1, 9]) }
    }
    if (kind < 0.85) return { by: 'admin', what: one(['excludes', 'includes', 'includes'] as const) }
    return {
      by: 'clock',
      what: 'passes',
      milliseconds: one([hours(1), hours(30), days(5), days(20), days(40)]),
    }
  }
  return Array.from({ length: 6 + Math.floor(random() * 20) }, action)
}
