/** Code that verifies a message, ready to copy. Tests run both samples against our own signatures. */
export const verification = [
  {
    language: 'JavaScript',
    code: `import { createHmac, timingSafeEqual } from 'node:crypto'

// body: the raw bytes of the request, before any JSON.parse
export function verify(secret, headers, body) {
  const id = headers['webhook-id']
  const sentAt = headers['webhook-timestamp']
  if (Math.abs(Date.now() / 1000 - sentAt) > 300) return false
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const expected = createHmac('sha256', key).update(id + '.' + sentAt + '.' + body).digest()
  return headers['webhook-signature'].split(' ').some(signature => {
    const given = Buffer.from(signature.replace('v1,', ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
`,
  },
  {
    language: 'Python',
    code: `import base64, hashlib, hmac, time

# body: the raw bytes of the request, before any json.loads
def verify(secret: str, headers: dict, body: bytes) -> bool:
    message_id, sent_at = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > 300:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{sent_at}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest("v1," + expected, each) for each in given)
`,
  },
]
