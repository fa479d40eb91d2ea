import {
  date,
  defineRecord,
  free,
  nullable,
  number,
  string,
  withDefault,
  type RecordOf,
} from '../platform/record'

/** A message that the demo CRM received. Like a real CRM, it knows only what the academy sends. */
export const CrmMessages = defineRecord(
  'CrmMessage',
  'demo_crm',
  {
    /** The `webhook-id`, so a message that arrives twice is stored once. A rejected one gets its own id. */
    _id: string(),
    receivedAt: date(),
    /** How many times it arrived. */
    times: withDefault(number(), 1),
    /** Error of the `standardwebhooks` library when the signature is invalid; null when it is valid. */
    rejectedBecause: nullable(string()),
    type: withDefault(string(), ''),
    /** Id of the person it is about, as the academy sends it. */
    person: nullable(string()),
    sequence: withDefault(number(), 0),
    /** The body, parsed; null when rejected. */
    body: nullable(free<Record<string, unknown>>()),
  },
  { indexes: [[{ receivedAt: -1, _id: -1 }], [{ person: 1, sequence: -1 }]] },
)
export type CrmMessage = RecordOf<typeof CrmMessages>
