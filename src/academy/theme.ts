import { config } from '../platform/config'
import type { Handler } from '../web/handler'
import { localPath } from '../web/local-path'

/**
 * Stores the chosen theme in a cookie and redirects back; any value other than light or dark follows the system again.
 * A GET form without a session: the cookie only changes the appearance.
 */
export const update: Handler = (request, response) => {
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
