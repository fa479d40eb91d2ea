import type { Types } from 'mongoose'
import { toString as drawQr } from 'qrcode'
import { now, seconds } from '../platform/clock'
import { hmacOf, isHmacOf } from '../platform/hmac'

/** How long a code is shown in the room, in milliseconds. It works for as long again, for those who just scanned it. */
export const checkInStep = seconds(30)

const stepAt = (moment: Date) => Math.floor(moment.getTime() / checkInStep)
const purpose = 'session-check-in'
const textOf = (session: Types.ObjectId, step: number) => `${session}:${step}`

/** Returns the code with which people in the room of a session check in now. Nothing of it is stored. */
export function checkInCode(session: Types.ObjectId, moment: Date = now()): string {
  return hmacOf(purpose, textOf(session, stepAt(moment)))
}

/** Returns true for the code of a session that is shown, or was until now; compares in constant time. */
export function isCheckInCode(session: Types.ObjectId, given: string, moment: Date = now()): boolean {
  const step = stepAt(moment)
  const matches = [step, step - 1].map(each => isHmacOf(purpose, textOf(session, each), given))
  return matches.includes(true)
}

/** Returns when the code that is shown at a moment is replaced. */
export function nextCheckInCodeAt(moment: Date = now()): Date {
  return new Date((stepAt(moment) + 1) * checkInStep)
}

/** Returns an address as a QR code: an SVG of black on white, which cameras read in dark mode too. */
export function qrCode(address: string): Promise<string> {
  return drawQr(address, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 })
}
