import { config } from '../platform/config'
import { queueEmail } from '../mail/queue-email'
import { firstNameOf } from '../people/first-name'
import { hashOfToken } from '../people/link'
import type { Person } from '../people/person'
import { renderEmail } from '../web/render-email'

/** The letters that somebody asks for at the door, each with its own link. */

export async function sendSignInEmail(person: Pick<Person, '_id' | 'email'>, token: string): Promise<void> {
  await send('signIn', { to: person.email, person: person._id, token })
}

export async function sendAlreadySignedUpEmail(person: Person, token: string): Promise<void> {
  await send('alreadySignedUp', {
    to: person.email,
    person: person._id,
    token,
    name: firstNameOf(person.name),
  })
}

export async function sendSignUpEmail(to: string, name: string, token: string): Promise<void> {
  await send('signUp', { to, person: null, token, name: firstNameOf(name) })
}

/** For an address without an account; `token` only tells this letter from the next one. */
export async function sendNoAccountEmail(to: string, token: string): Promise<void> {
  await send('noAccount', { to, person: null, token })
}

async function send(
  name: string,
  {
    to,
    person,
    token,
    ...values
  }: { to: string; person: Person['_id'] | null; token: string; name?: string },
): Promise<void> {
  const href = `${config.baseUrl}/links/${token}`
  await queueEmail({
    _id: `${name}:${hashOfToken(token).slice(0, 24)}`,
    person,
    to,
    kind: 'service',
    ...renderEmail(name, { href, ...values }),
  })
}
