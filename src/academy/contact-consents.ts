import type { Request, Response } from 'express'
import type { z } from 'zod'
import type { Purpose } from '../people/consent'
import { giveConsent } from '../people/give-consent'
import type { Person } from '../people/person'
import { resumeSharing } from '../people/resume-sharing'
import { consentsGiven, refuseChanged, shownField } from '../web/consent-texts'
import { checkbox, readForm, type Form } from '../web/form'
import { textsOf } from '../web/texts'

/*
 * Sales can only reply to a person who shares their data, so a form that asks for a reply also asks for the consents
 * that are missing, and their exact text is stored as proof (GDPR, article 7(1)).
 */

const required = ['profiling', 'share_with_sales'] as const satisfies readonly Purpose[]
type ContactConsent = (typeof required)[number]

/** The boxes of these forms, for their schemas. */
export const consentBoxes = { profiling: checkbox, share_with_sales: checkbox }

function missingConsents(person: Person): ContactConsent[] {
  return required.filter(purpose => !person.consents.includes(purpose))
}

/** Returns the fields for the consents that are missing, and the hidden ones that say which texts were shown. */
export function consentFields(response: Response, person: Person) {
  const missing = missingConsents(person)
  return {
    shown: missing.map(purpose => shownField(response, purpose)),
    consents: missing.map(purpose => ({
      name: purpose,
      kind: 'checkbox' as const,
      label: textsOf(response).t(`account:boxes.${purpose}.text`),
    })),
  }
}

/** Reads a form that needs the missing consents. `refused` is the form to show again; undefined when all is well. */
export function readConsentedForm<Schema extends z.ZodType<Record<ContactConsent, unknown>>>(
  schema: Schema,
  request: Request,
  response: Response,
  person: Person,
): { data: z.output<Schema> | null; values: Record<string, unknown>; refused: Form | undefined } {
  const missing = missingConsents(person)
  const { data, form } = readForm(schema, request, response)
  const values = (request.body ?? {}) as Record<string, unknown>
  const errors = { ...form?.errors }
  for (const purpose of missing) {
    const isGiven = data ? data[purpose] : values[purpose]
    if (!isGiven) errors[purpose] = textsOf(response).t(`academy:contactRequest.consentNeeded.${purpose}`)
  }
  const invalid = !data || Object.keys(errors).length ? { values, errors } : undefined
  return { data: data ?? null, values, refused: refuseChanged(invalid, request, response, missing) }
}

/**
 * Stores the consents that were missing and are given now. A person who asks for a call and consents to sharing wants
 * paused sharing to resume.
 */
export async function giveMissingConsents(
  request: Request,
  response: Response,
  person: Person,
): Promise<void> {
  const given = consentsGiven(request.path, response, missingConsents(person))
  for (const input of given) await giveConsent(person._id, input)
  if (person.sharingPausedAt) await resumeSharing(person._id)
}
