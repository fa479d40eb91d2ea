import type { RequestHandler } from 'express'
import { config } from '../platform/config'
import { localPath } from '../web/local-path'

/**
 * Keeps light, dark or what the system decides in a cookie, and goes back. A GET form and no session: the cookie is asked for and
 * changes nothing but looks.
 */
export const update: RequestHandler = (request, response) => {
  const { theme, back } = request.query
  if (theme === 'light' || theme === 'dark') {
    response.cookie('theme', theme, {
      maxAge: 365 * 24 * 3_600_000,
      path: '/',
      sameSite: 'lax',
      secure: config.production,
    })
  } else response.clearCookie('theme', { path: '/' })
  response.redirect(303, localPath(back) ?? '/')
}
