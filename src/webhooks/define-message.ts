import type { z } from 'zod'
import type { EventName } from '../events/definitions'
import type { Event } from '../events/event'
import type { Person } from '../people/person'

/**
 * The lawful bases of a message (GDPR Art. 6), which decide when it may be sent; see delivery-consent.ts.
 *
 * - `consent`: the person shares what they learn with sales.
 * - `request`: the person asked to be contacted.
 * - `contract`: the person bought something.
 * - `none`: it says nothing about the person except who they are.
 */
export const bases = ['consent', 'request', 'contract', 'none'] as const
export type Basis = (typeof bases)[number]

/**
 * The endpoints that get a message.
 *
 * - `subscribers`: all that subscribe to its type.
 * - `subscribers_that_know`: those of them that already have a message about the person.
 * - `all_that_know`: every endpoint that has a message about the person, whether it subscribes or not, and even after
 *   the person is erased.
 */
type Recipients = 'subscribers' | 'subscribers_that_know' | 'all_that_know'

type Documented<Name extends string, Data extends z.ZodType> = {
  /** `subject.what_happened`, in the past tense. It is the `type` of the JSON. */
  name: Name
  /** In English, for the event catalogue; a translation replaces them, see web/message-type-docs.ts. */
  docs: { title: string; text: string }
  /** The schema of `data` in the JSON. A body that doesn't fit it is never sent. */
  data: Data
  /** The `data` of one message, for the event catalogue. */
  example: z.input<Data>
}

type Built<Data> = Data | null

/** A message type that endpoints subscribe to, built from events of the ledger. */
export type MessageDefinition<
  Name extends string = string,
  Data extends z.ZodType = z.ZodType,
  Source extends EventName = EventName,
> = Documented<Name, Data> & {
  basis: Basis
  recipients: Recipients
  /** True for one that names nobody: an endpoint that gets it doesn't know the person of its event. */
  isAnonymous?: boolean
  /** True when the form for a new endpoint has it ticked. */
  subscribedByDefault: boolean
  /** The events it is built from: each of them becomes one message. */
  from: readonly Source[]
  /** Builds `data` as of now, or null when the event changed nothing for an endpoint. The result is frozen. */
  build(event: Event<Source>, person: Person): Built<z.input<Data>> | Promise<Built<z.input<Data>>>
}

/** A message type that a teammate sends to one endpoint by hand. Nobody subscribes to it. */
type ManualMessageDefinition<Name extends string, Data extends z.ZodType> = Documented<Name, Data> & {
  from: null
}

/** Defines a message type. It exists once it is listed in message-types.ts. */
export function defineMessage<
  const Name extends string,
  Data extends z.ZodType,
  const Source extends EventName,
>(definition: MessageDefinition<Name, Data, Source>): MessageDefinition<Name, Data, Source> {
  return definition
}

/** Defines a message type that is sent by hand. */
export function defineManualMessage<const Name extends string, Data extends z.ZodType>(
  definition: Omit<ManualMessageDefinition<Name, Data>, 'from'>,
): ManualMessageDefinition<Name, Data> {
  return { ...definition, from: null }
}
