import request from 'supertest'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { courseFiles } from '../courses/files'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
})
afterAll(() => academy.close())

const importTexts = async (texts: Record<string, string>) =>
  request(academy.app)
    .post('/studio/imports')
    .set('cookie', author.cookie)
    .set('accept', 'text/html')
    .field('_csrf', author.csrf)
    .field('existing', 'seals')
    .attach('zip', await zipFiles(courseFiles(texts)), 'seals.zip')

const lesson = '01-begin/03-x.md'

test.each([
  ['spaces after the hyphens', '--- \ntitle: First\nminutes: 1\n---  \nWords.\n', 'First'],
  ['a tab after the hyphens', '---\t\ntitle: First\nminutes: 1\n---\t\nWords.\n', 'First'],
  ['blank lines before it', '\n  \n---\ntitle: First\nminutes: 1\n---\nWords.\n', 'First'],
  [
    'Windows line ends and a mark at the start',
    '\uFEFF---\r\ntitle: First\r\nminutes: 1\r\n---\r\nWords.\r\n',
    'First',
  ],
  ['dots at its end', '---\ntitle: First\nminutes: 1\n...\nWords.\n', 'First'],
  ['curly quotation marks', '---\ntitle: “First: pumps”\nminutes: 1\n---\nWords.\n', 'First: pumps'],
  ['tabs for spaces', '---\ntitle: First\nminutes: 1\ntopics:\n\t- pumps\n---\nWords.\n', 'First'],
  ['a space that does not break', '---\ntitle:\u00a0First\nminutes: 1\n---\nWords.\n', 'First'],
  [
    'an empty item in a list',
    '---\ntitle: First\nminutes: 1\ntopics:\n  - pumps\n  -\n---\nWords.\n',
    'First',
  ],
  ['a title that is a word of YAML', '---\ntitle: null\nminutes: 1\n---\nWords.\n', 'null'],
])('a beginner imports a lesson whose front matter has %s', async (_name, text, title) => {
  const page = await importTexts({ [lesson]: text })
  expect(page.text).not.toContain('to continue')
  const { draft } = (await Courses.findOne({ slug: 'seals' }))!
  expect(draft.modules[0]!.lessons[2]).toMatchObject({ title, body: 'Words.\n' })
})

test('an answer of a quiz may be the word null, and an empty choice is left out', async () => {
  const quiz =
    'kind: single\nprompt: What is absent?\nchoices:\n  - content: null\n    isCorrect: true\n    explanation: yes\n  -\n  - content: 0\n    explanation: no\n'
  const text = `---\ntitle: Check\nminutes: 1\nkind: quiz\npassMark: 100\n---\n\`\`\`quiz\n${quiz}\`\`\`\n`
  expect((await importTexts({ [lesson]: text })).status).toBe(200)
  const preview = await author.get('/studio/courses/seals/lessons/x/preview').expect(200)
  expect(preview.text).toMatch(/What is absent\?[\s\S]*null[\s\S]*>\s*0/)
})

