import type { Asset } from '../../src/courses/asset'
import { checkCourse, confirmLesson } from '../../src/courses/check-course'
import { filesOf } from '../../src/courses/lesson-files'
import { readingMinutes } from '../../src/courses/reading-minutes'
import { courseContent } from '../kit/make'

const today = new Date('2026-11-23T09:00:00Z')
const withBody = (body: string, more = {}, assets: Asset[] = []) =>
  courseContent({ lessons: 1, lesson: () => ({ minutes: 1, body, ...more }), assets })
const found = (content: ReturnType<typeof courseContent>, day = today) =>
  checkCourse(content, day).map(({ level, key, lesson, line }) =>
    [level, key.replace('studio:', ''), lesson, line].filter(part => part !== null).join(' '),
  )
const quiz = (choices: string, kind = 'single') =>
  `Text.\n\n\`\`\`quiz\nkind: ${kind}\nprompt: Wet?\nchoices: ${choices}\n\`\`\`\n`

test('a correct course has no findings', () => {
  expect(found(withBody('Short text.\n'))).toEqual([])
})

test('a recording in a text needs captions of the same name, which then belong to the lesson', () => {
  const body = 'Look:\n\n![The tour](assets/tour.mp4)\n'
  const file = { hash: 'a'.repeat(64), size: 1, seconds: 20 }
  const video = { ...file, path: 'assets/tour.mp4', type: 'video/mp4' }
  const captions = { ...file, path: 'assets/tour.vtt', type: 'text/vtt' }
  expect(found(withBody(body, {}, [video]))).toEqual(['error checks.noCaptionsBeside lesson-1 3'])
  const complete = withBody(body, {}, [video, captions])
  expect(found(complete)).toEqual([])
  expect(filesOf(complete.modules[0]!.lessons[0]!, complete.assets)).toContain('assets/tour.vtt')
  const german = { ...file, path: 'assets/tour.de.vtt', type: 'text/vtt' }
  const spoken = withBody(body, {}, [video, captions, german])
  expect(filesOf(spoken.modules[0]!.lessons[0]!, spoken.assets)).toContain('assets/tour.de.vtt')
})

test('a language that no browser knows blocks publishing, and crashes nothing', () => {
  const body = 'The pump is off and the valve is on. '.repeat(20)
  const findings = found({ ...withBody(body), language: 'en-a1' })
  expect(findings).toContain('error checks.language')
})

test('a price that Stripe would refuse blocks publishing', () => {
  const content = { ...withBody('Short text.\n'), price: { amount: 24_050, currency: 'ISK' } }
  expect(found(content)).toEqual(['error checks.price.tooPrecise'])
})

test.each<[string, string, string[]]>([
  [
    'an image without alt text',
    '![](assets/x.png)',
    ['error checks.noAlt lesson-1 1', 'error checks.missingFile lesson-1 1'],
  ],
  [
    'an image hosted elsewhere',
    'a\n\n![b](https://x.example/a.png)',
    ['error checks.foreignImage lesson-1 3'],
  ],
  ['a link to a missing file', '[a](assets/x.csv)', ['error checks.missingFile lesson-1 1']],
  ['a link to a missing lesson', '[a](02-gone.md)', ['error checks.deadLink lesson-1 1']],
  [
    'a question without a right answer',
    quiz('[{content: a, explanation: x}, {content: b, explanation: x}]'),
    ['error checks.noRightChoice lesson-1 4'],
  ],
  [
    'a single-choice question with two right answers',
    quiz('[{content: a, isCorrect: true, explanation: x}, {content: b, isCorrect: true, explanation: x}]'),
    ['error checks.severalRight lesson-1 4'],
  ],
  [
    'a right answer without an explanation',
    quiz('[{content: a, isCorrect: true}, {content: b, explanation: x}]'),
    ['error checks.rightUnexplained lesson-1 4'],
  ],
  [
    'a wrong answer without an explanation',
    quiz('[{content: a, isCorrect: true, explanation: x}, {content: b}]'),
    ['warning checks.wrongUnexplained lesson-1 4'],
  ],
  ['a quiz with invalid YAML', '```quiz\nkind: [\n```', ['error faults.yaml.openBracket lesson-1 2']],
  ['an empty lesson', ' \n', ['error checks.emptyLesson lesson-1']],
  ['far more text than its minutes', 'word '.repeat(2000), ['warning checks.minutesFar lesson-1']],
])('an author sees a finding about %s', (_name, body, findings) => {
  expect(found(withBody(body))).toEqual(findings)
})

test('a video lesson needs a video, captions and a known length', () => {
  const video = { kind: 'video', completion: 'watch', video: 'assets/f.webm' } as const
  expect(found(withBody('Text.', video))).toEqual([
    'error checks.missingFile lesson-1',
    'error checks.noCaptions lesson-1',
  ])
  const asset = (path: string, type: string) => ({ path, type, hash: 'h', size: 1 })
  const content = withBody('Text.', { ...video, captions: 'assets/f.vtt' })
  content.assets = [asset('assets/f.webm', 'video/webm'), asset('assets/f.vtt', 'text/vtt')]
  expect(found(content)).toEqual([
    'error checks.unknownLength lesson-1',
    'error checks.emptyCaptions lesson-1',
  ])
  content.assets[1]!.seconds = 60
  content.modules[0]!.lessons[0]!.mediaSeconds = 60
  expect(found(content)).toEqual([])
  expect(found(withBody('Text.', { kind: 'video', completion: 'watch' }))).toEqual([
    'error checks.noVideo lesson-1',
  ])
})

