import { isSealOf, sealOf } from '../platform/record-seal'
import type { Event } from './event'

type Sealed = Pick<Event, '_id' | 'name' | 'at' | 'recordedAt' | 'person' | 'course' | 'data'>

/** Returns the seal of an event, which nobody can make without the application's key; see `hasItsSeal`. */
export function eventSeal(event: Sealed): string {
  return sealOf('event', sealedValues(event))
}

/** Returns false for an event that was changed, or inserted, without the application. */
export function hasItsSeal(event: Sealed & Pick<Event, 'seal'>): boolean {
  return isSealOf('event', sealedValues(event), event.seal)
}

function sealedValues({ _id, name, at, recordedAt, person, course, data }: Sealed) {
  return { _id, name, at, recordedAt, person, course, data }
}
