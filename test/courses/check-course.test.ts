import { checkCourse, readingMinutes } from '../../src/courses/check-course'
import { courseContent } from '../kit/make'

const today = new Date('2026-11-23T09:00:00Z')
const withBody = (body: string, more = {}) =>
  courseContent({ lessons: 1, lesson: () => ({ minutes: 1, body, ...more }) })
const found = (content: ReturnType<typeof courseContent>, day = today) =>
  checkCourse(content, day).map(({ level, key, lesson, line }) =>
    [level, key.replace('studio:', ''), lesson, line].filter(part => part !== null).join(' '),
  )
const quiz = (choices: string, kind = 'single') =>
  `Text.\n\n\`\`\`quiz\nkind: ${kind}\nprompt: Wet?\nchoices: ${choices}\n\`\`\`\n`

test('nothing stands in the way of a course that is right', () => {
  expect(found(withBody('Short text.\n'))).toEqual([])
})

test.each<[string, string, string[]]>([
  [
    'a picture without a description',
    '![](assets/x.png)',
    ['error checks.noAlt lesson-1 1', 'error checks.missingFile lesson-1 1'],
  ],
  [
    'a picture from elsewhere',
    'a\n\n![b](https://x.example/a.png)',
    ['error checks.foreignImage lesson-1 3'],
  ],
  ['a link to a file that is gone', '[a](assets/x.csv)', ['error checks.missingFile lesson-1 1']],
  ['a link to a lesson that is gone', '[a](02-gone.md)', ['error checks.deadLink lesson-1 1']],
  [
    'no right choice',
    quiz('[{content: a, explanation: x}, {content: b, explanation: x}]'),
    ['error checks.noRightChoice lesson-1 4'],
  ],
  [
    'two right choices of one',
    quiz('[{content: a, isCorrect: true, explanation: x}, {content: b, isCorrect: true, explanation: x}]'),
    ['error checks.severalRight lesson-1 4'],
  ],
  [
    'a right choice without an explanation',
    quiz('[{content: a, isCorrect: true}, {content: b, explanation: x}]'),
    ['error checks.rightUnexplained lesson-1 4'],
  ],
  [
    'a wrong choice without an explanation',
    quiz('[{content: a, isCorrect: true, explanation: x}, {content: b}]'),
    ['warning checks.wrongUnexplained lesson-1 4'],
  ],
  [
    'a quiz that is no YAML',
    '```quiz\nkind: [\n```',
    [expect.stringMatching(/^error faults.yaml lesson-1/) as unknown as string],
  ],
  ['an empty lesson', ' \n', ['error checks.emptyLesson lesson-1']],
  ['many more words than minutes', 'word '.repeat(2000), ['warning checks.minutesFar lesson-1']],
])('an author is told of %s', (_name, body, findings) => {
  expect(found(withBody(body))).toEqual(findings)
})

test('a video needs its file, its captions and its length', () => {
  const film = { kind: 'video', completion: 'watch', video: 'assets/f.webm' } as const
  expect(found(withBody('Text.', film))).toEqual([
    'error checks.missingFile lesson-1',
    'error checks.noCaptions lesson-1',
  ])
  const asset = (path: string, type: string) => ({ path, type, hash: 'h', size: 1 })
  const content = withBody('Text.', { ...film, captions: 'assets/f.vtt' })
  content.assets = [asset('assets/f.webm', 'video/webm'), asset('assets/f.vtt', 'text/vtt')]
  expect(found(content)).toEqual(['error checks.unknownLength lesson-1'])
  expect(found(withBody('Text.', { kind: 'video', completion: 'watch' }))).toEqual([
    'error checks.noVideo lesson-1',
    'error checks.nothingToWatch lesson-1',
  ])
})

test('the course as a whole needs a summary and lessons, and somebody to look at it twice a year', () => {
  const bare = courseContent({ lessons: 0, summary: '', outcomes: [], authors: [], reviewedOn: null })
  expect(found(bare)).toEqual([
    'error checks.noSummary',
    'error checks.noLessons',
    'error checks.emptyModule',
    'warning checks.noOutcomes',
    'warning checks.noAuthors',
    'warning checks.neverChecked',
  ])
  const checked = withBody('Text.')
  expect(found(checked, new Date('2027-05-01T00:00:00Z'))).toEqual([])
  expect(found(checked, new Date('2027-05-03T00:00:00Z'))).toEqual(['warning checks.checkedLongAgo'])
})

test('reading takes a minute for two hundred words, half of one for a question', () => {
  expect(readingMinutes({ body: 'word '.repeat(1000) })).toBe(5)
  const one = quiz('[{content: a}, {content: b}]')
  expect(readingMinutes({ body: one.repeat(1) + 'word '.repeat(300) })).toBe(2)
  expect(readingMinutes({ body: '' })).toBe(1)
})
