import type { NeedsMap } from '../scoring/needs-map'
import { evidenceOf, type Claim, type Sentence } from '../scoring/evidence'
import type { Ledger } from '../scoring/read-ledger'
import type { Reason } from '../scoring/score'

export type Brief = {
  claims: Claim[]
  /** How to open the call; a key below `sales:openWith.`. */
  opening: Reason | null
  /** The slug of a topic to leave for later, because the person is unsure about it. */
  avoidTopic: string | null
}

/**
 * Returns why to call a person now, in the order in which a colleague would tell it: a contact request, what they
 * learned, what they asked, their pricing views, their colleagues. Each claim names its events.
 */
export function briefOf(ledger: Ledger, needs: NeedsMap, at: Date): Brief {
  const sentences = evidenceOf(ledger, at)
  return {
    claims: sentences.map(({ claim }, index) => ({ ...claim, n: index + 1 })),
    opening: openingOf(sentences),
    avoidTopic: (sentences.length && needs.unsure[0]?.topic) || null,
  }
}

/** A contact request or a question is answered before anything else is said. */
const openingOrder = ['requested', 'asked', 'course', 'pricing', 'lessons']

function openingOf(sentences: Sentence[]): Reason | null {
  const openings = sentences.flatMap(({ opening }) => opening ?? [])
  const priority = ({ key }: Reason) => openingOrder.findIndex(start => key.startsWith(start))
  return openings.sort((a, b) => priority(a) - priority(b))[0] ?? null
}
