import { model, Schema } from 'mongoose'

/** A message that the demo CRM received. Like a real CRM, it knows only what the academy sends. */
export type CrmMessage = {
  /** The `webhook-id`, so a message that arrives twice is stored once. A rejected one gets an id of its own. */
  _id: string
  receivedAt: Date
  /** How often it arrived. */
  times: number
  /** Error of the `standardwebhooks` library when the signature is invalid; null when it is valid. */
  rejectedBecause: string | null
  type: string
  /** Id of the person it is about, as the academy sends it. */
  person: string | null
  sequence: number
  /** The body, parsed; null when rejected. */
  body: Record<string, unknown> | null
}

const schema = new Schema<CrmMessage>(
  {
    _id: { type: String, required: true },
    receivedAt: { type: Date, required: true },
    times: { type: Number, default: 1 },
    rejectedBecause: { type: String, default: null },
    type: { type: String, default: '' },
    person: { type: String, default: null },
    sequence: { type: Number, default: 0 },
    body: { type: Schema.Types.Mixed, default: null },
  },
  { versionKey: false },
)
schema.index({ receivedAt: -1, _id: -1 })
schema.index({ person: 1, sequence: -1 })

export const CrmMessages = model<CrmMessage>('CrmMessage', schema, 'demo_crm')
