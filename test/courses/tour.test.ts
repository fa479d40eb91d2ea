import type { Lesson } from '../../src/courses/course'
import { checkCourse } from '../../src/courses/check-course'
import { filesOf } from '../../src/courses/lesson-files'
import { kindOf } from '../../src/courses/kinds/kinds'
import { reachableSteps, isWholePath, readSteps, stepsOf, waysOf } from '../../src/courses/steps'
import { courseContent } from '../kit/make'

/** Returns the block of a step, with fields as lines of YAML. */
const step = (id: string, ...lines: string[]) =>
  [
    '```tour',
    `id: ${id}`,
    `title: The ${id}`,
    'image: assets/a.png',
    'alt: A screen',
    ...lines,
    '```',
    '',
  ].join('\n')

/** Two ways from the first step: through `fix`, or straight to `done`. */
const branching = [
  step('start', 'spots:', '  - {x: 0, y: 0, width: 10, height: 10, label: Fix, next: fix}').replace(
    'next: fix}',
    'next: fix}\n  - {x: 50, y: 50, width: 10, height: 10, label: Skip, next: done}',
  ),
  step('fix'),
  step('done', 'next: end'),
].join('\n')

const tourLesson = (body: string): Partial<Lesson> => ({ kind: 'tour', completion: 'explore', body })

const picture = { path: 'assets/a.png', type: 'image/png', size: 1, hash: 'a', width: 100, height: 50 }

/** Returns the rules of the errors about a tour, with their lines. */
function problemsIn(body: string, assets = [picture]) {
  const content = courseContent({ lessons: 1, assets, lesson: () => tourLesson(body) })
  return checkCourse(content, new Date('2026-11-23'))
    .filter(({ level }) => level === 'error')
    .map(({ key, line }) => `${key.replace(/^studio:(checks|faults)\./, '')} ${line}`)
}

test('a tour with pictures, alt texts and a way to its end has nothing to fix', () => {
  expect(problemsIn(branching)).toEqual([])
  const [first] = stepsOf(branching)
  expect(waysOf(first!, stepsOf(branching))).toEqual([
    { spot: 0, to: 'fix' },
    { spot: 1, to: 'done' },
  ])
})

test.each([
  ['has no step', 'Only text.\n', 'noSteps null'],
  ['lacks its picture', step('a').replace('a.png', 'b.png'), 'missingFile 2'],
  ['lacks an alt text', step('a').replace('alt: A screen\n', ''), 'noAlt 2'],
  ['leads to an unknown step', step('a', 'next: nowhere') + step('b'), 'unknownStep 2'],
  ['has a step that nothing leads to', step('a', 'next: c') + step('b') + step('c'), 'unreachableStep 9'],
  ['never ends', step('a') + step('b', 'next: a'), 'tourWithoutEnd null'],
  ['has two steps of one name', step('a') + step('a'), 'sameStep 8'],
  [
    'has a spot beyond the picture',
    step('a', 'spots: [{x: 95, y: 0, width: 10, height: 5, label: Save}]'),
    'spotOutside 6',
  ],
  [
    'has a spot at 120%',
    step('a', 'spots: [{x: 120, y: 0, width: 1, height: 5, label: Save}]'),
    'tooBig.number 6',
  ],
  ['has a spot without a name', step('a', 'spots: [{x: 1, y: 0, width: 1, height: 5}]'), 'missing 6'],
])('the check says when a tour %s', (_what, body, problem) => {
  expect(problemsIn(body)).toContain(problem)
})

test('steps in a lesson of another kind are reported, because it does not show them', () => {
  const content = courseContent({ lessons: 1, lesson: () => ({ body: `Text.\n\n${step('a')}` }) })
  const found = checkCourse(content, new Date('2026-11-23')).find(({ key }) => key.endsWith('stepsElsewhere'))
  expect(found).toMatchObject({ level: 'error', line: 4 })
})

test('one way through a tour is enough, but it must be whole', () => {
  const steps = stepsOf(branching)
  expect(isWholePath(steps, new Set(['start', 'done']))).toBe(true)
  expect(isWholePath(steps, new Set(['start', 'fix', 'done']))).toBe(true)
  expect(isWholePath(steps, new Set(['fix', 'done']))).toBe(false)
  expect(isWholePath(steps, new Set(['start', 'fix']))).toBe(false)
  expect(isWholePath([], new Set())).toBe(false)
})

test('a tour that leads in a circle is read without end', () => {
  const steps = stepsOf(step('a') + step('b', 'next: a'))
  expect([...reachableSteps(steps)]).toEqual(['a', 'b'])
})

test('a step without an id gets one from its title, and lines count from the file', () => {
  const body = step('x').replace('id: x\n', '')
  expect(readSteps(body, '01-a.md', 11).steps[0]).toMatchObject({ id: 'the-x', line: 12 })
})

test('the pictures of a tour belong to its lesson, and its words are found', async () => {
  const content = courseContent({ lessons: 1, lesson: () => tourLesson(branching) })
  const [lesson] = content.modules[0]!.lessons
  expect(filesOf(lesson!, [])).toEqual(['assets/a.png'])
  const found = await kindOf(lesson!).searchText!(lesson!, [])
  expect(found.map(({ text }) => text).join()).toContain('Skip')
})
