import type { Request, Response } from 'express'
import type { Person } from '../people/person'

/** The path parameters of all routes; their values never contain a slash. */
type ParameterName =
  | 'delivery'
  | 'endpoint'
  | 'entry'
  | 'hash'
  | 'id'
  | 'lesson'
  | 'list'
  | 'module'
  | 'name'
  | 'number'
  | 'outcome'
  | 'person'
  | 'purpose'
  | 'queue'
  | 'slug'
  | 'token'
  | 'upload'

/** A request that matched a route; `request.params` has the parameters of its path. */
export type RouteRequest = Request<Record<ParameterName, string>>

/**
 * One step of a route. It may load something into `response.locals`, throw, or send the response, after which the
 * remaining steps don't run.
 */
export type Handler<Someone = Person | null> = (
  request: RouteRequest,
  response: Response,
  person: Someone,
) => unknown
/** A step of a route for signed-in people. */
export type MemberHandler = Handler<Person>
