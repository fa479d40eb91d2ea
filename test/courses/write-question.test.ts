import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { questionsOf, readQuestions } from '../../src/courses/quiz'
import {
  addQuestion,
  duplicateQuestion,
  moveQuestion,
  removeQuestion,
  replaceQuestion,
  type WrittenQuestion,
} from '../../src/courses/write-question'

const body = `Read *this* first.

\`\`\`quiz
# A comment of the author.
kind: single
prompt: What is one?
choices:
    - { content: "first", isCorrect: yes, explanation: 'It begins.' }
    - content: last
\`\`\`

Between   the questions.

~~~quiz
id: two
kind: true-false
prompt: "Is two: second?"
choices: [{content: "True", isCorrect: true, explanation: Yes.}, {content: "False"}]
~~~

> \`\`\`quiz
> id: three
> kind: text
> prompt: Three?
> answers: [{content: third, explanation: So.}]
> \`\`\`
The end, without a line break.`

const [one, two, three] = questionsOf(body) as [WrittenQuestion, WrittenQuestion, WrittenQuestion]
const withPrompt = (question: WrittenQuestion, prompt: string) => ({ ...question, prompt }) as WrittenQuestion

/** The lines that differ, of the second text. */
function changedLines(before: string, after: string): string[] {
  const known = new Set(before.split('\n'))
  return after.split('\n').filter(line => !known.has(line))
}

test('saving a question that has not changed changes no byte', () => {
  for (const question of [one, two, three]) expect(replaceQuestion(body, question.id!, question)).toBe(body)
})

test('a changed question changes only its own block, and keeps its comments and its id', () => {
  const after = replaceQuestion(body, one.id!, withPrompt(one, 'What is 1: the first?'))
  const block = /```quiz\n([\s\S]*?)```/.exec(after)![1]!
  expect(block).toContain('prompt: "What is 1: the first?"\n')
  expect(block).toContain(`id: ${one.id}\n`)
  expect(after.replace(block, '')).toBe(body.replace(/(?<=```quiz\n)[\s\S]*?(?=```)/, ''))
  expect(after).toContain('# A comment of the author.')
  expect(questionsOf(after)).toEqual([{ ...one, prompt: 'What is 1: the first?' }, two, three])
})

test('a block in a quotation stays in it', () => {
  const after = replaceQuestion(body, 'three', withPrompt(three, 'Third?'))
  expect(changedLines(body, after)[0]).toBe('> prompt: Third?')
  expect(after.slice(0, after.indexOf('> id: three'))).toBe(body.slice(0, body.indexOf('> id: three')))
  expect(questionsOf(after)).toEqual([one, two, { ...three, prompt: 'Third?' }])
  expect(after.endsWith('The end, without a line break.')).toBe(true)
})

test.each([
  'What is 1: the first',
  '- a list?',
  '*bold* & {braces} [brackets] # hash',
  'Two lines\n```\ncode\n```\nend',
  '"quoted" \'both\' `ways`',
  'true',
  '2026',
  'null',
  '~~~~ and ````',
  '%percent @at !tag |pipe >fold',
  'مضخة: ما هي؟',
  '🙂 : -',
  'a\\b',
])('a prompt can be any text (%j)', prompt => {
  const given = { ...withPrompt(two, prompt), explanation: prompt } as WrittenQuestion
  const after = replaceQuestion(body, 'two', given)
  expect(readQuestions(after).faults).toEqual([])
  expect(questionsOf(after)).toEqual([one, given, three])
  const added = addQuestion(body, { ...given, id: undefined })
  expect(questionsOf(added.body).at(-1)).toMatchObject({ prompt, explanation: prompt, id: added.id })
  expect(added.body.startsWith(body)).toBe(true)
})

test('a question of another kind takes the place of the old one', () => {
  const order = {
    id: 'two',
    kind: 'order',
    prompt: 'Sort.',
    items: ['a', 'b'],
    explanation: 'c',
  } as WrittenQuestion
  const after = replaceQuestion(body, 'two', order)
  expect(questionsOf(after)).toEqual([one, order, three])
})

test('questions are added, duplicated, moved and removed without touching the text around them', () => {
  const added = addQuestion(body, { ...two, id: undefined }, one.id)
  expect(added.id).toBe('is-two-second')
  expect(questionsOf(added.body).map(({ id }) => id)).toEqual([one.id, 'is-two-second', 'two', 'three'])
  expect(removeQuestion(added.body, 'is-two-second')).toBe(body)
  const copy = duplicateQuestion(body, 'three')
  expect(questionsOf(copy.body).at(-1)).toMatchObject({ id: copy.id, prompt: 'Three?' })
  const moved = moveQuestion(body, 'two', one.id!)
  expect(questionsOf(moved).map(({ id }) => id)).toEqual(['two', one.id, 'three'])
  expect(moved.indexOf('Between')).toBeGreaterThan(moved.indexOf('id: two'))
  expect(moveQuestion(moved, 'two', 'three')).toBe(body)
  expect(addQuestion('', two).body).toMatch(/^```quiz\nid: two\n/)
})

test.each([
  ['code that is never closed', 'Text\n\n```\nls\n'],
  [
    'a question that is never closed',
    body + '\n\n```quiz\nid: open\nkind: text\nprompt: Open?\nanswers: [{content: a}]',
  ],
  ['a comment that is never closed', 'Text\n\n<!-- later\n'],
])('a question is not added where it would vanish: in %s', (_where, text) => {
  const added = () => addQuestion(text, two)
  expect(added).toThrow(expect.objectContaining({ status: 422 }))
})

test('every question of the demo can be saved again, without a change and with one', () => {
  const home = resolve(__dirname, '../../scripts/demo')
  const files = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.md'))
  let count = 0
  for (const file of files) {
    const text = readFileSync(join(home, file), 'utf8')
    const questions = questionsOf(text)
    for (const question of questions) {
      count++
      const given = question as WrittenQuestion
      expect(replaceQuestion(text, question.id, given)).toBe(text)
      const after = replaceQuestion(text, question.id, withPrompt(given, 'Why: this?'))
      expect(questionsOf(after)).toEqual(
        questions.map(each => (each.id === question.id ? { ...each, prompt: 'Why: this?' } : each)),
      )
      expect(changedLines(text, after).length).toBe(1)
    }
  }
  expect(count).toBeGreaterThan(150)
})
