import { firstModel } from '../../src/scoring/first-model'
import { scoreLater } from '../../src/scoring/rules'
import { whatFades, whatRaises, whyNotYet } from '../../src/scoring/score-outlook'

const at = new Date('2026-11-23T09:00:00Z')
const byId = (parts: ReturnType<typeof whatRaises>) =>
  Object.fromEntries(parts.map(({ rule, by }) => [rule.id, by]))

test('one more event raises a score by what the caps let through', () => {
  // 30 points of buying intent: the group lets 10 more through, the cap of questions none.
  const raises = byId(whatRaises({ pricingViewed: 18, questionAsked: 12 }, firstModel, at))
  expect(raises.contactRequested).toBeCloseTo(10, 9)
  expect(raises.pricingViewed).toBeCloseTo(3, 9)
  expect(raises.questionAsked).toBeUndefined()
  expect(raises.colleagueActive).toBeCloseTo(6, 9)
  expect(raises.orderRefunded).toBeUndefined()
})

test('a score fades by the half-lives of its rules, and the parts add up to the difference', () => {
  const raw = { pricingViewed: 14, questionAsked: 12, lessonFinished: 20 }
  const { points, parts } = whatFades(raw, firstModel, at, 14)
  expect(points).toBeCloseTo(3.5 + 6 + 10, 9)
  expect(parts.map(({ rule }) => rule.id)).toEqual(['pricingViewed', 'lessonFinished', 'questionAsked'])
  const before = scoreLater(raw, firstModel, at, at).points
  expect(parts.reduce((sum, { by }) => sum + by, before)).toBeCloseTo(points, 9)
})

test.each([
  ['points and grade', { engagement: 44.7, grade: 'B3' }, null, ['engagement', 'grade']],
  ['only the grade', { engagement: 61, grade: 'C1' }, null, ['grade']],
  ['nothing', { engagement: 61, grade: 'A2' }, null, []],
  ['who they are, whatever the score', { engagement: 20, grade: 'C3' }, 'student' as const, ['ineligible']],
])('what is missing: %s', (_what, score, reason, keys) => {
  expect(whyNotYet(score, reason, firstModel).map(({ key }) => key)).toEqual(keys)
})
