import { compileRegex } from '../../src/store/regex'

const codeOf = (run: () => unknown) => {
  try {
    run()
    return undefined
  } catch (error) {
    return (error as { code?: number }).code
  }
}

test.each([
  '(a+)+$',
  '(a*)*b',
  '(a|a)*b',
  '(a|ab|b)*c',
  '(\\w+\\s?)+$',
  '(.*a){12}',
  '(a?b?)*x',
  '([a-z]+|\\d+)*x',
  '^(([a-z])+.)+[A-Z]([a-z])+$',
  '(?=(a+)+)b',
  '(?:a+?)+?b',
  `(?:${'abcdefg'.repeat(20).split('').join('|')})*x`,
])('%s could take exponential time, so it is refused by name', pattern => {
  expect(codeOf(() => compileRegex(pattern, ''))).toBe(238)
})

test.each([
  ['^[^@]+@(?:[a-z0-9-]+\\.)+[a-z]+$', 'ada@mail.example.com'],
  ['(\\w+\\s)+$', 'two words '],
  ['^(?:\\w+\\.)+\\w+$', 'a.b.c'],
  ['(.*a){3}', 'banana'],
  ['foo.*bar', 'a foo and a bar'],
  ['(?:(?:a|b)+c)*d', 'abcd'],
  ['(?:red|green|blue)+', 'redblue'],
])('%s takes no longer than it should, and matches %s', (pattern, text) => {
  expect(compileRegex(pattern, '').test(text)).toBe(true)
})

test.each(['^(?:(?:a|a){10}){10}b', '^(?:(?:a?){9}){9}b', `^${'a{0,10}'.repeat(10)}b`])(
  '%s, whose short repetitions multiply, is refused',
  pattern => expect(codeOf(() => compileRegex(pattern, ''))).toBe(238),
)

test('many alternatives that each take long share the time', () => {
  const pattern = Array.from({ length: 140 }, (_, n) => `a*b${n}`).join('|')
  expect(codeOf(() => compileRegex(pattern, '').test('a'.repeat(31_000)))).toBe(51156)
})

test('a text that takes longer than the watchdog waits is refused, and a shorter one is matched', () => {
  const expression = compileRegex('x*y*z', '')
  expect(expression.test(`${'x'.repeat(900)}z`)).toBe(true)
  expect(codeOf(() => expression.test('x'.repeat(1100)))).toBe(51156)
  expect(compileRegex('^Ada', '').test('x'.repeat(1_000_000))).toBe(false)
})

test('a pattern is judged in a moment, whatever it looks like', () => {
  const began = performance.now()
  codeOf(() => compileRegex(`(?:${Array.from({ length: 140 }, (_, i) => 'abcdef'[i % 6]).join('|')})*`, ''))
  codeOf(() => compileRegex(`(?:${'(?:a|b)*c'.repeat(30)})*`, ''))
  codeOf(() => compileRegex('('.repeat(500) + 'a' + ')*'.repeat(500), ''))
  expect(performance.now() - began).toBeLessThan(2000)
})
