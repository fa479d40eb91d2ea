import { z } from 'zod'
import type { Person } from '../people/person'

/** The value of a field that CRMs require and we don't have; `not_provided` lists those fields. */
const notProvided = '[not provided]'

const text = z.string().nullable()

/** The two fields that a system uses to find its record of a person. */
export const personReference = {
  external_id: z.string().describe('Our id for the person; send it back when you report an outcome'),
  dedupe_key: z.string().describe('The email address, trimmed and in lower case'),
}

export const personSchema = z.object({
  external_id: personReference.external_id,
  email: z.email(),
  first_name: text,
  last_name: z.string().describe(`"${notProvided}" when unknown, since CRMs reject a lead without one`),
  title: text,
  company: z.string().describe(`"${notProvided}" when unknown`),
  domain: text.describe('The registrable domain of the email address; null for free email providers'),
  country: text,
  not_provided: z.array(z.enum(['last_name', 'company'])),
})

type PersonData = z.input<typeof personSchema>

/** The person in all examples. */
export const personExample: PersonData = {
  external_id: '6921f0c2a4b1d3e5f7a90b12',
  email: 'amara@northwind-pumps.example',
  first_name: 'Amara',
  last_name: 'Okonkwo',
  title: 'Head of Enablement',
  company: 'Northwind Pumps',
  domain: 'northwind-pumps.example',
  country: 'GB',
  not_provided: [],
}

/** Takes the last word of a name as the family name. A single word is a first name, since we can't tell. */
export function personData(person: Person): PersonData {
  const words = person.name.trim().split(/\s+/)
  const lastName = words.length > 1 ? words.at(-1)! : null
  const company = person.company?.name ?? null
  return {
    external_id: String(person._id),
    email: person.email,
    first_name: (lastName ? words.slice(0, -1) : words).join(' '),
    last_name: lastName ?? notProvided,
    title: person.title,
    company: company ?? notProvided,
    domain: person.company?.domain ?? null,
    country: person.country,
    not_provided: [...(lastName ? [] : ['last_name' as const]), ...(company ? [] : ['company' as const])],
  }
}
