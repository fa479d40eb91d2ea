import { grade, passes, type Answers } from '../../src/courses/grade'
import type { ChoiceQuestion } from '../../src/courses/question'
import { questionsOf, readQuestions } from '../../src/courses/quiz'

const quiz = (yaml: string) => `Before.\n\n\`\`\`quiz\n${yaml}\`\`\`\n\nAfter.\n`

const choicesOf = (question: unknown) => (question as ChoiceQuestion).choices

const capitals = `id: capital
kind: multiple
prompt: Which are capitals?
choices:
  - content: Warsaw
    isCorrect: true
    explanation: Since 1596.
  - content: Milan
  - content: True
    isCorrect: yes
`

test('a quiz block becomes a question', () => {
  const [question] = questionsOf(quiz(capitals.replace('yes', 'true')))
  expect(question).toEqual({
    id: 'capital',
    kind: 'multiple',
    prompt: 'Which are capitals?',
    choices: [
      { content: 'Warsaw', isCorrect: true, explanation: 'Since 1596.' },
      { content: 'Milan', isCorrect: false, explanation: '' },
      { content: 'True', isCorrect: true, explanation: '' },
    ],
  })
})

test.each(['yes', 'Yes', 'YES', 'y', 'on', 'true', 'True', '"true"', "'yes'", '“yes”'])(
  'an answer that is marked as right with %s is right',
  word => {
    const { questions, faults } = readQuestions(quiz(capitals.replace('yes', word)))
    expect(faults).toEqual([])
    expect(choicesOf(questions[0]).map(({ isCorrect }) => isCorrect)).toEqual([true, false, true])
  },
)

test.each(['no', 'No', 'n', 'off', 'false', '"false"'])('an answer with isCorrect: %s is wrong', word => {
  const { questions } = readQuestions(quiz(capitals.replace('yes', word)))
  expect(choicesOf(questions[0]).map(({ isCorrect }) => isCorrect)).toEqual([true, false, false])
})

test.each(['sure', '1', 'x', '[true]', '"yes, it is"'])('isCorrect: %s is a mistake with its line', word => {
  expect(readQuestions(quiz(capitals.replace('yes', word))).faults).toEqual([
    expect.objectContaining({ line: 13, key: 'studio:faults.wrongType.boolean' }),
  ])
})

test('answers that are words for true and false stay as they were written', () => {
  const yaml =
    'kind: true-false\nprompt: yes\nchoices:\n  - {content: Yes, isCorrect: Yes}\n  - {content: no}\n'
  const [question] = questionsOf(quiz(yaml))
  expect([question!.prompt, ...choicesOf(question).map(({ content }) => content)]).toEqual([
    'yes',
    'Yes',
    'no',
  ])
})

test('an author sees the line of a mistake in a question', () => {
  expect(readQuestions(quiz(capitals.replace('yes', 'sure')), 'x.md', 10).faults).toEqual([
    {
      file: 'x.md',
      line: 22,
      key: 'studio:faults.wrongType.boolean',
      values: { field: 'choices.3.isCorrect' },
    },
  ])
})

test('a question without an id keeps its derived id when others are added before it', () => {
  const unnamed = quiz(capitals.replace('id: capital\n', '').replace('yes', 'true'))
  const other = quiz('kind: single\nprompt: First?\nchoices: [{content: a}, {content: b}]\n')
  expect(questionsOf(other + unnamed)[1]!.id).toBe(questionsOf(unnamed)[0]!.id)
})

test('two questions with the same id are refused', () => {
  const twice = quiz(capitals.replace('yes', 'true')).repeat(2)
  expect(readQuestions(twice).faults.map(fault => fault.key)).toEqual(['studio:faults.sameQuestion'])
})

describe('grading', () => {
  const questions = questionsOf(quiz(capitals.replace('yes', 'true')))

  test('an answer is right when it has all right choices and no other', () => {
    expect(grade(questions, { capital: [2, 0, 0] })).toEqual({
      correct: 1,
      total: 1,
      points: 1,
      possible: 1,
      percent: 100,
      results: [{ id: 'capital', answer: [0, 2], credit: 1, isCorrect: true, points: 1, possible: 1 }],
    })
    expect(grade(questions, { capital: [0] }).correct).toBe(0)
    expect(grade(questions, { capital: [0, 1, 2] }).correct).toBe(0)
  })

  test('missing answers, invalid choices and answers to other questions are wrong', () => {
    const wrong: Answers[] = [{}, { capital: [] }, { capital: [9, -1, 0.5] }, { other: [0, 2] }]
    for (const answers of wrong) {
      expect(grade(questions, answers).correct).toBe(0)
    }
    expect(grade(questions, JSON.parse('{"__proto__":[0,2]}')).correct).toBe(0)
  })

  test('a pass mark is compared exactly, without rounding', () => {
    expect(passes({ points: 8, possible: 10 }, 80)).toBe(true)
    expect(passes({ points: 79, possible: 99 }, 80)).toBe(false)
    expect(grade([], {}).percent).toBe(0)
    expect(passes({ points: 0, possible: 0 }, 0)).toBe(false)
  })
})
