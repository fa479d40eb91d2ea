import { Types } from 'mongoose'
import {
  checkInCode,
  checkInStep,
  isCheckInCode,
  nextCheckInCodeAt,
  qrCode,
} from '../../src/sessions/check-in-code'
import { later } from '../../src/platform/clock'

const [one, other] = [new Types.ObjectId(), new Types.ObjectId()]
const shownAt = new Date('2026-12-01T15:00:10Z')

test('the code in the room works while it is shown and for one step more, in that session only', () => {
  const code = checkInCode(one, shownAt)
  expect(code).toMatch(/^[\w-]{43}$/)
  expect(checkInCode(one, later(shownAt, 19_999))).toBe(code)
  expect(checkInCode(one, later(shownAt, 20_000))).not.toBe(code)
  const worksAfter = (milliseconds: number) => isCheckInCode(one, code, later(shownAt, milliseconds))
  expect([-10_001, -10_000, 0, 20_000, 49_999, 50_000, 3_600_000].map(worksAfter)).toEqual([
    ...[false, true, true, true, true, false, false],
  ])
  expect(isCheckInCode(other, code, shownAt)).toBe(false)
  for (const wrong of ['', 'x', code.slice(1), `${code}=`, 'é'.repeat(43)]) {
    expect(isCheckInCode(one, wrong, shownAt)).toBe(false)
  }
  expect(nextCheckInCodeAt(shownAt)).toEqual(new Date('2026-12-01T15:00:30Z'))
  expect(nextCheckInCodeAt(new Date(checkInStep * 100))).toEqual(new Date(checkInStep * 101))
})

test('a QR code is an SVG without styles or scripts', async () => {
  const svg = await qrCode(`https://learn.example/sessions/sizing/check-in?code=${checkInCode(one, shownAt)}`)
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*viewBox="0 0 \d+ \d+"/)
  expect(svg).not.toMatch(/style|script|href/)
})
