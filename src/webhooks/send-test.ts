import { randomBytes } from 'node:crypto'
import { now } from '../platform/clock'
import { Endpoints, liveSecrets, type Endpoint } from './endpoint'
import { bodyOf } from './message'
import { postWebhook, type CallResult } from './post'
import { sign } from './sign'

/**
 * Sends a receiver a signed `webhook.test` now, once, whatever its state, and keeps the answer for its page. The address is
 * guarded like any other: of a blocked one nothing is called, so nothing of it can be shown.
 */
export async function sendTest(endpoint: Endpoint, by: string): Promise<CallResult> {
  const at = now()
  const id = `msg_test-${randomBytes(12).toString('hex')}`
  const data = { message: 'This is a test. Nobody has qualified.', sent_by: by }
  const body = bodyOf({ id, type: 'webhook.test', at, sequence: 0, data })
  const answer = await postWebhook(endpoint.url, sign(id, body, liveSecrets(endpoint)), body)
  const { status, error, ms, response } = answer
  await Endpoints.updateOne(
    { _id: endpoint._id },
    { $set: { lastTest: { at, status, error, ms, response: response.slice(0, 2000) } } },
  )
  return answer
}
