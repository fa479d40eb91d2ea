import type { Request, Response } from 'express'
import type { Person } from '../people/person'

/** The parameters that paths of this application have; each is text without a slash. */
type ParameterName =
  | 'delivery'
  | 'endpoint'
  | 'hash'
  | 'id'
  | 'lesson'
  | 'module'
  | 'name'
  | 'number'
  | 'person'
  | 'purpose'
  | 'queue'
  | 'slug'
  | 'token'

/** A request of a route. `request.params` has what the route's path names. */
export type RouteRequest = Request<Record<ParameterName, string>>

/**
 * One step of a route, in order with the others: it may load something into `response.locals`, throw, or send the response,
 * after which the steps behind it do not run.
 */
export type Handler<Someone = Person | null> = (
  request: RouteRequest,
  response: Response,
  person: Someone,
) => unknown
/** A step of a route that only signed-in people reach. */
export type MemberHandler = Handler<Person>
