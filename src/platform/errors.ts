/** A rule that was not kept by whoever asks: shown to them as a page or as JSON with this status, never as a stack. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    /** A key of the translations, such as `web:errors.notFound`. */
    readonly key: string,
    readonly values: Record<string, string | number> = {},
  ) {
    super(key)
  }
}

export const notFound = () => new HttpError(404, 'web:errors.notFound')
export const forbidden = () => new HttpError(403, 'web:errors.forbidden')
/** What was asked contradicts what is already so, such as a draft that somebody else has saved meanwhile. */
export const conflict = (key: string, values?: Record<string, string | number>) =>
  new HttpError(409, key, values)

/** True for MongoDB's E11000, the answer to writing a unique key twice. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 11000
}
