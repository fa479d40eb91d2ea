import type { Types } from 'mongoose'
import { Events } from '../events/event'
import { accountOf, type Account } from '../leads/account'
import { People } from '../people/person'
import { seconds } from '../platform/clock'
import { retained } from '../platform/retained'
import { readCircumstances, type Circumstances } from '../scoring/circumstances'
import { readLedger, withoutUnsharedColleagues, type Ledger } from '../scoring/read-ledger'
import { readContact, type Contact } from './lead-contact'

/** What a person's page is computed from besides their record and their lead: all of it is about them. */
export type LeadFacts = {
  /** The moment that it is read for; what came later is left out. */
  at: Date
  ledger: Ledger
  circumstances: Circumstances
  account: Account | null
  contact: Omit<Contact, 'brand'>
}

/** How long facts of now are kept when nothing is written: some of them begin or end at a moment. */
const momentLength = seconds(10)

type Wanted = { person: Types.ObjectId; at: Date; isPast: boolean }

/**
 * Reads the facts about a person as of a moment. They are kept for the moments right after it, until one of the records
 * that they come from is written.
 */
export const readLeadFacts: (wanted: Wanted) => Promise<LeadFacts> = retained(
  async ({ person: id, at, isPast }, dependOn) => {
    dependOn(People, '_id', id)
    dependOn(Events, 'person', id)
    const person = (await People.loadKept(id))!
    const [ledger, circumstances, account, contact] = await Promise.all([
      readLedger(id).then(read => withoutUnsharedColleagues(read, dependOn)),
      readCircumstances(person, dependOn),
      accountOf(person, at, dependOn),
      readContact(person, at, isPast, dependOn),
    ])
    return { at, ledger, circumstances, account, contact }
  },
  {
    max: 50,
    nameOf: ({ person, at, isPast }) =>
      `${person} ${isPast ? at.getTime() : Math.floor(at.getTime() / momentLength)}`,
  },
)
