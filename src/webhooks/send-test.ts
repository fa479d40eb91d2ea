import { randomBytes } from 'node:crypto'
import { now } from '../platform/clock'
import { conflict } from '../platform/errors'
import { Endpoints, liveSecrets, type Endpoint } from './endpoint'
import { currentMapping, mappedBody } from './field-mapping'
import { testBody } from './message'
import type { MessageType } from './message-types'
import { postWebhook, type CallResult } from './post'
import { sign } from './sign'

/** The tests that this process is sending, by the press of the button. */
const underWay = new Map<string, Promise<CallResult | null>>()

/** Test messages that wait for a developer's command at a time. */
const maxWaitingTests = 20

/** A message of any type, as a teammate has written it. */
export type TestMessage = { type: MessageType; data: unknown }

/**
 * Sends a test message, once for each press of the button: a second press waits for the first one's result. It is
 * marked as a test (`test` in the JSON, and an id that starts with `msg_test-`), and isn't a delivery.
 *
 * @param submission identifies the press of the button; null when each call counts.
 * @returns null for the second press, and for a test that a developer's command fetches.
 * @throws InvalidData when the data doesn't fit the schema of its type.
 */
export async function sendTestOnce(
  endpoint: Endpoint,
  message: TestMessage,
  submission: string | null,
): Promise<CallResult | null> {
  if (submission === null) return sendTest(endpoint, message, null)
  if (endpoint.lastTest?.submission === submission) return null
  const first = underWay.get(submission)
  if (first) return first.then(() => null)
  const sent = sendUnlessSent(endpoint, message, submission).finally(() => underWay.delete(submission))
  underWay.set(submission, sent)
  return sent
}

/** A request that had read the endpoint before the first press was answered knows nothing of it yet. */
async function sendUnlessSent(
  endpoint: Endpoint,
  message: TestMessage,
  submission: string,
): Promise<CallResult | null> {
  const current = await Endpoints.findById(endpoint._id, { lastTest: 1 })
  return current?.lastTest?.submission === submission ? null : sendTest(endpoint, message, submission)
}

/**
 * Sends a signed test message to an endpoint once, whatever its state, and stores the result for its page. A blocked
 * URL isn't called, so nothing from its response can leak.
 */
async function sendTest(
  endpoint: Endpoint,
  { type, data }: TestMessage,
  submission: string | null,
): Promise<CallResult | null> {
  const at = now()
  const id = `msg_test-${randomBytes(12).toString('hex')}`
  const body = mappedBody(testBody({ id, type, at, data }), await currentMapping(endpoint))
  if (endpoint.state === 'listening') {
    const queued = await Endpoints.updateOne(
      {
        _id: endpoint._id,
        state: 'listening',
        [`listener.tests.${maxWaitingTests - 1}`]: { $exists: false },
      },
      { $push: { 'listener.tests': { id, type, body } } },
    )
    if (!queued.matchedCount) throw conflict('integrations:errors.listenerBusy')
    return null
  }
  const result = await postWebhook(endpoint.url, sign(id, body, liveSecrets(endpoint)), body)
  const { status, error, durationMs, response, location } = result
  const stored = { at, status, error, durationMs, response: response.slice(0, 2000), location }
  await Endpoints.updateOne({ _id: endpoint._id }, { $set: { lastTest: { ...stored, type, submission } } })
  return result
}
