import { drawQuiz, drawnCount, showQuestion } from '../../src/courses/draw'
import { findingsAbout } from '../../src/courses/check-question'
import { grade, isAnswered, rightAnswer, type Answer, type Credit } from '../../src/courses/grade'
import type { Question } from '../../src/courses/question'
import { questionsOf, readQuestions } from '../../src/courses/quiz'
import { numbersIn } from '../../src/courses/short-answer'

const block = (yaml: string) => `\`\`\`quiz\n${yaml.trim()}\n\`\`\`\n`
const read = (yaml: string): Question => {
  const { questions, faults } = readQuestions(block(yaml))
  expect(faults).toEqual([])
  return questions[0]!
}
const gradeOne = (question: Question, answer: Answer, credit: Credit = 'partial') =>
  grade([question], { [question.id]: answer }, credit).results[0]!

const bearing = `
kind: text
prompt: Which bearing wears first on a belt-driven pump?
answers:
  - content: drive end
    explanation: The belt pulls at it.
  - content: DE
  - content: drive end bearing*
  - content: motor bearing
    credit: 25
    explanation: Close, but look at the pump.
`
const twice = `
kind: number
prompt: Your pump idles at 2.3 mm/s. Set the warning at twice that.
unit: mm/s
explanation: 2 × 2.3
answers:
  - value: 4.6
    tolerance: 0.1
  - value: 4.6
    tolerance: 1
    credit: 50
    explanation: Roughly.
`
const shapes = `
kind: match
prompt: What does each shape mean?
explanation: Shapes tell causes.
pairs:
  - item: Steady
    match: Normal wear
  - item: Step
    match: Something changed at once
  - item: Climb
    match: A fault grows
  - item: Flat
    match: Normal wear
others: [The sensor is loose]
`
const alarm = `
kind: order
prompt: An alarm comes in. What first?
explanation: Look before you act.
items: [Acknowledge it, Open the trend, Compare P1 and P2, Plan the check]
`
const rule = `
kind: cloze
prompt: Complete the rule.
text: Read the {1} first and the {2} second. Compare at equal {3}, at most {4} apart.
gaps:
  - kind: select
    accept: [slope]
    wrong: [level, colour]
  - kind: select
    accept: [level]
    wrong: [slope]
  - accept: [speed]
    points: 2
  - kind: number
    accept: ["0.5"]
    tolerance: 0.1
explanation: Slope first.
`

test.each([
  ['drive end', 1],
  ['Drive-End', 1],
  ['de', 1],
  ['drive end bearings', 1],
  ['dirve end', 1],
  ['motor bearing', 0.25],
  ['motor bearimg', 0.25],
  ['dx', 0],
  ['drive', 0],
])('a typed answer “%s” earns %d', (typed, credit) => {
  expect(gradeOne(read(bearing), [typed]).credit).toBe(credit)
})

test('an author can ask for the exact spelling', () => {
  const exact = read(bearing.replace('kind: text', 'kind: text\nspelling: exact'))
  expect(gradeOne(exact, ['drive end']).isCorrect).toBe(true)
  for (const typed of ['Drive end', 'drive-end', 'drive emd']) expect(gradeOne(exact, [typed]).credit).toBe(0)
})

test('a wrong answer that an author lists is never taken for a slip of a right one', () => {
  const question = read(`
kind: text
prompt: What keeps air out?
answers: [{content: sealing}, {content: ceiling, credit: 0, explanation: That is above you.}]
`)
  expect(gradeOne(question, ['ceiling']).credit).toBe(0)
  expect(gradeOne(question, ['seeling']).credit).toBe(1)
})

test.each(['4.6', '4,6', '4.60', ' 4.6 mm/s', '٤٫٦', '4.7', '4.5', '46e-1'])(
  'the number %s is right',
  typed => {
    expect(gradeOne(read(twice), [typed]).isCorrect).toBe(true)
  },
)

test.each([
  ['5', 0.5],
  ['4.71', 0.5],
  ['6', 0],
  ['four', 0],
  ['4.6.', 0],
  ['', 0],
])('the number “%s” earns %d', (typed, credit) => {
  expect(gradeOne(read(twice), [typed]).credit).toBe(credit)
})

