import { definitionOf } from '../events/definitions'
import type { Event } from '../events/event'

/** Describes an event in a sentence without a full stop, as a CRM shows it; its name when it has no description. */
export function describeEvent({ name, data }: Pick<Event, 'name' | 'data'>): string {
  return definitionOf(name).description?.(data) ?? name
}
