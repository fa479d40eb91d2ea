import type { Request } from 'express'
import { config } from '../platform/config'
import type { Handler } from './handler'
import { localPath } from './local-path'

/** How a reader wants pages to look, in a cookie without a session: it changes nothing but the appearance. */
export type Appearance<Choice extends string> = {
  /** Returns what the reader has chosen; undefined for the usual. */
  of: (request: Request) => Choice | undefined
  /** Besides the usual. */
  choices: readonly Choice[]
  /** `GET /name?field=&back=`: keeps the choice for a year and redirects back; any other value is the usual again. */
  update: Handler
}

/**
 * Defines a choice of appearance.
 *
 * @param name of its cookie.
 * @param field of its form.
 * @param choices besides the usual.
 */
function appearance<const Choice extends string>(
  name: string,
  field: string,
  choices: readonly Choice[],
): Appearance<Choice> {
  const inCookies = new RegExp(`(?:^|; )${name}=(${choices.join('|')})(?:;|$)`)
  return {
    choices,
    of: request => inCookies.exec(request.headers.cookie ?? '')?.[1] as Choice | undefined,
    update: ({ query }, response) => {
      const chosen = choices.find(choice => choice === query[field])
      if (chosen) {
        response.cookie(name, chosen, {
          maxAge: 365 * 24 * 3_600_000,
          path: '/',
          sameSite: 'lax',
          secure: config.production,
        })
      } else response.clearCookie(name, { path: '/' })
      response.redirect(303, localPath(query.back) ?? '/')
    },
  }
}

/** Light or dark pages; the usual follows the reader's system. */
export const theme = appearance('theme', 'theme', ['light', 'dark'])

/** Larger text in lessons. */
export const textSize = appearance('text-size', 'size', ['large', 'larger'])
