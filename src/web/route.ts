import type { Express, RequestHandler } from 'express'
import { HttpError } from '../platform/errors'
import { requireToken } from './csrf'
import { admit, type MemberGuard, type OpenGuard } from './guard'
import type { Handler, MemberHandler, RouteRequest } from './handler'

type Method = 'get' | 'post' | 'put' | 'delete'

/** One line of a room's `routes.ts`: method, path, guard, and the handlers in order. A guard for members hands the person over. */
export type Route =
  | readonly [method: Method, path: string, guard: OpenGuard, ...handlers: Handler[]]
  | readonly [method: Method, path: string, guard: MemberGuard, ...handlers: MemberHandler[]]

const bodyReaders = new WeakSet<Handler>()

/**
 * Makes a handler of a middleware that reads the body itself, such as an upload: it runs before the CSRF token is checked, since
 * the token is in that body. A body that cannot be read, such as an upload that was cut off, is a 400.
 */
export function bodyReader(middleware: RequestHandler): Handler {
  const read: Handler = (request, response) =>
    new Promise<void>((resolve, reject) => {
      void middleware(request, response, (error?: unknown) => {
        if (!error) resolve()
        else reject(hasStatus(error) ? error : new HttpError(400, 'web:errors.badRequest'))
      })
    })
  bodyReaders.add(read)
  return read
}

/** body-parser and multer say themselves what is wrong; multer passes on busboy's errors as they come. */
function hasStatus(error: unknown): boolean {
  const { status, name } = error as { status?: unknown; name?: unknown }
  return typeof status === 'number' || name === 'MulterError'
}

/** A body that was not read, such as JSON where a form is expected, is an empty form: each field says what is missing. */
const emptyBody: Handler = request => {
  request.body ??= {}
}

/** Adds a room's routes to the app. */
export function mount(app: Express, routes: readonly Route[]): void {
  for (const [method, path, guard, ...handlers] of routes) {
    const changes = method !== 'get' && guard.csrf
    const steps = [
      ...handlers.filter(handler => bodyReaders.has(handler as Handler)),
      emptyBody,
      ...(changes ? [requireToken] : []),
      ...handlers.filter(handler => !bodyReaders.has(handler as Handler)),
    ] as Handler[]
    app[method](path, async (request, response) => {
      const person = admit(guard, request, response)
      if (person === undefined) return
      for (const step of steps) {
        await step(request as RouteRequest, response, person)
        // Express sends a rendered view in the next tick.
        await new Promise<void>(resolve => process.nextTick(resolve))
        if (response.headersSent) return
      }
    })
  }
}
