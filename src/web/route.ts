import type { Express, RequestHandler } from 'express'
import { HttpError } from '../platform/errors'
import { requireToken } from './csrf'

/**
 * Who may use a route: the label is what the test of all routes reads, the handler is what refuses. Guards stand in
 * `guard.ts`; a route without one does not compile.
 */
export type Guard = { who: string; handler: RequestHandler }

type Method = 'get' | 'post' | 'put' | 'delete'

// Each handler says itself which parameters its path has; the list of routes cannot.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Handler = RequestHandler<any>

/** One line of a room's `routes.ts`: method, path, who may, and the handlers in order. */
export type Route = readonly [method: Method, path: string, guard: Guard, ...handlers: Handler[]]

const bodyReaders = new WeakSet<Handler>()

/**
 * Marks a handler that reads the body itself (an upload): the CSRF token is checked after it, since it is in that body. One that cannot
 * be read, such as an upload that broke off, is the sender's fault.
 */
export function bodyReader(handler: RequestHandler): RequestHandler {
  const reading: RequestHandler = (request, response, next) =>
    handler(request, response, (error?: unknown) =>
      next(error && !isAnswerable(error) ? unreadable() : error),
    )
  bodyReaders.add(reading)
  return reading
}

/** Body-parser and multer name most faults themselves; multer hands on busboy's as they come. */
function isAnswerable(error: unknown): boolean {
  const { status, name } = error as { status?: unknown; name?: unknown }
  return typeof status === 'number' || name === 'MulterError'
}

const unreadable = () => new HttpError(400, 'web:errors.badRequest')

/** A body that nobody could read, such as JSON where a form is asked for, is a form with nothing in it: each field says what is missing. */
const readable: RequestHandler = (request, _response, next) => {
  request.body ??= {}
  next()
}

/**
 * Puts a room's routes into the app. Everything that changes something needs the session's CSRF token, except where the
 * guard is one for machines, which sign what they send.
 */
export function mount(app: Express, routes: readonly Route[]): void {
  for (const [method, path, guard, ...handlers] of routes) {
    const changes = method !== 'get' && !guard.who.startsWith('machine')
    const before = handlers.filter(handler => bodyReaders.has(handler))
    const after = handlers.filter(handler => !bodyReaders.has(handler))
    app[method](path, guard.handler, ...before, readable, ...(changes ? [requireToken] : []), ...after)
  }
}
