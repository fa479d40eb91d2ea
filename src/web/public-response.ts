import type { Response } from 'express'
import { readerHeader } from './reader-key'

/**
 * Lets caches that many people share keep a response that is the same for everyone. It says nothing about who asked
 * first: a browser that opens it would take them, or nobody, for its reader, and forget the lessons that it keeps.
 *
 * @param seconds how long.
 */
export function keepForEveryone(response: Response, seconds: number, more = ''): void {
  response.removeHeader(readerHeader)
  response.set('cache-control', `public, max-age=${seconds}${more}`)
}

/** The same for what has texts of the academy, which is in the language of who asks. */
export function keepForEveryoneInLanguage(response: Response, seconds: number): void {
  keepForEveryone(response, seconds)
  response.vary('accept-language')
}
