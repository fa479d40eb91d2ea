import { config } from '../platform/config'
import { queueLetter } from '../mail/queue-email'
import { hashOfToken } from '../people/link'
import type { Person } from '../people/person'
import { renderLetter } from '../web/render-email'

/** The letters that somebody asks for at the door, each with its own link. */

export async function writeSignIn(person: Pick<Person, '_id' | 'email'>, token: string): Promise<void> {
  await write('signIn', { to: person.email, person: person._id, token })
}

export async function writeAlreadyJoined(person: Person, token: string): Promise<void> {
  await write('alreadyJoined', { to: person.email, person: person._id, token, name: person.name })
}

export async function writeJoin(to: string, name: string, token: string): Promise<void> {
  await write('join', { to, person: null, token, name })
}

/** For an address without an account; `token` only tells this letter from the next one. */
export async function writeNoAccount(to: string, token: string): Promise<void> {
  await write('noAccount', { to, person: null, token })
}

async function write(
  name: string,
  {
    to,
    person,
    token,
    ...values
  }: { to: string; person: Person['_id'] | null; token: string; name?: string },
): Promise<void> {
  const href = `${config.baseUrl}/links/${token}`
  await queueLetter({
    _id: `${name}:${hashOfToken(token).slice(0, 24)}`,
    person,
    to,
    kind: 'service',
    ...renderLetter(name, { href, ...values }),
  })
}
