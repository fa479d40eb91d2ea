import { checkCourse } from '../../src/courses/check-course'
import { compareLines } from '../../src/courses/compare'
import { readCaptions, toWebVtt } from '../../src/courses/captions'
import { CourseFaults } from '../../src/courses/course-fault'
import { audioLength } from '../../src/courses/kinds/audio/audio-length'
import { videoLength } from '../../src/courses/kinds/video/video-length'
import { markdownCaps } from '../../src/courses/markdown-caps'
import { inspectMedia } from '../../src/courses/media'
import { readQuestions } from '../../src/courses/quiz'
import { readCourse } from '../../src/courses/read-course'
import { renderMarkdown } from '../../src/courses/render'
import { cpuTimeOf } from '../kit/cpu-time'
import { courseContent } from '../kit/make'
import { courseFiles } from './files'

/** Far more than any of these takes on a slow computer, and far less than without a cap. */
const maxMs = 2000

async function within<Result>(task: () => Result): Promise<Awaited<Result>> {
  let result: Awaited<Result>
  const spent = await cpuTimeOf(async () => (result = await task()))
  expect(spent).toBeLessThan(maxMs)
  return result!
}

const fill = (text: string, length: number) => text.repeat(Math.ceil(length / text.length)).slice(0, length)
const keys = (count: number) => Array.from({ length: count }, (_, n) => `k${n}: 1\n`).join('')

async function faultsOf(texts: Record<string, string>): Promise<string[]> {
  const error = await readCourse(courseFiles(texts)).catch((thrown: unknown) => thrown)
  if (!(error instanceof CourseFaults)) return []
  return error.faults.map(({ file, key }) => `${file} ${key.replace('studio:faults.', '')}`)
}

const hostileYaml: [name: string, yaml: string, fault: string][] = [
  ['20,000 keys', keys(20_000), 'tooMuchYaml'],
  ['5,000 keys', keys(5000), 'yamlTokens'],
  ['5,000 keys in braces', `{${keys(5000).replaceAll('\n', ', ')}}`, 'yamlTokens'],
  ['190,000 brackets', '['.repeat(190_000), 'tooMuchYaml'],
  ['50,000 brackets', '['.repeat(50_000), 'yamlDepth'],
  ['50,000 braces', '{'.repeat(50_000), 'yamlDepth'],
  ['brackets and braces in turn', '[{'.repeat(20_000), 'yamlDepth'],
  ['lists in lists in one line', '- '.repeat(25_000), 'yamlDepth'],
  ['keys in keys in one line', '? '.repeat(25_000), 'yamlDepth'],
  ['20,000 empty lists', '[]'.repeat(20_000), 'yamlTokens'],
  ['20,000 quotation marks', '" '.repeat(20_000), 'yamlTokens'],
  ['20,000 anchors', '&a '.repeat(20_000), 'yamlTokens'],
  ['10,000 aliases', `a: &a 1\nb: [${'*a, '.repeat(10_000)}]\n`, 'yamlTokens'],
  ['10,000 tags', '!t '.repeat(10_000), 'yamlTokens'],
  ['10,000 documents', '---\n'.repeat(10_000), 'yamlTokens'],
  ['10,000 comments', '# a\n'.repeat(10_000), 'yamlTokens'],
  ['50,000 empty lines', '\n'.repeat(50_000), 'yamlTokens'],
]

test.each(hostileYaml)('a course with %s is refused unread', async (_name, yaml, fault) => {
  expect(await within(() => faultsOf({ 'course.yml': yaml }))).toEqual([`course.yml ${fault}`])
})

test('front matter and quizzes with too many keys are refused with their line', async () => {
  const lesson = `---\n${keys(5000)}---\nText.\n`
  expect(await within(() => faultsOf({ '01-begin/03-x.md': lesson }))).toEqual([
    '01-begin/03-x.md yamlTokens',
  ])
  const block = `\`\`\`quiz\n${keys(1500)}\`\`\`\n`
  const { faults } = await within(() => readQuestions(`Text.\n\n${block.repeat(5)}`, 'x.md', 10))
  expect(faults.map(({ line }) => line)).toHaveLength(5)
  expect(faults[0]).toMatchObject({ file: 'x.md', line: 179, key: 'studio:faults.yamlTokens' })
})

