import type { Request, Response } from 'express'
import type { Person } from '../people/person'

/**
 * One step of a route, in order with the others: it may load something into `response.locals`, throw, or send the response,
 * after which the steps behind it do not run.
 */
export type Handler<Someone = Person | null> = (
  request: Request<Record<string, string>>,
  response: Response,
  person: Someone,
) => unknown
/** A step of a route that only signed-in people reach. */
export type MemberHandler = Handler<Person>