test('a number may have separators of thousands, and a minus sign of any kind', () => {
  expect(numbersIn('1,000')).toEqual([1, 1000])
  expect(numbersIn("12'500.5")).toEqual([12500.5])
  expect(numbersIn('1.234.567,8')).toEqual([1234567.8])
  expect(numbersIn('−3')).toEqual([-3])
  expect(numbersIn('1e999')).toEqual([])
})

test('a match earns the share of its pairs that are right', () => {
  const question = read(shapes)
  expect(rightAnswer(question)).toEqual([0, 1, 2, 0])
  expect(gradeOne(question, [0, 1, 2, 0]).isCorrect).toBe(true)
  expect(gradeOne(question, [0, 1, 0, 3]).credit).toBe(0.5)
  expect(gradeOne(question, [0, 1, 0, 3], 'whole').credit).toBe(0)
  expect(gradeOne(question, [9, -1, 0.5, 'x']).credit).toBe(0)
})

test('an order earns the share of steps that follow directly on the right one', () => {
  const question = read(alarm)
  expect(gradeOne(question, [0, 1, 2, 3]).isCorrect).toBe(true)
  expect(gradeOne(question, [1, 2, 3, 0]).credit).toBeCloseTo(2 / 3)
  expect(gradeOne(question, [3, 2, 1, 0]).credit).toBe(0)
  expect(gradeOne(question, [0, 0, 0, 0]).credit).toBe(0)
})

test('a cloze earns the share of its gaps, as much as each counts', () => {
  const question = read(rule)
  expect(gradeOne(question, ['slope', 'level', 'Speed', '0,55']).isCorrect).toBe(true)
  expect(gradeOne(question, ['slope', 'slope', 'speed', '0.7']).credit).toBe(0.6)
  expect(gradeOne(question, ['SLOPE', '', 'load', '']).credit).toBe(0)
})

const readings = `
kind: multiple
points: 3
prompt: Which readings do you compare?
choices:
  - {content: Load, isCorrect: true, explanation: a}
  - {content: Speed, isCorrect: true, explanation: b}
  - {content: Colour, explanation: c}
`

test.each([
  [[0, 1], 'partial', 3],
  [[0], 'partial', 1.5],
  [[0, 2], 'partial', 0],
  [[0, 1, 2], 'partial', 1.5],
  [[2], 'partial', 0],
  [[0], 'whole', 0],
  [[0, 1], 'whole', 3],
] as const)('of several choices, %j earns points (%s): %d of 3', (chosen, credit, points) => {
  expect(gradeOne(read(readings), chosen, credit).points).toBe(points)
})

test('choices earn what the author says, such as half for a second-best one', () => {
  const question = read(`
kind: single
prompt: What do you do?
choices:
  - {content: Plan a check, isCorrect: true, explanation: a}
  - {content: Call someone, credit: 50, explanation: b}
`)
  expect(gradeOne(question, [1])).toMatchObject({ credit: 0.5, isCorrect: false })
  expect(gradeOne(question, [1], 'whole').credit).toBe(0)
})

test('points decide whether a quiz is passed, and thirds add up', () => {
  const questions = [read(readings), read(alarm)]
  const [first, second] = questions
  const graded = grade(questions, { [first!.id]: [0], [second!.id]: [1, 2, 3, 0] }, 'partial')
  expect(graded).toMatchObject({ correct: 0, total: 2, points: 2.166667, possible: 4, percent: 54 })
})

test.each([bearing, twice, shapes, alarm, rule, readings])(
  'what is right is right, and complete (%#)',
  yaml => {
    const question = read(yaml)
    const right = rightAnswer(question)
    expect(gradeOne(question, right, 'whole').isCorrect).toBe(true)
    expect(isAnswered(question, right)).toBe(true)
    expect(isAnswered(question, [])).toBe(false)
    expect(gradeOne(question, []).credit).toBe(0)
    expect(findingsAbout(question)).toEqual([])
  },
)

test('a part without an answer is noticed', () => {
  expect(isAnswered(read(shapes), [0, 1, 2, -1])).toBe(false)
  expect(isAnswered(read(alarm), [0, 1, 1, 2])).toBe(false)
  expect(isAnswered(read(rule), ['slope', 'level', ' ', '1'])).toBe(false)
})

