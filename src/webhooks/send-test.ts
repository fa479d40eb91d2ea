import { randomBytes } from 'node:crypto'
import { now } from '../platform/clock'
import { Endpoints, liveSecrets, type Endpoint } from './endpoint'
import { bodyOf } from './message'
import { webhookTest } from './messages/webhook-test'
import { postWebhook, type CallResult } from './post'
import { sign } from './sign'

/**
 * Sends a signed `webhook.test` to an endpoint once, whatever its state, and stores the result for its page. A blocked
 * URL isn't called, so nothing from its response can leak.
 *
 * @param sentBy the name of the teammate, for the message.
 */
export async function sendTest(endpoint: Endpoint, sentBy: string): Promise<CallResult> {
  const at = now()
  const id = `msg_test-${randomBytes(12).toString('hex')}`
  const { name: type, example } = webhookTest
  const body = bodyOf({ id, type, at, sequence: 0, data: { ...example, sent_by: sentBy } })
  const result = await postWebhook(endpoint.url, sign(id, body, liveSecrets(endpoint)), body)
  const { status, error, durationMs, response } = result
  await Endpoints.updateOne(
    { _id: endpoint._id },
    { $set: { lastTest: { at, status, error, durationMs, response: response.slice(0, 2000) } } },
  )
  return result
}