test('a course needs a summary and lessons, and a review every 180 days', () => {
  const bare = courseContent({ lessons: 0, summary: '', outcomes: [], authors: [], checkedOn: null })
  expect(found(bare)).toEqual([
    'error checks.noSummary',
    'error checks.noLessons',
    'error checks.emptyModule',
    'warning checks.noOutcomes',
    'warning checks.noAuthors',
    'warning checks.neverChecked',
  ])
  const reviewed = withBody('Text.')
  expect(found(reviewed, new Date('2027-05-01T00:00:00Z'))).toEqual([])
  expect(found(reviewed, new Date('2027-05-03T00:00:00Z'))).toEqual(['warning checks.checkedLongAgo'])
})

test('reading takes a minute per 200 words and half a minute per question', () => {
  expect(readingMinutes({ body: 'word '.repeat(1000) })).toBe(5)
  const one = quiz('[{content: a}, {content: b}]')
  expect(readingMinutes({ body: one.repeat(1) + 'word '.repeat(300) })).toBe(2)
  expect(readingMinutes({ body: '' })).toBe(1)
})

test('only checks that a lesson passed are confirmed', () => {
  const confirmed = (body: string, more = {}) => {
    const content = withBody(body, more)
    const lesson = content.modules[0]!.lessons[0]!
    return confirmLesson(content, lesson, checkCourse(content, today)).map(({ key }) =>
      key.replace('studio:passedChecks.', ''),
    )
  }
  expect(confirmed('Text.')).toEqual(['minutes'])
  expect(confirmed('[a](https://x.example) [b](mailto:a@x.example)')).toEqual(['minutes'])
  expect(confirmed('## Part\n\n[a](#part) [b](lesson-1.md#part)')).toEqual(['links', 'minutes'])
  expect(confirmed('[a](#gone)')).toEqual(['minutes'])
  expect(confirmed('[a](assets/gone.csv)')).toEqual(['minutes'])
  expect(confirmed(quiz('[{content: a, isCorrect: true, explanation: x}, {content: b}]'))).toEqual([
    'minutes',
  ])
  expect(confirmed('Text.', { kind: 'quiz', completion: 'pass' })).toEqual([])
})

test('headings that skip a level are found, and others are confirmed', () => {
  expect(found(withBody('## One\n\ntext\n\n#### Two\n\n### Three\n'))).toEqual([
    'warning checks.headingSkipped lesson-1 5',
  ])
  expect(found(withBody('### One\n\ntext\n\n## Two\n\n### Three\n'))).toEqual([
    'warning checks.headingSkipped lesson-1 1',
  ])
  expect(found(withBody('# One\n\n## Two\n\n### Three\n\n# Four\n'))).toEqual([])
})

test('a finding about a question names it, so that it leads to its form', () => {
  const body = quiz('[{content: a, isCorrect: true, explanation: x}, {content: b}]')
  const [finding] = checkCourse(withBody(body.replace('kind:', 'id: wet\nkind:')), today)
  expect(finding).toMatchObject({ key: 'studio:checks.wrongUnexplained', question: 'wet' })
})

const longQuiz = (longest: number, total: number) =>
  Array.from({ length: total }, (_, n) => {
    const right = n < longest ? 'the longest by far' : 'so'
    return (
      `\`\`\`quiz\nkind: single\nprompt: Question ${n}\nexplanation: Because.\nchoices: [{content: ${right},` +
      ' isCorrect: true, explanation: x}, {content: middling, explanation: x}, {content: short, explanation: x}]\n```\n'
    )
  }).join('\n')

test('right answers that are the longest give themselves away, when half of them are', () => {
  expect(found(withBody(longQuiz(3, 6)))).toEqual(['warning checks.longestRight lesson-1'])
  expect(found(withBody(longQuiz(2, 6), { minutes: 3 }))).toEqual([])
  expect(found(withBody(longQuiz(4, 4), { minutes: 2 }))).toEqual([])
  const [finding] = checkCourse(withBody(longQuiz(4, 6)), today)
  expect(finding!.values).toEqual({ count: 4, total: 6 })
})

test('a picture is left for a person to look at: no program can read the text in it', () => {
  const picture = { path: 'assets/a.png', type: 'image/png', hash: 'a'.repeat(64), size: 1 }
  expect(found(withBody('a\n\n![One](assets/a.png) ![Two](assets/a.png)', {}, [picture]))).toEqual([
    'look checks.pictureContrast lesson-1 3',
  ])
})

test('captions beside a recording need cues, their own language and the length of the video', () => {
  const asset = (path: string, type: string, seconds: number | null) => ({
    ...{ path, type, seconds, hash: 'a'.repeat(64), size: 1 },
  })
  const body = 'a\n\n![The tour](assets/tour.mp4)'
  const video = asset('assets/tour.mp4', 'video/mp4', 100)
  expect(found(withBody(body, {}, [video, asset('assets/tour.vtt', 'text/vtt', null)]))).toEqual([
    'error checks.emptyCaptions lesson-1 3',
  ])
  const lesson = { kind: 'video', completion: 'watch', video: 'assets/tour.mp4' } as const
  const withCaptions = (path: string, seconds: number) =>
    found(
      withBody('Text.', { ...lesson, captions: path, mediaSeconds: 100, minutes: 2 }, [
        video,
        asset(path, 'text/vtt', seconds),
      ]),
    )
  expect(withCaptions('assets/tour.en.vtt', 90)).toEqual([])
  expect(withCaptions('assets/tour.de.vtt', 90)).toEqual(['warning checks.captionsLanguage lesson-1'])
  expect(withCaptions('assets/tour.vtt', 40)).toEqual(['warning checks.captionsShort lesson-1'])
})
