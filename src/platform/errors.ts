/** A reason not to start that the operator can fix: printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** An error with a response: shown as a page or as JSON with this status, never with a stack trace. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    /** A translation key, such as `web:errors.notFound`. */
    readonly key: string,
    readonly values: Record<string, string | number> = {},
  ) {
    super(key)
  }
}

export const notFound = () => new HttpError(404, 'web:errors.notFound')
export const forbidden = () => new HttpError(403, 'web:errors.forbidden')
/**
 * For a request that contradicts the current state, such as saving a draft that someone else has saved in the meantime.
 */
export const conflict = (key: string, values?: Record<string, string | number>) =>
  new HttpError(409, key, values)