describe('a draw', () => {
  const questions = questionsOf(
    Array.from({ length: 12 }, (_, n) =>
      block(`id: q${n}\nkind: single\npool: ${n < 10 ? 'Trends' : 'Other'}\nprompt: Question ${n}?
choices: [{content: a, isCorrect: true}, {content: b}, {content: c}, {content: d}]`),
    ).join('\n'),
  )
  const rules = { draw: [{ pool: 'Trends', questions: 4 }], shuffle: 'both' as const }
  const idsOf = (seed: string) => drawQuiz(rules, questions, seed).map(({ question }) => question.id)

  test('has as many questions of a pool as the author says, and all others', () => {
    expect(drawnCount(rules, questions)).toBe(6)
    const ids = idsOf('a')
    expect(new Set(ids).size).toBe(6)
    expect(ids).toEqual(expect.arrayContaining(['q10', 'q11']))
  })

  test('is the same for the same seed, and another one for another attempt', () => {
    expect(drawQuiz(rules, questions, 'a')).toEqual(drawQuiz(rules, questions, 'a'))
    const attempts = Array.from({ length: 20 }, (_, n) => idsOf(`attempt ${n}`).join())
    expect(new Set(attempts).size).toBeGreaterThan(15)
    const drawn = new Set(Array.from({ length: 40 }, (_, n) => idsOf(`attempt ${n}`)).flat())
    expect(drawn.size).toBe(12)
  })

  test('keeps the order of the author unless it is shuffled', () => {
    const plain = drawQuiz({ draw: [], shuffle: 'none' }, questions, 'a')
    expect(plain.map(({ question }) => question)).toEqual(questions)
    expect(plain[0]!.orders).toEqual([[0, 1, 2, 3]])
  })

  test('never shows what is put in order in the right order', () => {
    for (let n = 0; n < 100; n++)
      expect(showQuestion(read(alarm), `s${n}`).orders[0]).not.toEqual([0, 1, 2, 3])
  })

  test('shows two items in either order, or the first would always be the second', () => {
    const pair = read(
      alarm.replace('[Acknowledge it, Open the trend, Compare P1 and P2, Plan the check]', '[Open, Close]'),
    )
    const shown = Array.from({ length: 100 }, (_, n) => showQuestion(pair, `s${n}`).orders[0]!.join())
    expect(new Set(shown)).toEqual(new Set(['0,1', '1,0']))
  })
})

test.each([
  [shapes.replace('item: Step', 'item: Steady'), 'sameItem'],
  [alarm.replace('Open the trend', 'Acknowledge it'), 'sameItem'],
  [alarm.replace('explanation: Look before you act.', ''), 'unexplained'],
  [rule.replace('{2}', '{1}'), 'gaps'],
  [rule.replace('{4}', ''), 'gaps'],
  [rule.replace('["0.5"]', '[half]'), 'gapNumber'],
  [rule.replace('wrong: [slope]', 'wrong: []'), 'oneOption'],
  [
    bearing.replace('drive end\n', 'drive end\n    credit: 0\n').replace('DE', 'DE\n    credit: 0'),
    'unexplained',
  ],
  [twice.replace('tolerance: 0.1', 'credit: 90'), 'noRightChoice'],
])('the check finds what is wrong (%#)', (yaml, rule) => {
  expect(findingsAbout(read(yaml)).map(finding => finding.rule)).toContain(rule)
})

test.each([
  [twice.replace('value: 4.6', 'value: 4,6'), 'studio:faults.wrongType.number', 6],
  [shapes.replace('item: Step', 'thing: Step'), 'studio:faults.missing', 7],
  [alarm.replace('kind: order', 'kind: sort'), 'studio:faults.oneOf', 1],
  [alarm.replace('items: [', 'items: [One').replace(/One.*\]/, 'One]'), 'studio:faults.tooSmall.array', 4],
  [rule.replace('accept: [slope]', 'accept: slope'), 'studio:faults.wrongType.list', 6],
  [alarm.replace('explanation', 'choices: []\nexplanation'), 'studio:faults.unknownField', 3],
])('an author reads what a question can’t be read for, with its line (%#)', (yaml, key, line) => {
  const { faults } = readQuestions(block(yaml))
  expect(faults[0]).toMatchObject({ key, line: line + 1 })
})
