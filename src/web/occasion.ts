import { createHash, randomBytes } from 'node:crypto'
import type { Request } from 'express'
import { Types } from 'mongoose'
import { now } from '../platform/clock'
import type { Person } from '../people/person'

/*
 * A form that creates something carries an occasion: a random value that is rendered with it. What the form creates has
 * an id that follows from the occasion and from what was typed, so pressing the button twice creates one thing, and the
 * second press leads to the same page as the first.
 */

const pattern = /^[\w-]{22}$/

/** Returns the occasion for a form: the one that was sent with it when it is shown again with errors, or a new one. */
export function occasionFor(sent: unknown): string {
  return isOccasion(sent) ? sent : randomBytes(16).toString('base64url')
}

/**
 * Returns the occasion that was sent with a form. A form without a valid one didn't come from us; its occasion is the
 * day, so the same words count once a day.
 */
export function occasionOf(request: Pick<Request, 'body'>): string {
  const { occasion } = (request.body ?? {}) as { occasion?: unknown }
  return isOccasion(occasion) ? occasion : now().toISOString().slice(0, 10)
}

/**
 * Identifies what a person has sent: 64 hex digits that are the same for the same words from the same form. Other words
 * from it, such as after a step back in the browser, are another submission.
 */
export function submissionOf(request: Pick<Request, 'path' | 'body'>, { _id }: Person): string {
  const { _csrf, ...typed } = (request.body ?? {}) as Record<string, unknown>
  const parts = [_id, request.path, occasionOf(request), typed]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

/** The same for an action that may be repeated on purpose: null for a form without an occasion, which always counts. */
export function pressOf(request: Request, person: Person): string | null {
  return isOccasion((request.body as { occasion?: unknown }).occasion) ? submissionOf(request, person) : null
}

/** Returns the id of the record that a submission creates. */
export function recordIdOf(submission: string): Types.ObjectId {
  return new Types.ObjectId(submission.slice(0, 24))
}

function isOccasion(value: unknown): value is string {
  return typeof value === 'string' && pattern.test(value)
}
