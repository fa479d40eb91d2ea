import { model, Schema } from 'mongoose'

/** A message as the demo's CRM received it: a system of its own, which knows nothing of the academy but what it was sent. */
export type CrmMessage = {
  /** The `webhook-id`: what comes twice is here once. A refused one has an id of its own. */
  _id: string
  receivedAt: Date
  /** How often it came. */
  times: number
  /** Why the signature was not believed, in the words of the `standardwebhooks` library; null when it was. */
  refused: string | null
  type: string
  /** The academy's id of the person it is about. */
  person: string | null
  sequence: number
  /** The body, parsed; null when refused. */
  body: Record<string, unknown> | null
}

const schema = new Schema<CrmMessage>(
  {
    _id: { type: String, required: true },
    receivedAt: { type: Date, required: true },
    times: { type: Number, default: 1 },
    refused: { type: String, default: null },
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