test('a lesson of wrong quizzes lists the first faults, and one of too many questions says the limit', async () => {
  const wrong = '```quiz\nkind: odd\n```\n'.repeat(4000)
  expect((await within(() => readQuestions(wrong))).faults.length).toBeLessThan(30)
  const many = Array.from(
    { length: 300 },
    (_, n) => `\`\`\`quiz\nkind: single\nprompt: Q${n}\nchoices:\n  - content: a\n  - content: b\n\`\`\`\n`,
  )
  const { questions, faults } = await within(() => readQuestions(many.join('')))
  expect(questions).toHaveLength(200)
  expect(faults.map(({ key }) => key)).toEqual(['studio:faults.tooManyQuestions'])
})

test('a course with thousands of faults lists the first 200', async () => {
  const lessons = Array.from({ length: 150 }, (_, n) => [
    `01-begin/${n + 10}-l${n}.md`,
    `---\n${keys(50)}minutes: x\n---\n`,
  ])
  const faults = await within(() => faultsOf(Object.fromEntries(lessons)))
  expect(faults).toHaveLength(201)
  expect(faults.at(-1)).toBe(' tooMany')
})

const longest = markdownCaps.characters - 1000
const table = (columns: number, rows: number) =>
  `${'|a'.repeat(columns)}\n${'|-'.repeat(columns)}\n${'|\n'.repeat(rows)}`

const hostileMarkdown: [name: string, text: string][] = [
  ...[
    ...[
      '[',
      '![',
      '[a](b "',
      '[a](<b',
      '[a][',
      '[[a](',
      '*',
      '**a ',
      '*a** ',
      '_',
      '~~a ',
      '`',
      '`` ` ',
      '<',
      '<a:',
    ],
    ...['&', '\\', '"', "'", '"a \'b ', '(', '](', '> ', '>', '- ', '1. ', '#', '|', '|-'],
    ...[
      '>\n',
      '-\n',
      '- a\n',
      '[a]: b\n',
      "[a]: b 'c\n",
      '[\n',
      'a|b\n-|-\n',
      'a\n=\n',
      '```\n',
      'a  \n',
      '\n',
      '# a\n',
      '<!--\n',
    ],
    ...['<b>', '<b></i>', '<b><i>', '</b>', '<details>\n', '> <details><summary>a</summary>\n'],
    ...['- <details><summary>a</summary>\n', 'a\n<details><summary>a</summary>\n', '- <b>\n'],
  ].map((piece): [string, string] => [JSON.stringify(piece), fill(piece, longest)]),
  ['comments that end in one line with text', `${'<!--\n'.repeat(9000)}--> x`],
  ['a quotation in 100 quotations', `${'>'.repeat(100)}a\n${fill('a\n', longest)}`],
  ['a list in 60 lists', `${'- '.repeat(60)}a\n${fill('a\n', longest)}`],
  ['a table with many short rows', table(30, 9000)],
  ['a table with a wide head', table(5000, 500)],
  ['many tables', `${table(500, 3)}\n`.repeat(50)],
  ['190,000 brackets', '['.repeat(190_000)],
  ['emphasis in emphasis', `${'*a '.repeat(19_000)}${'a* '.repeat(19_000)}`],
  ['tags in tags', `${'<b>'.repeat(17_000)}${'</b>'.repeat(16_000)}`],
]

test.each(hostileMarkdown)('an author sees a lesson made of %s', async (_name, body) => {
  const content = courseContent({ lessons: 1, lesson: () => ({ body }) })
  await within(() => checkCourse(content, new Date('2026-11-23')))
  expect(await within(() => renderMarkdown(body, []))).toEqual(expect.any(String))
})

