import { Courses } from '../../src/courses/course'
import { questionKinds } from '../../src/courses/question'
import { readQuestions } from '../../src/courses/quiz'
import { openAcademy, type Academy } from '../kit/academy'
import { as } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
})
afterAll(() => academy.close())

type Settings = { questions: unknown[]; questionSnippets: Record<string, string> }

/** Returns what the page tells the visual editor. */
function settingsIn(html: string): Settings {
  const [, settings] = /data-settings="([^"]*)"/.exec(html)!
  return JSON.parse(settings!.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&'))
}

const block = (...lines: string[]) => ['```quiz', ...lines, '```', ''].join('\n')

const body = [
  'Text\n',
  block(
    'id: a',
    'kind: number',
    'prompt: How many?',
    'unit: mm',
    'answers:',
    '  - value: 4.6',
    '    tolerance: 0.1',
  ),
  block(
    'id: b',
    'kind: text',
    'prompt: Where?',
    'points: 3',
    'answers:',
    '  - content: x',
    '  - {content: y, credit: 0}',
  ),
  block(
    'id: c',
    'kind: match',
    'prompt: Which?',
    'pairs:',
    '  - {item: i, match: m}',
    '  - {item: j, match: n}',
    'others: [o]',
  ),
  block('kind: order', 'prompt: Too short', 'items: [one]'),
  block('id: d', 'kind: cloze', 'prompt: Fill', 'text: A {1}.', 'gaps:', '  - accept: [gap, hole]'),
].join('\n')

test('a quiz says in plain words what each of its questions asks, and why one can’t be read', async () => {
  const { slug } = await make.course({ lessons: 1, quiz: 1 })
  await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.1.body': body } })
  const author = await as(await make.person({ role: 'author' }))
  const lesson = `/studio/courses/${slug}/lessons/final-quiz`
  const list = (...items: string[]) => ({ isOrdered: false, items })
  const card = (line: number, number: number, id: string, points: string, answers: unknown) => ({
    ...{ line, name: `Question ${number}`, href: `${lesson}/questions/${id}`, points, answers },
  })
  const { questions } = settingsIn((await author.get(lesson).expect(200)).text)
  expect(questions).toEqual([
    card(3, 1, 'a', '1 point', list('4.6 ± 0.1 mm')),
    card(13, 2, 'b', '3 points', list('x', 'Wrong: y')),
    card(23, 3, 'c', '1 point', list('i: m', 'j: n', 'Also offered: o')),
    { line: 33, name: 'Practice question', problem: expect.stringContaining('items') },
    card(39, 4, 'd', '1 point', list('A [gap / hole].')),
  ])
})

test('the preview of a sentence with gaps shows the sentence, with what each gap takes', async () => {
  const { slug } = await make.course({ lessons: 1 })
  await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const author = await as(await make.person({ role: 'author' }))
  const page = await author.get(`/studio/courses/${slug}/lessons/lesson-1/preview`).expect(200)
  expect(page.text).toContain('A [gap / hole].')
})

test('a practice question has no points unless its author gave it some', async () => {
  const { slug } = await make.course({ lessons: 1 })
  await Courses.updateOne({ slug }, { $set: { 'draft.modules.0.lessons.0.body': body } })
  const author = await as(await make.person({ role: 'author' }))
  const { questions } = settingsIn((await author.get(`/studio/courses/${slug}/lessons/lesson-1`)).text)
  expect(questions.slice(0, 2)).toMatchObject([{ name: 'Practice question' }, { points: '3 points' }])
  expect(questions[0]).not.toHaveProperty('points')
})

test('every kind of question can be added, and what is added has no faults', async () => {
  const { slug } = await make.course({ lessons: 1 })
  const author = await as(await make.person({ role: 'author' }))
  const { questionSnippets } = settingsIn((await author.get(`/studio/courses/${slug}/lessons/lesson-1`)).text)
  const read = Object.values(questionSnippets).map(snippet => readQuestions(snippet))
  expect(read.flatMap(({ faults }) => faults)).toEqual([])
  expect(read.map(({ questions }) => questions[0]!.kind)).toEqual([...questionKinds])
})

test('a lesson without questions says where they can be added; reviewers have no tab for them', async () => {
  const { slug } = await make.course({ lessons: 1 })
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  const author = await as(await make.person({ role: 'author' }))
  expect((await author.get(`${lesson}/questions`).expect(200)).text).toContain('type / there')
  const reviewer = await as(await make.person({ role: 'reviewer' }))
  expect((await author.get(lesson)).text).toContain(`href="${lesson}/questions"`)
  expect((await reviewer.get(lesson)).text).not.toContain(`href="${lesson}/questions"`)
  expect((await reviewer.get(`${lesson}/questions`).expect(200)).text).toContain(
    'Authors add questions here.',
  )
})
