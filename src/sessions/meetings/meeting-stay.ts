import { invalidEmailReason, normaliseEmail } from '../../people/email-address'
import { normaliseLine } from '../../platform/text'
import type { MeetingStay } from '../attendance-file'

/** Returns a stay as a service's API tells it in ISO 8601; nothing for one without both times, or without a name. */
export function stayOf(
  name: string,
  email: string | null | undefined,
  joined: string | null | undefined,
  left: string | null | undefined,
): MeetingStay[] {
  const [joinedAt, leftAt] = [Date.parse(joined ?? ''), Date.parse(left ?? '')]
  const shown = normaliseLine(name).slice(0, 200)
  const address = email && invalidEmailReason(email) === null ? normaliseEmail(email) : null
  if (!(leftAt >= joinedAt) || (!shown && !address)) return []
  const seconds = Math.round((leftAt - joinedAt) / 1000)
  return [{ name: shown, email: address, joinedAt: new Date(joinedAt), leftAt: new Date(leftAt), seconds }]
}
