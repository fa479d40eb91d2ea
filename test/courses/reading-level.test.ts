import { checkCourse } from '../../src/courses/check-course'
import { readingLevel } from '../../src/courses/reading-level'
import { otherLanguage } from '../../src/courses/text-language'
import { courseContent } from '../kit/make'

const plain = 'The pump runs when the tank is full. You see a green light on the panel. '.repeat(10)
const hard =
  'Comprehensive organisational transformation initiatives necessitate institutionalised interdisciplinary collaboration ' +
  'frameworks, notwithstanding heterogeneous stakeholder expectations regarding implementation responsibilities. '
const german = 'Die Pumpe läuft, wenn der Tank voll ist. Sie sehen ein grünes Licht auf der Anzeige. '.repeat(
  8,
)
const italian = 'La pompa gira quando il serbatoio è pieno. Si vede una luce verde sul quadro. '.repeat(10)
const arabic = 'تعمل المضخة عندما يكون الخزان ممتلئا ويظهر ضوء أخضر على لوحة التحكم. '.repeat(10)

test('a formula is used only for the languages that it is valid for', () => {
  expect(readingLevel(plain, 'en-GB')).toMatchObject({ formula: 'coleman-liau', isHard: false })
  expect(readingLevel(german, 'de')).toMatchObject({ formula: 'lix', isHard: false })
  expect(readingLevel(italian, 'it')).toMatchObject({ formula: 'gulpease', isHard: false })
  expect(readingLevel(arabic, 'ar')).toBeNull()
  expect(readingLevel('Die Pumpe läuft. '.repeat(100), 'fr')).toBeNull()
})

test('the formulas give the published results', () => {
  // Ten sentences of ten words with four letters each.
  const text = 'Word word word word word word word word word word. '.repeat(10)
  // Coleman and Liau: 0.0588 × 400 − 0.296 × 10 − 15.8.
  expect(readingLevel(text, 'en')!.score).toBe(5)
  // LIX: 100 / 10 + 100 × 0 / 100.
  expect(readingLevel(text, 'sv')!.score).toBe(10)
  // Gulpease: 89 + (300 × 10 − 10 × 400) / 100.
  expect(readingLevel(text, 'it')!.score).toBe(79)
})

test('headings, tables, code and questions are not sentences, and short texts have no level', () => {
  expect(
    readingLevel('# Word\n\n| a | b |\n|---|---|\n| c | d |\n\n```\ncode\n```\n'.repeat(50), 'en'),
  ).toBeNull()
  expect(readingLevel(plain.slice(0, 300), 'en')).toBeNull()
})

test('a lesson that is hard to read, or not translated, is a warning', () => {
  const about = (body: string, language = 'en') =>
    checkCourse(
      courseContent({ lessons: 1, language, lesson: () => ({ minutes: 1, body }) }),
      new Date('2026-11-23T09:00:00Z'),
    )
      .map(({ level, key, values }) =>
        [level, key.replace('studio:checks.', ''), values.found ?? ''].join(' '),
      )
      .filter(text => !text.includes('minutesFar'))
  expect(about(hard.repeat(8))).toEqual(['warning hardToRead.coleman-liau '])
  expect(about(plain)).toEqual([])
  expect(about(german, 'de')).toEqual([])
  expect(about(german, 'en')).toContain('warning untranslated de')
  expect(about(plain, 'de')).toContain('warning untranslated en')
  expect(about(plain, 'ar')).toEqual(['warning untranslated en'])
  expect(about(arabic, 'ar')).toEqual([])
})

test('a text in another script is in another language, and a short or mixed one is left alone', () => {
  expect(otherLanguage(arabic, 'en')).toBe('Arab')
  expect(otherLanguage(arabic, 'fa')).toBeNull()
  expect(otherLanguage('ポンプはタンクが満杯になると動作します。 '.repeat(70), 'ja')).toBeNull()
  expect(otherLanguage('Die Pumpe läuft.', 'en')).toBeNull()
  expect(otherLanguage(plain, 'und')).toBeNull()
})
