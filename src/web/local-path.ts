import { isSecretPath } from '../platform/secret-routes'

/** The longest path that is carried along. A longer one would make a redirect that proxies and browsers refuse. */
const maxLength = 500

/**
 * Returns a path of this academy to go to after signing in; null for anything that could lead to another site, and for
 * a link with a token, which would be stored.
 */
export function localPath(typed: unknown): string | null {
  if (typeof typed !== 'string' || typed.length > maxLength || !/^\/(?![/\\])/.test(typed)) return null
  const here = 'http://here.invalid'
  try {
    const { origin, pathname, search } = new URL(typed, here)
    if (origin !== here || pathname.startsWith('//') || isSecretPath(pathname)) return null
    return pathname + search
  } catch {
    return null
  }
}

/** Returns the path of the sign-in page, which leads back to a path of this academy where possible. */
export function signInPath(back: string): string {
  const next = localPath(back)
  return next ? `/sign-in?next=${encodeURIComponent(next)}` : '/sign-in'
}
