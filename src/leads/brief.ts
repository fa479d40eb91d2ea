import { isNamed } from '../events/event'
import type { NeedsMap } from '../scoring/needs-map'
import { evidenceOf, evidenceStart, type Claim, type Reason, type Sentence } from '../scoring/evidence'
import type { Ledger } from '../scoring/read-ledger'

/** What a person wrote last, word for word, with a contact request or in a lesson. */
type Words = {
  text: string
  /** The id of the event that has them. */
  event: string
  /** A key below `sales:words.`. */
  key: 'requested' | 'asked'
  at: Date
  /** Title of the course or the lesson; null when the event has none. */
  title: string | null
  /** The number of the claim that it is evidence for; null without one. */
  n: number | null
}

export type Brief = {
  /** Null when they wrote nothing. */
  words: Words | null
  claims: Claim[]
  /** How to open the call; a key below `sales:openWith.`. */
  opening: Reason | null
  /** The slug of a topic to leave for later, because the person is unsure about it. */
  avoidTopic: string | null
}

/**
 * Returns why to call a person now, in the order a colleague would explain it: a contact request, what they learned,
 * attended and asked, their pricing views, their colleagues. Each claim names its events.
 */
export function briefOf(ledger: Ledger, needs: NeedsMap, at: Date): Brief {
  const sentences = evidenceOf(ledger, at)
  const claims = sentences.map(({ claim }, index) => ({ ...claim, n: index + 1 }))
  return {
    words: lastWords(ledger, claims, at),
    claims,
    opening: openingOf(sentences),
    avoidTopic: (sentences.length && needs.unsure[0]?.topic) || null,
  }
}

/** The words of a contact request come before those of a question: they are meant for sales. */
function lastWords(ledger: Ledger, claims: Claim[], at: Date): Words | null {
  const recent = ledger.filter(event => event.at <= at && event.at >= evidenceStart(at)).reverse()
  const questions = [
    ...recent.filter(isNamed('question.asked')),
    ...recent.filter(isNamed('session.question_asked')),
  ].sort((a, b) => b.at.getTime() - a.at.getTime())
  const request = recent.filter(isNamed('contact.requested')).find(hasWords)
  const event = request ?? questions.find(hasWords)
  if (!event) return null
  const { _id, at: writtenAt, data } = event
  return {
    text: data.text.trim(),
    event: _id,
    key: request ? 'requested' : 'asked',
    at: writtenAt,
    title: data.title,
    n: claims.find(({ events }) => events.includes(_id))?.n ?? null,
  }
}

const hasWords = ({ data }: { data: { text: string } }) => data.text.trim() !== ''

/** A contact request or a question is answered before anything else is said. */
const openingOrder = ['requested', 'asked', 'attended', 'course', 'tour', 'pricing', 'lessons']

function openingOf(sentences: Sentence[]): Reason | null {
  const openings = sentences.flatMap(({ opening }) => opening ?? [])
  const priority = ({ key }: Reason) => openingOrder.findIndex(start => key.startsWith(start))
  return openings.sort((a, b) => priority(a) - priority(b))[0] ?? null
}
