import { CourseFaults, type CourseFault } from '../../src/courses/course-fault'
import { readCourse } from '../../src/courses/read-course'
import { courseFiles, png } from './files'

async function faultsOf(texts: Record<string, string | null>): Promise<string[]> {
  const summary = ({ file, line, key, values }: CourseFault) =>
    [`${file}${line ? `:${line}` : ''}`, key.replace('studio:faults.', ''), ...Object.values(values)].join(
      ' ',
    )
  try {
    await readCourse(courseFiles(texts))
    return []
  } catch (error) {
    if (error instanceof CourseFaults) return error.faults.map(summary)
    throw error
  }
}

test('a folder becomes a course, ordered by its numbers', async () => {
  const { slug, content, ignored } = await readCourse(
    courseFiles({
      '10-later/module.yml': 'title: Later\n',
      '2-middle/module.yml': 'title: Middle\n',
      '2-middle/10-b.md': '---\ntitle: B\nminutes: 3\n---\n',
      '2-middle/9-a.md': '---\ntitle: 2026\nminutes: 3\n---\n',
      'README.md': 'Not part of the course.',
    }),
  )
  expect(slug).toBe('seals')
  expect(content.modules.map(module => module.title)).toEqual(['Begin', 'Middle', 'Later'])
  expect(content.modules[1]!.lessons.map(lesson => [lesson.slug, lesson.title])).toEqual([
    ['a', '2026'],
    ['b', 'B'],
  ])
  expect(content.modules[0]!.lessons[1]).toMatchObject({ kind: 'quiz', completion: 'pass', passMark: 80 })
  expect(ignored).toEqual(['README.md'])
})

test('a folder from Windows is read with its line ends and byte order marks', async () => {
  const text = '\uFEFF---\r\ntitle: Ends\r\nminutes: 2\r\n---\r\nOne.\r\nTwo.\r\n'
  const { content } = await readCourse(courseFiles({ '01-begin/03-ends.md': text, '.DS_Store': 'x' }))
  expect(content.modules[0]!.lessons[2]).toMatchObject({ title: 'Ends', body: 'One.\nTwo.\n' })
})

test.each<[string, Record<string, string | null>, string[]]>([
  ['a missing course.yml', { 'course.yml': null }, ['course.yml noCourseFile']],
  ['a module without module.yml', { '01-begin/module.yml': null }, ['01-begin/module.yml noModuleFile']],
  ['a lesson without front matter', { '01-begin/03-x.md': 'Text.' }, ['01-begin/03-x.md:1 noFrontMatter']],
  [
    'a price below what Stripe takes',
    { 'course.yml': 'title: Seals\ntopic: learning\nprice:\n  amount: 30\n  currency: EUR\n' },
    ['course.yml:4 price.tooLow price.amount EUR 0.50'],
  ],
  [
    'a price in a currency that Stripe does not take',
    { 'course.yml': 'title: Seals\ntopic: learning\nprice:\n  amount: 24000\n  currency: XXX\n' },
    ['course.yml:5 price.currency price.currency XXX 0.00'],
  ],
  [
    'several mistakes at once, each with its line',
    {
      'course.yml': 'title: Seals\ntopic:\nprise: 3\n',
      '01-begin/03-x.md': '---\ntitle: X\nminutes: long\nkind: movie\n---\n',
    },
    [
      'course.yml:2 empty topic',
      'course.yml:3 unknownField prise',
      '01-begin/03-x.md:3 wrongType.number minutes',
      '01-begin/03-x.md:4 oneOf kind text, video, audio, tour, quiz',
    ],
  ],
  [
    'a field of another kind of lesson',
    { '01-begin/03-x.md': '---\ntitle: X\nminutes: 2\npassMark: 80\n---\n' },
    ['01-begin/03-x.md:4 unknownField passMark'],
  ],
  [
    'broken YAML in a quiz',
    {
      '01-begin/03-x.md':
        '---\ntitle: X\nminutes: 2\n---\nText.\n\n```quiz\nkind: single\nprompt: a: b\n```\n',
    },
    ['01-begin/03-x.md:9 yaml.colon prompt: "a: b"'],
  ],
  [
    'an SVG, which can run scripts',
    { 'assets/a.svg': '<svg onload="alert(1)"/>' },
    [`assets/a.svg convert.svg svg`],
  ],
  [
    'HTML named as an image',
    { 'assets/a.png': '<script>alert(1)</script>' },
    ['assets/a.png notWhatItSays png'],
  ],
  [
    'an image with only its first bytes',
    { 'assets/a.jpg': '\u00ff\u00d8' },
    ['assets/a.jpg notWhatItSays jpg'],
  ],
  ['captions that are not WebVTT', { 'assets/a.vtt': 'Hello' }, ['assets/a.vtt:1 captions.not.vtt']],
  ['an empty file', { 'assets/a.csv': '' }, ['assets/a.csv emptyFile']],
  [
    'a lesson that is too long',
    { '01-begin/03-x.md': `---\ntitle: X\nminutes: 2\n---\n${'x'.repeat(120_001)}` },
    ['01-begin/03-x.md lessonTooLong 120001 120000'],
  ],
])('an author sees what is wrong: %s', async (_name, texts, faults) => {
  expect(await faultsOf(texts)).toEqual(faults)
})

