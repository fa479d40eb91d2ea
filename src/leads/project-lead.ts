import { now } from '../platform/clock'
import { Events, type Event } from '../events/event'
import { People, type Person } from '../people/person'
import { headlineOf } from '../scoring/evidence'
import { Leads, type Lead } from './lead'
import { leadState } from './lead-state'
import { ledgerVersionOf, readLedger } from '../scoring/read-ledger'
import { saveIfNewer } from '../scoring/save-if-newer'
import { Scores, type Score } from '../scoring/score'
import { searchWords } from '../scoring/search-words'

/** Reaction to all that changes a lead, and the second half of every verb that does: computes its record from the ledger. */
export async function projectLead(event: Pick<Event, 'person'>): Promise<void> {
  const id = event.person
  const isLead = await Events.exists({ person: id, name: 'lead.qualified' })
  if (!isLead) return
  const ledger = await readLedger(id)
  const state = leadState(ledger)
  const [person, score] = await Promise.all([
    People.findById(id).lean<Person>(),
    Scores.findById(id).lean<Score>(),
  ])
  if (!state || !person) return
  const visible = state.shared && !person.erasedAt
  const fields: Partial<Lead> & { ledgerVersion: number } = {
    ...state,
    shared: visible,
    ledgerVersion: ledgerVersionOf(ledger),
    reasons: visible ? headlineOf(ledger, now()) : [],
    search: visible ? searchWords(person) : [],
  }
  if (score?.grade) {
    Object.assign(fields, { score: score.engagement, fit: score.fit, grade: score.grade })
  }
  await saveIfNewer(Leads, id, fields)
}
