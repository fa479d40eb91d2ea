import type { Request } from 'express'
import { config } from '../platform/config'
import type { Handler } from '../web/handler'
import { localPath } from '../web/local-path'

export const textSizes = ['standard', 'large', 'larger'] as const
/** How large the text of lessons is in a browser. */
export type TextSize = (typeof textSizes)[number]

const pattern = new RegExp(`(?:^|; )text-size=(${textSizes.join('|')})(?:;|$)`)

/** Returns the size that the reader has chosen. */
export function textSizeOf(request: Request): TextSize {
  return (pattern.exec(request.headers.cookie ?? '')?.[1] ?? 'standard') as TextSize
}

/**
 * Stores the chosen size in a cookie and redirects back; any other value is the standard size. A GET form without a
 * session: the cookie only changes the appearance.
 */
export const update: Handler = (request, response) => {
  const { size, back } = request.query
  if (size === 'large' || size === 'larger') {
    response.cookie('text-size', size, {
      maxAge: 365 * 24 * 3_600_000,
      path: '/',
      sameSite: 'lax',
      secure: config.production,
    })
  } else response.clearCookie('text-size', { path: '/' })
  response.redirect(303, localPath(back) ?? '/')
}