test.each([
  ['characters', 'a'.repeat(190_000)],
  ['lines', 'a\n'.repeat(11_000)],
  ['cells', `Before.\n\n${table(30, 9000)}`],
  ['references', '[a](b) '.repeat(3001)],
])('a text with too many %s is shown as typed and can’t be published', (excess, body) => {
  const content = courseContent({ lessons: 1, lesson: () => ({ body }) })
  const findings = checkCourse(content, new Date('2026-11-23'))
  expect(findings).toContainEqual(
    expect.objectContaining({
      level: 'error',
      lesson: 'lesson-1',
      key: `studio:checks.markdown.${excess}`,
      values: { maximum: markdownCaps[excess as 'lines'] },
    }),
  )
  expect(renderMarkdown(body, [])).toContain(body.trimEnd().slice(-20))
})

test('an error stays an error among many warnings', () => {
  const choice = '  - content: a\n    isCorrect: true\n    explanation: b\n  - content: c\n'
  const quizzes = Array.from(
    { length: 100 },
    (_, n) => `\`\`\`quiz\nkind: single\nprompt: Q${n}\nchoices:\n${choice}\`\`\`\n`,
  )
  const content = courseContent({
    lessons: 1,
    lesson: () => ({ body: `${quizzes.join('')}\n[a](gone.md)\n` }),
  })
  const findings = checkCourse(content, new Date('2026-11-23'))
  expect(findings.length).toBeLessThan(60)
  expect(findings[0]).toMatchObject({ level: 'error', key: 'studio:checks.deadLink' })
})

test('two long texts are compared in a moment', async () => {
  const [some, others] = [fill('a\n', longest), fill('b\nc\n', longest)]
  await within(() => compareLines(some, others))
})

const cue = '00:00.000 --> 00:01.000\n'
/** Just below what a file of captions may have. */
const longestCaptions = 2 * 1024 * 1024 - 100
const captions = (text: string) => `WEBVTT\n\n${fill(text, longestCaptions)}`
test.each([
  ['open brackets', captions(`${cue}${'<'.repeat(longestCaptions)}`)],
  ['empty tags', captions(`${cue}${'<>'.repeat(longestCaptions / 2)}`)],
  ['nested tags', captions(`${cue}${'<i>'.repeat(longestCaptions / 3)}`)],
  ['nested voices', captions(`${cue}a${'<v a>b'.repeat(longestCaptions / 6)}`)],
  ['ampersands', captions(`${cue}${'&'.repeat(longestCaptions)}`)],
  ['references', captions(`${cue}${'&amp;'.repeat(longestCaptions / 5)}`)],
  ['unknown references', captions(`${cue}${'&x;'.repeat(longestCaptions / 3)}`)],
  ['a long reference', captions(`${cue}&${'a'.repeat(longestCaptions)}`)],
  ['a large number', captions(`${cue}&#${'9'.repeat(longestCaptions)}`)],
  ['spaces', captions(`${cue}a${' '.repeat(longestCaptions)}`)],
  ['lines', captions(`${cue}${'a\n'.repeat(longestCaptions / 2)}`)],
  ['empty lines', captions(`${cue}a\n${'\n'.repeat(longestCaptions)}`)],
  ['lines of a space', captions(`${cue}a\n${' \n'.repeat(longestCaptions / 2)}`)],
  ['arrows', captions('-->')],
  ['lines of arrows', captions('-->\n')],
  ['digits', captions('1')],
  ['digits before an arrow', captions(`${'1'.repeat(longestCaptions - 10)}-->`)],
  ['spaces before an arrow', captions(`${' '.repeat(longestCaptions - 10)}-->`)],
  ['notes', captions('NOTE\n\n')],
  ['cues', captions(`${cue}a\n\n`)],
  ['cues that scroll', captions(`${cue}${'a\n'.repeat(60)}\n`)],
])('captions of %s are read in a moment', async (_name, text) => {
  const { cues, fault } = await within(() => readCaptions(text))
  const { asset } = await within(() => inspectMedia('assets/a.vtt', Buffer.from(text)))
  expect(asset ?? fault).toMatchObject(asset ? { type: 'text/vtt', seconds: cues.at(-1)!.end } : {})
  const subRip = text.slice('WEBVTT\n\n'.length)
  await within(() => toWebVtt(subRip))
  await within(() => inspectMedia('assets/a.srt', Buffer.from(subRip)))
})