test('YAML bombs, custom tags and deep nesting are refused', async () => {
  const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`
  for (const yaml of [
    bomb,
    'title: !!js/function "function () {}"\ntopic: sales\n',
    `title: ${'['.repeat(50_000)}`,
    `title: "${'x'.repeat(300_000)}"`,
    '__proto__: {polluted: true}\ntitle: X\ntopic: sales\n',
    '- a\n- b\n',
    'title: \u0000',
  ]) {
    expect((await faultsOf({ 'course.yml': yaml })).length).toBeGreaterThan(0)
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test('text that is not UTF-8 is rejected', async () => {
  const files = courseFiles()
  files.push({ path: 'seals/01-begin/03-x.md', bytes: Buffer.from([0x2d, 0x2d, 0x2d, 0x0a, 0xff]) })
  await expect(readCourse(files)).rejects.toThrow('01-begin/03-x.md: studio:faults.notUtf8')
})

test('an image gets its size, and a video the length of its captions', async () => {
  const files = courseFiles({
    '01-begin/03-video.md':
      '---\ntitle: Video\nminutes: 1\nkind: video\nvideo: assets/tour.webm\ncaptions: assets/tour.vtt\n---\n',
    'assets/tour.vtt': 'WEBVTT\n\n00:00.000 --> 00:02.000\nHello.\n\n00:58.000 --> 01:00.500\nBye.\n',
  })
  files.push({ path: 'seals/assets/a.png', bytes: png })
  files.push({ path: 'seals/assets/tour.webm', bytes: Buffer.from([0x1a, 0x45, 0xdf, 0xa3, 0x80]) })
  const { content, assets } = await readCourse(files)
  expect(assets.map(({ asset }) => asset)).toMatchObject([
    { path: 'assets/a.png', type: 'image/png', width: 2, height: 1 },
    { path: 'assets/tour.vtt', type: 'text/vtt', seconds: 60.5 },
    { path: 'assets/tour.webm', type: 'video/webm', seconds: null },
  ])
  expect(content.modules[0]!.lessons[2]!.mediaSeconds).toBe(61)
})

test.each(['en-a1', 'de-1901-1901', 'English', 'en_GB'])(
  'a folder in the language “%s” is refused',
  async tag => {
    const course = `title: Seals\ntopic: learning\nlanguage: ${tag}\n`
    expect(await faultsOf({ 'course.yml': course })).toEqual(['course.yml:3 language language'])
  },
)

test.each(['en', 'pt-BR', 'zh-Hans', 'es-419', 'de-1901'])(
  'a folder in the language “%s” is read',
  async tag => {
    const course = `title: Seals\ntopic: learning\nlanguage: ${tag}\n`
    expect(await faultsOf({ 'course.yml': course })).toEqual([])
  },
)
