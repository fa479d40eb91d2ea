import { readSteps, stepsOf } from '../../src/courses/steps'
import { addStep, moveStep, removeStep, replaceStep } from '../../src/courses/write-step'

const body = `Before the steps.

\`\`\`tour
# A remark of the author
id: wake
title:   "Wake it"   # loosely spaced
# A picture of June
image: assets/a.png
alt: A dark screen
spots:
  - {x: 10, y: 20, width: 30, height: 5, label: Touch}
\`\`\`

Between them.

\`\`\`tour
title: See the alarm
image: assets/b.png
alt: A card
next: plan
\`\`\`
\`\`\`tour
id: plan
title: Plan it
image: assets/c.png
alt: A form
spots:
  - {x: 1, y: 1, width: 5, height: 5, label: Again, next: see-the-alarm}
  - {x: 9, y: 9, width: 5, height: 5, label: Done, next: end}
\`\`\`
After them.
`

const stepNamed = (text: string, id: string) => {
  const { line: _line, id: _id, ...step } = readSteps(text).steps.find(each => each.id === id)!
  return step
}

test('a changed caption changes no other line of the text', () => {
  const changed = replaceStep(body, 'wake', { ...stepNamed(body, 'wake'), caption: 'It wakes.' })
  expect(changed.split('\n').filter(line => !body.split('\n').includes(line))).toEqual(['caption: It wakes.'])
  expect(replaceStep(changed, 'wake', stepNamed(body, 'wake'))).toBe(body)
})

test('a comment before a field stays when the field before it changes', () => {
  const changed = replaceStep(body, 'wake', { ...stepNamed(body, 'wake'), title: 'Wake the panel' })
  expect(changed).toContain('title: Wake the panel\n# A picture of June\nimage: assets/a.png\n')
})

test('saving a step without a change keeps every byte', () => {
  for (const { id } of stepsOf(body)) expect(replaceStep(body, id, stepNamed(body, id))).toBe(body)
})

test('a step whose id followed from its title keeps it when the title changes', () => {
  const changed = replaceStep(body, 'see-the-alarm', {
    ...stepNamed(body, 'see-the-alarm'),
    title: 'Read the card',
  })
  expect(stepsOf(changed).map(({ id }) => id)).toEqual(['wake', 'see-the-alarm', 'plan'])
})

test('a new step follows another one, or the last, and gets an id of its own', () => {
  const step = { ...stepNamed(body, 'wake'), title: 'Wake', spots: [] }
  const after = addStep(body, step, 'wake')
  expect(after.id).toBe('wake-2')
  expect(stepsOf(after.body).map(({ id }) => id)).toEqual(['wake', 'wake-2', 'see-the-alarm', 'plan'])
  expect(stepsOf(addStep(body, { ...step, title: 'End' }).body).at(-1)!.id).toBe('end-2')
  expect(stepsOf(addStep('', step).body)).toHaveLength(1)
})

test('what led to a removed step leads to the next one', () => {
  const without = removeStep(body, 'see-the-alarm')
  expect(stepsOf(without).map(({ id }) => id)).toEqual(['wake', 'plan'])
  expect(stepNamed(without, 'plan').spots.map(({ next }) => next)).toEqual([undefined, 'end'])
  expect(without).toContain('# A remark of the author')
})

test('steps change places, and the text between them stays', () => {
  const moved = moveStep(body, 'plan', 'wake')
  expect(stepsOf(moved).map(({ id }) => id)).toEqual(['plan', 'wake', 'see-the-alarm'])
  expect(moved.indexOf('Between them.')).toBeGreaterThan(moved.indexOf('id: plan'))
  expect(moveStep(moved, 'plan', null)).toBe(body)
  expect(() => moveStep(body, 'nobody', null)).toThrow()
})

test('a step in code that the text never closes is not added', () => {
  expect(() => addStep('```js\nlet a\n', { ...stepNamed(body, 'wake') })).toThrow()
})