const mp3Frame = `fff314c4${'00'.repeat(20)}`
test.each([
  ['an MP4 of empty boxes', '0000000866726565', (bytes: Buffer) => videoLength(bytes, 'video/mp4')],
  ['a WebM of empty elements', 'ec80', (bytes: Buffer) => videoLength(bytes, 'video/webm')],
  ['an MP3 of empty tags', '49443304000000000000', (bytes: Buffer) => audioLength(bytes, 'audio/mpeg')],
  ['an MP3 of the smallest frames', mp3Frame, (bytes: Buffer) => audioLength(bytes, 'audio/mpeg')],
  ['a WAV of empty chunks', '6c69737400000000', (bytes: Buffer) => audioLength(bytes, 'audio/wav')],
])('%s has no length', async (_name, part, read) => {
  const file = Buffer.alloc(90_000_000, Buffer.from(part, 'hex'))
  expect(await within(() => read(file))).toBeNull()
})

test('text and image files have a limit that the author is told', async () => {
  for (const ending of ['txt', 'md', 'json', 'vtt']) {
    const { fault } = await inspectMedia(`assets/a.${ending}`, Buffer.alloc(3 * 1024 * 1024, '['))
    expect(fault).toMatchObject({ key: 'studio:faults.fileTooLarge', values: { ending, maximum: 2 } })
  }
})

/** 200 lessons, one with 100 kB of text, one with a table of 100 rows, one with 100 questions. */
function largeCourse(): Record<string, string> {
  const front = (title: string, rest = '') => `---\ntitle: ${title}\nminutes: 5\n${rest}---\n`
  const row = '| Pump | It’s [blue](https://pumps.example/a) | **12 bar** | 3 | 4 | 5 | 6 | 7 |\n'
  const question = (n: number) =>
    `\`\`\`quiz\nid: q${n}\nkind: single\nprompt: ${n}. ${'What does a pump do? '.repeat(8)}\nchoices:\n` +
    [1, 2, 3, 4]
      .map(
        k =>
          `  - content: Answer ${k} to question ${n}\n${k === 1 ? '    isCorrect: true\n' : ''}` +
          `    explanation: ${'It moves water. '.repeat(6)}\n`,
      )
      .join('') +
    '```\n\n'
  const paragraph = `${'A pump moves *water*, and it’s “loud” (see [the list](https://pumps.example)). '.repeat(8)}\n\n`
  const special = [
    front('Long') + fill(paragraph, 100_000),
    `${front('Table')}${row.replaceAll(/[^|]/g, 'a')}${'|-'.repeat(8)}|\n${row.repeat(100)}`,
    front('Quiz', 'kind: quiz\npassMark: 80\n') + Array.from({ length: 100 }, (_, n) => question(n)).join(''),
  ]
  return Object.fromEntries(
    Array.from({ length: 198 }, (_, n) => [
      `01-begin/${n + 10}-lesson-${n}.md`,
      special[n] ?? front(`Lesson ${n}`) + paragraph.repeat(10),
    ]),
  )
}

test('a large course is imported and checked', async () => {
  const { content } = await readCourse(courseFiles(largeCourse()))
  expect(content.modules[0]!.lessons).toHaveLength(200)
  const whole = { ...content, assets: [] }
  const findings = checkCourse(whole, new Date('2026-11-23'))
  expect(findings.filter(({ level }) => level === 'error')).toEqual([])
  expect(
    readQuestions(content.modules[0]!.lessons.find(({ title }) => title === 'Quiz')!.body).questions,
  ).toHaveLength(100)
})