test.each<[string, string, number, string]>([
  [
    'a colon',
    'prompt: What is 1: the first',
    2,
    'A text that contains a colon needs quotation marks: prompt: "What is 1: the first"',
  ],
  [
    'a colon at the end',
    'prompt: Why:',
    2,
    'A text that contains a colon needs quotation marks: prompt: "Why:"',
  ],
  [
    'a colon in an item',
    'topics:\n  - Pumps: how',
    3,
    'A text that contains a colon needs quotation marks: - "Pumps: how"',
  ],
  ['a tab in a wrong place', 'prompt: a\n\t\tb: c', 3, 'Indent this line with spaces instead of tabs.'],
  [
    'quotation marks around a part',
    'prompt: "Why" is it?',
    2,
    'This text needs quotation marks around all of it: prompt: \'"Why" is it?\'',
  ],
  [
    'an apostrophe',
    "prompt: 'It's wet'",
    2,
    'This text needs quotation marks around all of it: prompt: "It\'s wet"',
  ],
  [
    'bold text',
    'prompt: **Why** is it?',
    2,
    'This text needs quotation marks around all of it: prompt: "**Why** is it?"',
  ],
  ['an asterisk', 'prompt: *Why*', 2, 'This text needs quotation marks around all of it: prompt: "*Why*"'],
  ['a handle', 'prompt: @home', 2, 'This text needs quotation marks around all of it: prompt: "@home"'],
  [
    'brackets',
    'prompt: [draft] Why',
    2,
    'This text needs quotation marks around all of it: prompt: "[draft] Why"',
  ],
  [
    'a quotation mark without an end',
    'prompt: "Why',
    2,
    'The text begins with a quotation mark. Put the same mark at its end.',
  ],
  [
    'a backslash',
    'prompt: "C:\\pumps"',
    2,
    'Write each backslash twice, or put the text in single quotation marks.',
  ],
  ['no space after the colon', 'prompt:Why', 2, 'Put a space after the colon: prompt: Why'],
  ['a field twice', 'prompt: a\nprompt: b', 3, '“prompt” is here twice. Remove one of them.'],
  ['an open bracket', 'topics: [a\nprompt: b', 2, "This bracket isn't closed."],
  [
    'a line too far in',
    'prompt: a\n  topics: [b]',
    3,
    'Start this line in the same column as the fields that it belongs with.',
  ],
  ['a line without a field', 'prompt: a\nJust text', 3, 'Write this line as a field'],
  ['a comment for a value', 'prompt: #1 pump', 2, '“prompt” is empty.'],
  ['a word for a list', 'choices: Yes', 2, '“choices” must be a list.'],
  [
    'a number for a list',
    'prompt: a\nchoices:\n  - content:\n  - content: b',
    4,
    '“choices.1.content” is empty.',
  ],
])('a beginner reads what to do about %s in a quiz', async (_name, yaml, line, sentence) => {
  const head = '---\ntitle: Check\nminutes: 1\nkind: quiz\npassMark: 80\n---\n'
  const text = `${head}\`\`\`quiz\nkind: single\n${yaml}\n\`\`\`\n`
  const page = await importTexts({ [lesson]: text })
  expect(page.status).toBe(422)
  const plain = page.text.replaceAll('&#34;', '"').replaceAll('&#39;', "'")
  expect(plain).toContain(`<code class="code">${lesson}</code> line ${line + 7}: ${sentence}`)
})

test('a beginner reads that the end of the front matter is missing', async () => {
  const page = await importTexts({ [lesson]: '---\ntitle: X\nminutes: 1\n\nWords.\n' })
  expect(page.text).toContain(
    'line 1: Put a line of three hyphens after the lesson&#39;s fields, before its text.',
  )
})

test('fields without spaces after their colons are named, not read as one text', async () => {
  const page = await importTexts({ 'course.yml': 'title:Seals\ntopic:sales\n' })
  expect(page.text).toContain('line 1: Put a space after the colon: title: Seals')
})

test('a beginner writes yes, no and numbers as they come', async () => {
  const texts = {
    'course.yml': 'title: Seals\ntopic: operations\ncertificate: No\n',
    [lesson]: '---\ntitle: Yes\nminutes: "5"\npreview: yes\ntopics: [on, 2026]\n---\nWords.\n',
  }
  await importTexts(texts).then(page => expect(page.status).toBe(200))
  const { draft } = (await Courses.findOne({ slug: 'seals' }))!
  expect(draft.certificate).toBe(false)
  const read = draft.modules[0]!.lessons.find(({ slug }) => slug === 'x')
  expect(read).toMatchObject({ title: 'Yes', minutes: 5, preview: true, topics: ['on', '2026'] })
  const refused = await importTexts({ [lesson]: '---\ntitle: X\nminutes: 1\npreview: maybe\n---\nWords.\n' })
  expect(refused.text).toContain('line 4: “preview” must be true or false, or yes or no.')
})
