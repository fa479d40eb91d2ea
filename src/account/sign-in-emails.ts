import type { ShownBrand } from '../brand/brand'
import { secretRoutes, secretUrl } from '../platform/secret-routes'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { hashOfToken } from '../people/link'
import type { Person } from '../people/person'
import { renderEmail } from '../web/render-email'

/**
 * Emails that a person requests at sign-up or sign-in, each with its own link, at the brand of
 * the page where they are. Every other email is in emails.ts.
 */

export async function sendSignInEmail(
  person: Pick<Person, '_id' | 'email'>,
  token: string,
  brand: ShownBrand,
): Promise<void> {
  await send('signIn', { to: person.email, person: person._id, token, brand })
}

export async function sendAlreadySignedUpEmail(
  person: Person,
  token: string,
  brand: ShownBrand,
): Promise<void> {
  await send('alreadySignedUp', {
    to: person.email,
    person: person._id,
    token,
    brand,
    name: firstNameOf(person.name),
  })
}

/** Greets nobody by name: until the address is confirmed, the person who filled in the form may not be its owner. */
export async function sendSignUpEmail(to: string, token: string, brand: ShownBrand): Promise<void> {
  await send('signUp', { to, person: null, token, brand })
}

/** For an address without an account. The token opens nothing; it only distinguishes this email from the next one. */
export async function sendNoAccountEmail(to: string, token: string, brand: ShownBrand): Promise<void> {
  await send('noAccount', { to, person: null, token, brand })
}

type SignInEmail = {
  to: string
  person: Person['_id'] | null
  token: string
  brand: ShownBrand
  name?: string
}

async function send(view: string, { to, person, token, brand, ...values }: SignInEmail): Promise<void> {
  const href = secretUrl(brand.baseUrl, secretRoutes.link, token)
  await queueEmail({
    _id: `${view}:${hashOfToken(token).slice(0, 24)}`,
    person,
    to,
    kind: 'service',
    ...renderEmail(view, { href, ...values }, brand),
  })
}
