import { createHmac } from 'node:crypto'
import { config } from '../platform/config'
import { outcomeNames } from '../leads/apply-outcome'
import { subscribable } from '../webhooks/message-types'
import { Endpoints, storedSecret, type Endpoint } from '../webhooks/endpoint'
import { Types } from 'mongoose'
import { now } from '../platform/clock'

const _id = new Types.ObjectId('64656d6f2d63726d2d2d2d2d')

/**
 * Returns the signing secret of the demo CRM. It is derived from the academy's key, so it is the same at every start.
 */
export function crmSecret(): string {
  return `whsec_${createHmac('sha256', config.encryptionKey).update('the CRM of the demo').digest('base64')}`
}

/** Returns the origin at which this machine reaches the process, whatever the public hostname is. */
export function crmOrigin(): string {
  const { hostname, port, origin } = new URL(config.baseUrl)
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  return isLocal ? origin : `http://127.0.0.1:${port || config.port}`
}

/** Subscribes the demo CRM to every message type, or updates its URL. Called at every start of the demo. */
export async function installDemoEndpoint(origin = crmOrigin()): Promise<Endpoint> {
  const url = `${origin}/demo/crm/hooks`
  await Endpoints.updateOne(
    { _id },
    {
      $set: { url, removedAt: null },
      $setOnInsert: {
        name: 'Demo CRM',
        types: subscribable,
        inbound: [...outcomeNames],
        secrets: [storedSecret(_id, crmSecret())],
        secretShownAt: now(),
        state: 'active',
        perSecond: 50,
        createdAt: now(),
      },
    },
    { upsert: true },
  )
  return (await Endpoints.findById(_id))!
}
