import type { Types } from 'mongoose'
import type { Event } from '../events/event'
import { scorePerson } from '../scoring/score-person'
import { activeModel } from '../scoring/model'
import { Leads } from './lead'
import { salesInterestIn } from './lead-state'
import { projectLead } from './project-lead'

/**
 * Reaction to everything that affects a score or a consent: scores the person, and updates the lead if there is one.
 *
 * @returns false when nothing was computed that is shown, or a newer score is stored.
 */
export async function scoreLead({ person }: Pick<Event, 'person'>): Promise<boolean> {
  return showScored(person, await scorePerson(person, salesInterestIn))
}

/** Does the same from the whole ledger, whatever is stored of it. */
export async function scoreLeadAnew(person: Types.ObjectId): Promise<void> {
  await showScored(person, await scorePerson(person, salesInterestIn, true))
}

async function showScored(
  person: Types.ObjectId,
  figures: Awaited<ReturnType<typeof scorePerson>>,
): Promise<boolean> {
  const isShown = figures === 'erased' || (figures && (await Leads.load(person)))
  if (isShown) await projectLead({ person })
  return figures !== null
}

/** Reaction to an event that changes a score only when the active model has a rule for it, as not every one has. */
export async function scoreIfCounted({ person, name }: Pick<Event, 'person' | 'name'>): Promise<void> {
  const { content } = await activeModel()
  if (content.rules.some(({ events }) => events.some(each => each === name))) await scoreLead({ person })
}
