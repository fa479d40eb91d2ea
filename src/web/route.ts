import { Router, urlencoded, type Express, type RequestHandler } from 'express'
import { HttpError } from '../platform/errors'
import { requireSameSite, requireToken } from './csrf'
import { admit, type MemberGuard, type OpenGuard } from './guard'
import type { Handler, MemberHandler, RouteRequest } from './handler'

type Method = 'get' | 'post' | 'put' | 'delete'

/** One line of a room's `routes.ts`. With a `MemberGuard`, the handlers get the signed-in person. */
export type Route =
  | readonly [method: Method, path: string, guard: OpenGuard, ...handlers: Handler[]]
  | readonly [method: Method, path: string, guard: MemberGuard, ...handlers: MemberHandler[]]

/** What a step returns to have a later route answer the request, which it has changed. */
export const passOn = Symbol('pass on')

const bodyReaders = new WeakSet<Handler>()
const formReaders = new WeakSet<Handler>()

/**
 * Wraps a middleware that reads the body, such as an upload. It runs after the guard and before the check of the CSRF
 * token, since the token is in the body. A body that can't be read, such as an interrupted upload, results in a 400.
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

/** Errors of body-parser and multer have their own status; those that multer passes on from busboy don't. */
function hasStatus(error: unknown): boolean {
  const { status, name } = error as { status?: unknown; name?: unknown }
  return typeof status === 'number' || name === 'MulterError'
}

/**
 * Returns the step that reads a form of at most this many kilobytes and fields, for a route that needs more than
 * others.
 */
export function formReader(kilobytes: number, fields = 500): Handler {
  const read = bodyReader(urlencoded({ extended: false, limit: kilobytes * 1024, parameterLimit: fields }))
  formReaders.add(read)
  return read
}

const readForm = formReader(400)

/** Treats an unread body, such as JSON instead of a form, as an empty form, so that each field reports an error. */
const emptyBody: Handler = request => {
  request.body ??= {}
}

/**
 * Adds the routes of a room to the app. A request is tried on those whose path begins as its own does, in their order:
 * there are hundreds, and Express compares them one by one.
 */
export function mount(app: Express, routes: readonly Route[]): void {
  const starts = new Set(routes.map(([, path]) => startOf(path)))
  const routers = new Map(
    [...starts].map(start => [start, routerOf(routes.filter(([, path]) => startOf(path) === start))]),
  )
  app.use((request, response, next) => {
    const router = routers.get(startOf(request.path))
    if (router) router(request, response, next)
    else next()
  })
}

/** Returns the first segment of a path, which no route has as a parameter; routes don't depend on case. */
const startOf = (path: string) => path.split('/', 2)[1]?.toLowerCase()

function routerOf(routes: readonly Route[]): Router {
  const router = Router()
  for (const [method, path, guard, ...handlers] of routes) {
    const changes = method !== 'get' && guard.csrf
    const readers = handlers.filter(handler => bodyReaders.has(handler as Handler))
    const steps = [
      ...(changes ? [requireSameSite] : []),
      ...(method === 'get' || readers.some(reader => formReaders.has(reader as Handler)) ? [] : [readForm]),
      ...readers,
      emptyBody,
      ...(changes ? [requireToken] : []),
      ...handlers.filter(handler => !bodyReaders.has(handler as Handler)),
    ] as Handler[]
    router[method](path, async (request, response, next) => {
      const person = await admit(guard, request, response)
      if (person === undefined) return
      for (const step of steps) {
        if ((await step(request as RouteRequest, response, person)) === passOn) return next()
        // Express sends a rendered view in the next tick.
        await new Promise<void>(resolve => process.nextTick(resolve))
        if (response.headersSent) return
      }
    })
  }
  return router
}
