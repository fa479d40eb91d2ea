/** Returns a path of this academy to go to after signing in; null for anything that could lead to another site. */
export function localPath(typed: unknown): string | null {
  if (typeof typed !== 'string' || typed.length > 500 || !/^\/(?![/\\])/.test(typed)) return null
  const here = 'http://here.invalid'
  try {
    const { origin, pathname, search } = new URL(typed, here)
    return origin === here && !pathname.startsWith('//') ? pathname + search : null
  } catch {
    return null
  }
}
