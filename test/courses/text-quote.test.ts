import { findQuote, replaceQuote, type TextQuote } from '../../src/courses/text-quote'

const quote = (exact: string, prefix = '', suffix = ''): TextQuote => ({ exact, prefix, suffix })
const found = (text: string, ...parts: Parameters<typeof quote>) => {
  const place = findQuote(text, quote(...parts))
  return (
    place &&
    (place.isExact ? text.slice(place.start, place.end) : `changed: ${text.slice(place.start, place.end)}`)
  )
}

test.each([
  [
    'in plain words',
    'One. Most stations start low. Two.',
    ['Most stations start low.'],
    'Most stations start low.',
  ],
  [
    'across emphasis',
    'Set **4.5**, *twice* normal.',
    ['Set 4.5, twice normal.'],
    'Set **4.5**, *twice* normal.',
  ],
  ['across a link', 'See [the panel](b.md) now.', ['the panel now'], 'the panel](b.md) now'],
  ['across lines', 'One two\nthree four.', ['two three'], 'two\nthree'],
  ['with other quotation marks', 'Say “stop” twice.', ['Say "stop" twice'], 'Say “stop” twice'],
  ['in another script', 'Насос шумит ночью.', ['шумит ночью'], 'шумит ночью'],
  ['with a letter of two units', 'A 𝒳 and a 𝒴 here.', ['𝒳 and a 𝒴'], '𝒳 and a 𝒴'],
  ['not in the target of a link', '[a](limits.md) limits', ['limits'], 'limits'],
  ['gone', 'Something else entirely.', ['Most stations'], null],
  ['without a letter', 'Wait… what', ['…'], null],
] as [string, string, [string], string | null][])(
  'a passage is found %s',
  (_title, text, [exact], passage) => {
    expect(found(text, exact)).toBe(passage)
  },
)

test('of several places, the one with the same surroundings counts, also after the text before it was edited', () => {
  const text = 'The pump runs. Stop it.\n\nAt night the pump runs. Leave it.'
  const second = findQuote(text, quote('pump runs', 'At night the ', '. Leave it.'))!
  expect(second.start).toBe(text.lastIndexOf('pump runs'))
  const edited = `A new beginning.\n\n${text.replace('Stop', 'Start')}`
  const again = findQuote(edited, quote('pump runs', 'At night the ', '. Leave it.'))!
  expect(again.start).toBe(edited.lastIndexOf('pump runs'))
})

test('a passage whose words were changed is found between what stood before and after it', () => {
  const [prefix, suffix] = ['a limit that rings twice a night. ', ' and most pumps never come near it.']
  const text = `Introduction: ${prefix}Stations begin with 4.5 mm/s${suffix}`
  expect(found(text, 'Most stations start with 7.1 mm/s', prefix, suffix)).toBe(
    'changed: Stations begin with 4.5 mm/s',
  )
  expect(
    found(text.replace('rings twice a night', 'is silent'), 'Most stations start', prefix, suffix),
  ).toBeNull()
})

test('a passage is replaced only if it is there as it was quoted', () => {
  expect(replaceQuote('Set twice the value.', quote('twice the'), 'about twice the')).toBe(
    'Set about twice the value.',
  )
  expect(replaceQuote('Set twice\nthe value.', quote('twice the'), 'half the')).toBe('Set half the value.')
  expect(replaceQuote('Set Twice the value.', quote('twice the'), 'half the')).toBeNull()
  expect(replaceQuote('Nothing of it.', quote('twice the'), 'half the')).toBeNull()
  // A replacement is words, not a pattern.
  expect(replaceQuote('a b c', quote('b'), '$&$1')).toBe('a $&$1 c')
})

test.each([
  ['in bold words', 'Set **twice** the value.', 'twice the', 'half the', 'Set **half** the value.'],
  ['across bold words', 'The **fast** pump.', 'The fast pump', 'A slow valve', 'A **slow** valve.'],
  [
    'a word that joins',
    'The **fast pump** runs.',
    'fast pump runs',
    'old fast pump runs',
    'The **old fast pump** runs.',
  ],
  ['a bold word that goes', 'The **fast** pump runs.', 'fast pump', 'pump', 'The pump runs.'],
  [
    'a link',
    'See [the panel](b.md) now.',
    'the panel now',
    'the new panel now',
    'See [the new panel](b.md) now.',
  ],
  ['a link that goes', 'See [this](b.md) now.', 'See this now', 'Look now', 'Look now.'],
  ['code', 'Set `speed` to 3 rpm.', 'speed to 3', 'speed to 4', 'Set `speed` to 4 rpm.'],
  ['a mark that is a word', 'It is 3 \\* 4 **mm**.', '3 * 4 mm', '3 * 5 mm', 'It is 3 \\* 5 **mm**.'],
  ['other quotation marks', 'Say "**stop**" twice.', '“stop” twice', '“stop” once', 'Say "**stop**" once.'],
  ['words that aren’t there', 'Set **twice** its value.', 'twice the value', 'half', null],
] as [string, string, string, string, string | null][])(
  'a suggestion on formatted text keeps the format of words that stay: %s',
  (_title, text, exact, replacement, expected) => {
    expect(replaceQuote(text, quote(exact), replacement)).toBe(expected)
  },
)
