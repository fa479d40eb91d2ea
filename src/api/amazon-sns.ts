import { createVerify } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { hours, now } from '../platform/clock'

/** A message of Amazon SNS, as it posts one to a subscriber. */
export const snsMessage = z.object({
  Type: z.enum(['Notification', 'SubscriptionConfirmation', 'UnsubscribeConfirmation']),
  MessageId: z.string(),
  TopicArn: z.string(),
  Message: z.string(),
  Subject: z.string().optional(),
  Timestamp: z.string(),
  Token: z.string().optional(),
  SubscribeURL: z.string().optional(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string(),
  SigningCertURL: z.string(),
})
export type SnsMessage = z.infer<typeof snsMessage>

/** Only Amazon can put anything at these hosts. */
const amazonHost = /^sns\.[a-z\d-]{2,30}\.amazonaws\.com(\.cn)?$/

const [fetchTimeout, maxCertificate] = [5000, 20_000]
/** A message that is older isn't a retry, which ends after an hour at most. */
const maxAge = hours(2)

/** What is signed, in this order (Amazon SNS Developer Guide, "Verifying message signatures"). */
const signedFields = {
  Notification: ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'],
  confirmation: ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'],
} as const

/** Whether Amazon SNS has signed a message, within the last two hours. */
export async function isSignedByAmazon(message: SnsMessage): Promise<boolean> {
  const url = amazonUrl(message.SigningCertURL)
  if (!url?.pathname.endsWith('.pem')) return false
  if (!(Math.abs(now().getTime() - Date.parse(message.Timestamp)) < maxAge)) return false
  const fields = signedFields[message.Type === 'Notification' ? 'Notification' : 'confirmation']
  const signed = fields.flatMap(name => (message[name] === undefined ? [] : [`${name}\n${message[name]}\n`]))
  const certificate = certificates.get(url.href) ?? (await readText(url))
  try {
    const verifier = createVerify(message.SignatureVersion === '1' ? 'RSA-SHA1' : 'RSA-SHA256')
    const isSigned = verifier.update(signed.join('')).verify(certificate, message.Signature, 'base64')
    if (isSigned) certificates.set(url.href, certificate)
    return isSigned
  } catch {
    // What is there isn't a certificate.
    return false
  }
}

/** Says that the subscription is wanted. Returns false for an address that isn't Amazon's. */
export async function confirmSubscription({ SubscribeURL = '' }: SnsMessage): Promise<boolean> {
  const url = amazonUrl(SubscribeURL)
  if (url) await readText(url)
  return url !== null
}

const certificates = new LRUCache<string, string>({ max: 20 })

function amazonUrl(address: string): URL | null {
  const url = URL.parse(address)
  const isAmazon = url?.protocol === 'https:' && amazonHost.test(url.hostname) && !url.port && !url.username
  return isAmazon ? url : null
}

async function readText(url: URL): Promise<string> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchTimeout) })
  if (!response.ok) throw new Error(`${url.hostname} replied with ${response.status}`)
  const text = await response.text()
  return text.slice(0, maxCertificate)
}
