import { wordsToFind } from '../platform/fold'
import { shownEmail } from './email-address'
import type { Person } from './person'

/** Returns the words to find a person by: name, company and email address, whose domain may be in letters or ASCII. */
export function searchWords({ name, email, company }: Pick<Person, 'name' | 'email' | 'company'>): string[] {
  return wordsToFind(name, company?.name ?? '', shownEmail(email), email)
}
