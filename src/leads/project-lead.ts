import { now } from '../platform/clock'
import type { Event } from '../events/event'
import { People } from '../people/person'
import { listReasonsOf } from '../scoring/evidence'
import { placeByChance } from '../scoring/hold-out'
import { activeModel } from '../scoring/model'
import { readKnownLedger } from '../scoring/read-so-far'
import { saveIfNewer } from '../scoring/save-if-newer'
import { Scores } from '../scoring/score'
import { searchWords } from '../people/search-words'
import { Leads, type Lead } from './lead'
import { facetsOf, lastActivityIn, sortKeysOf } from './lead-facets'
import { leadState, type LeadState } from './lead-state'

/**
 * Computes the lead record of a person from the ledger and saves it. It is the reaction to every event that changes a
 * lead, and the last step of every function that records one. Without a hand-off there is no lead, and nothing happens.
 *
 * @returns what follows from the ledger; null without a lead.
 */
export async function projectLead(event: Pick<Event, 'person'>): Promise<LeadState | null> {
  const id = event.person
  const model = await activeModel()
  const { events, evidence, version, facts } = await readKnownLedger(id, model, now())
  const state = leadState(events)
  if (!state) return null
  const [person, score] = await Promise.all([People.load(id), Scores.load(id)])
  if (!person) return null
  const isVisible = state.shared && !person.erasedAt
  const summary = isVisible ? listReasonsOf(evidence) : null
  const fields: Partial<Lead> & { ledgerVersion: number } = {
    ...state,
    shared: isVisible,
    ledgerVersion: version,
    reasons: summary?.headline ?? [],
    highlights: summary?.highlights ?? [],
    search: isVisible ? searchWords(person) : [],
    lastActivityAt: lastActivityIn(facts),
    ...(person.brand && { brand: person.brand }),
  }
  if (score?.grade) {
    const points = score.engagement ?? 0
    const isHeldOut = state.holdOut?.group === 'chance'
    fields.score = isHeldOut ? placeByChance(id, model.content) : points
    fields.shownScore = isHeldOut ? points : null
    fields.fit = score.fit ?? 0
    fields.grade = score.grade
  }
  const owner = isVisible && state.owner ? await People.load(state.owner) : null
  Object.assign(fields, sortKeysOf(isVisible ? { person, owner } : null))
  fields.facets = isVisible ? await facetsOf({ ...state, grade: fields.grade }, person, facts, events) : []
  await saveIfNewer(Leads, id, fields)
  return state
}

/** Reaction to `person.erased`: no lead is sorted by the name of a teammate who deleted their account. */
export async function clearOwnerName({ person }: Pick<Event<'person.erased'>, 'person'>): Promise<void> {
  await Leads.updateMany({ owner: person }, { $set: { sortOwner: '' } })
}
