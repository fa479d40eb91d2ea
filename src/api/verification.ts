/** What a receiver does before it believes a message, ready to copy; tests run both against what we send. */
export const verification = [
  {
    language: 'JavaScript',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'

// body: the bytes as they came, before any JSON.parse
export function verify(secret, headers, body) {
  const id = headers['webhook-id']
  const sentAt = headers['webhook-timestamp']
  if (Math.abs(Date.now() / 1000 - sentAt) > 300) return false
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const mine = createHmac('sha256', key).update(id + '.' + sentAt + '.' + body).digest()
  return headers['webhook-signature'].split(' ').some(given => {
    const theirs = Buffer.from(given.replace('v1,', ''), 'base64')
    return theirs.length === mine.length && timingSafeEqual(theirs, mine)
  })
}
`,
  },
  {
    language: 'Python',
    code: `import base64, hashlib, hmac, time

# body: the bytes as they came, before any json.loads
def verify(secret: str, headers: dict, body: bytes) -> bool:
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{sent_at}.".encode() + body
    mine = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest("v1," + mine, each) for each in given)
`,
  },
]
