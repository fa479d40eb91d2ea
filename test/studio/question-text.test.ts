import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readQuestion, writeQuestion } from '../../public/editor/question-text'
import { questionsOf } from '../../src/courses/quiz'
import { demoFolders } from '../courses/files'

const every = demoFolders.flatMap(folder =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.md'))
    .flatMap(name => readFileSync(join(folder, name), 'utf8').match(/^```quiz\n[\s\S]*?^```$/gm) ?? []),
)
const blocks = every.filter(source => /^kind: (single|multiple|true-false)$/m.test(source))

/** Returns a question as learners get it. */
const asked = (source: string) => {
  const [question] = questionsOf(source)
  if (!question || !('choices' in question)) throw new Error('No question with choices')
  return question
}

test('the form shows every question of the demo as learners get it', () => {
  expect(blocks.length).toBeGreaterThan(100)
  const shown = blocks.map(source => readQuestion(source))
  expect(shown.map(form => form && { kind: form.kind, prompt: form.prompt, choices: form.answers })).toEqual(
    blocks.map(source => {
      const { kind, prompt, choices } = asked(source)
      return { kind, prompt, choices }
    }),
  )
})

test('a question of another kind stays as it is written, for the quiz editor', () => {
  const others = every.filter(source => !blocks.includes(source))
  expect(others.length).toBeGreaterThan(4)
  expect(others.map(source => readQuestion(source))).toEqual(others.map(() => null))
})

test('a question that is changed in the form is what learners get, and its other fields stay', () => {
  const wrong = blocks.filter(source => {
    const form = readQuestion(source)!
    const prompt = 'What is 1: the "first" #one?'
    const answers = form.answers.map(answer => ({ ...answer, explanation: `Because: ${answer.explanation}` }))
    const changed = asked(writeQuestion(source, { ...form, prompt, answers }))
    const before = asked(source)
    const expected = { ...before, prompt, choices: answers }
    // Without an id of its own, a question's id comes from its prompt.
    const ids = /^id:/m.test(source) ? {} : { id: changed.id }
    return JSON.stringify(changed) !== JSON.stringify({ ...expected, ...ids })
  })
  expect(wrong).toEqual([])
})

const question = [
  '```quiz',
  'id: limits',
  '# For authors',
  'kind: single',
  "prompt: 'Which limit?'",
  'choices:',
  '  - content: "4.5"',
  '    isCorrect: true',
  '    explanation: Twice normal.',
  '  - content: 7.1, as delivered',
  '```',
].join('\n')

test('only the changed line of a question changes', () => {
  const form = readQuestion(question)!
  expect(writeQuestion(question, form)).toBe(question)
  expect(writeQuestion(question, { ...form, prompt: 'Which one?' })).toBe(
    question.replace("'Which limit?'", 'Which one?'),
  )
})

test('answers are added and removed, and others keep what they have', () => {
  const form = readQuestion(question)!
  const empty = { content: '', isCorrect: false, explanation: '' }
  const more = writeQuestion(question, { ...form, answers: [...form.answers, { ...empty, content: 'yes' }] })
  expect(more).toBe(question.replace('delivered\n', 'delivered\n  - content: yes\n'))
  const fewer = writeQuestion(more, { ...form, answers: readQuestion(more)!.answers.slice(1) })
  expect(readQuestion(fewer)!.answers.map(({ content }) => content)).toEqual(['7.1, as delivered', 'yes'])
})

test('a question with faults in its YAML is left to its author', () => {
  expect(readQuestion('```quiz\nprompt: What is 1: the first\n```')).toBeNull()
  expect(readQuestion('```quiz\nchoices: none\n```')).toBeNull()
  expect(readQuestion('```quiz\nprompt: open')).toBeNull()
})

test('a fence within an answer does not end the question', () => {
  const form = readQuestion(question)!
  const changed = writeQuestion(question, { ...form, prompt: 'What does ``` begin?' })
  expect(asked(changed).prompt).toBe('What does ``` begin?')
})
