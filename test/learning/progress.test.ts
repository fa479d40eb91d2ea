import { progressOf } from '../../src/learning/progress'
import { courseContent } from '../kit/make'

const lessons = courseContent({ lessons: 3 }).modules.flatMap(module => module.lessons)
const done = { openedAt: new Date(), completedAt: new Date() }

test('progress never exceeds 100%, even when lessons were removed', () => {
  const progress = progressOf(lessons.slice(0, 2), {
    lessons: { 'lesson-1': done, 'lesson-2': done, 'lesson-3': done, 'long-gone': done },
    lastLesson: 'lesson-3',
  })
  expect(progress).toMatchObject({
    done: 2,
    total: 2,
    percent: 100,
    minutesLeft: 0,
    finished: true,
    next: undefined,
  })
})

test('a learner continues with the lesson they opened last', () => {
  const progress = progressOf(lessons, {
    lessons: { 'lesson-1': done, 'lesson-2': { openedAt: new Date() } },
    lastLesson: 'lesson-2',
  })
  expect(progress.next?.slug).toBe('lesson-2')
  expect(progress).toMatchObject({ done: 1, total: 3, percent: 33, minutesLeft: 10 })
})

test('a learner who finished the last lesson first continues with the first open one', () => {
  const progress = progressOf(lessons, { lessons: { 'lesson-3': done }, lastLesson: 'lesson-3' })
  expect(progress.next?.slug).toBe('lesson-1')
})

test('an empty course is not finished', () => {
  expect(progressOf([], null)).toMatchObject({ done: 0, total: 0, percent: 0, finished: false })
})
