import { randomBytes } from 'node:crypto'
import { now } from '../platform/clock'
import { Endpoints, liveSecrets, type Endpoint } from './endpoint'
import { bodyOf } from './message'
import { webhookTest } from './messages/webhook-test'
import { postWebhook, type CallResult } from './post'
import { sign } from './sign'

/** The tests that this process is sending, by the press of the button. */
const underWay = new Map<string, Promise<CallResult>>()

/**
 * Sends a test message, once for each press of the button: a second press waits for the first one's result.
 *
 * @param submission identifies the press of the button; null when each call counts.
 * @returns null for the second press.
 */
export async function sendTestOnce(
  endpoint: Endpoint,
  sentBy: string,
  submission: string | null,
): Promise<CallResult | null> {
  if (submission === null) return sendTest(endpoint, sentBy, null)
  if (endpoint.lastTest?.submission === submission) return null
  const first = underWay.get(submission)
  if (first) return first.then(() => null)
  const sent = sendTest(endpoint, sentBy, submission).finally(() => underWay.delete(submission))
  underWay.set(submission, sent)
  return sent
}

/**
 * Sends a signed `webhook.test` to an endpoint once, whatever its state, and stores the result for its page. A blocked
 * URL isn't called, so nothing from its response can leak.
 *
 * @param sentBy the name of the teammate, for the message.
 */
async function sendTest(endpoint: Endpoint, sentBy: string, submission: string | null): Promise<CallResult> {
  const at = now()
  const id = `msg_test-${randomBytes(12).toString('hex')}`
  const { name: type, example } = webhookTest
  const body = bodyOf({ id, type, at, sequence: 0, data: { ...example, sent_by: sentBy } })
  const result = await postWebhook(endpoint.url, sign(id, body, liveSecrets(endpoint)), body)
  const { status, error, durationMs, response } = result
  await Endpoints.updateOne(
    { _id: endpoint._id },
    { $set: { lastTest: { at, status, error, durationMs, response: response.slice(0, 2000), submission } } },
  )
  return result
}
