import type { NeedsMap } from '../scoring/needs-map'
import { evidenceOf, type Claim, type Sentence } from '../scoring/evidence'
import type { Ledger } from '../scoring/read-ledger'
import type { Reason } from '../scoring/score'

export type Brief = {
  claims: Claim[]
  /** What to say first, below `sales:openWith.`. */
  opening: Reason | null
  /** What to leave for later, below `sales:openWith.`. */
  avoid: Reason | null
}

/**
 * Why somebody should be called now, in the order in which a colleague would say it: a contact request, what they learned, what
 * they asked, that they read the prices, who else of their company is here. Each sentence names its events.
 */
export function briefOf(ledger: Ledger, needs: NeedsMap, at: Date): Brief {
  const found = evidenceOf(ledger, at)
  const unsure = needs.unsure[0]
  return {
    claims: found.map(({ claim }, index) => ({ ...claim, n: index + 1 })),
    opening: firstToSay(found),
    avoid: found.length && unsure ? { key: 'leave', values: { topic: unsure.topic } } : null,
  }
}

// Somebody who asked is answered before anything else is said.
const sayOrder = ['requested', 'asked', 'course', 'pricing', 'lessons']

function firstToSay(found: Sentence[]): Reason | null {
  const sayings = found.flatMap(({ opening }) => opening ?? [])
  const place = ({ key }: Reason) => sayOrder.findIndex(start => key.startsWith(start))
  return sayings.sort((a, b) => place(a) - place(b))[0] ?? null
}
