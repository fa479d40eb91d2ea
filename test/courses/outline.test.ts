import { compareLessons, compareLines, isRestChanged } from '../../src/courses/compare'
import {
  addLesson,
  addModule,
  changeLesson,
  moveLesson,
  moveModule,
  removeLesson,
  removeModule,
  renameModule,
} from '../../src/courses/outline'
import { courseContent } from '../kit/make'

const base = () => {
  const content = courseContent({ lessons: 3 })
  content.modules[0]!.folder = 'all'
  return addModule(content, 'More').content
}
const order = (content: ReturnType<typeof base>) =>
  content.modules
    .map(module => module.lessons.map(lesson => lesson.slug.replace('lesson-', '')).join(''))
    .join('|')

test('an author moves a lesson step by step, across modules, until the ends of the course', () => {
  expect(order(moveLesson(base(), 'lesson-1', 'down'))).toBe('213|')
  expect(order(moveLesson(base(), 'lesson-2', 'down'))).toBe('132|')
  expect(order(moveLesson(base(), 'lesson-3', 'down'))).toBe('12|3')
  expect(order(moveLesson(moveLesson(base(), 'lesson-3', 'down'), 'lesson-3', 'up'))).toBe('123|')
  expect(order(moveLesson(base(), 'lesson-1', 'up'))).toBe('123|')
  expect(order(moveLesson(moveLesson(base(), 'lesson-3', 'down'), 'lesson-3', 'down'))).toBe('12|3')
})

test('an author moves a lesson before another one or to the end of a module', () => {
  expect(order(moveLesson(base(), 'lesson-3', { module: 'all', before: 'lesson-1' }))).toBe('312|')
  expect(order(moveLesson(base(), 'lesson-1', { module: 'more' }))).toBe('23|1')
  expect(order(moveLesson(base(), 'lesson-1', { module: 'all', before: 'lesson-1' }))).toBe('123|')
  expect(() => moveLesson(base(), 'lesson-1', { module: 'nowhere' })).toThrow('notFound')
})

test('a new lesson gets a unique slug from its title', () => {
  const first = addLesson(base(), 'more', { title: 'Żółta łódź: “what now?”', kind: 'quiz' })
  expect(first.slug).toBe('zolta-lodz-what-now')
  expect(addLesson(first.content, 'more', { title: 'Zolta lodz, what now', kind: 'text' }).slug).toBe(
    'zolta-lodz-what-now-2',
  )
  expect(addLesson(base(), 'more', { title: '漢字', kind: 'text' }).slug).toBe('han-zi')
  expect(addLesson(base(), 'more', { title: '🎉', kind: 'text' }).slug).toBe('lesson')
  expect(addLesson(base(), 'more', { title: 'New', kind: 'text' }).slug).toBe('new-2')
})

test('modules are renamed and moved, and removed when they are empty', () => {
  expect(renameModule(base(), 'more', 'Even more').modules[1]!.title).toBe('Even more')
  expect(order(moveModule(base(), 'more', 'up'))).toBe('|123')
  expect(order(moveModule(base(), 'more', 'down'))).toBe('123|')
  expect(removeModule(base(), 'more').modules).toHaveLength(1)
  expect(() => removeModule(base(), 'all')).toThrow('moduleNotEmpty')
})

test('two versions are compared lesson by lesson', () => {
  const before = base()
  let after = changeLesson(before, 'lesson-1', { body: 'New.' })
  after = addLesson(removeLesson(after, 'lesson-2'), 'more', { title: 'Fresh', kind: 'text' }).content
  expect(compareLessons(before, after).map(({ slug, change }) => `${change} ${slug}`)).toEqual([
    'changed lesson-1',
    'added fresh',
    'removed lesson-2',
  ])
  expect(isRestChanged(before, changeLesson(before, 'lesson-1', { body: 'New.' }))).toBe(false)
  expect(isRestChanged(before, moveLesson(before, 'lesson-1', 'down'))).toBe(true)
})

test('two texts are compared line by line', () => {
  const shown = (before: string, after: string) =>
    compareLines(before, after)
      .map(({ kind, text }) => ({ same: ' ', added: '+', removed: '-' })[kind] + text)
      .join('\n')
  expect(shown('a\nb\nc\nd', 'a\nx\nc\nd\ne')).toBe(' a\n-b\n+x\n c\n d\n+e')
  expect(shown('', 'a')).toBe('-\n+a')
  expect(shown('same', 'same')).toBe(' same')
  expect(shown('a\na\nb', 'a\nb')).toBe(' a\n-a\n b')
  const long = Array.from({ length: 3000 }, (_, n) => `line ${n}`)
  expect(compareLines(long.join('\n'), long.toReversed().join('\n'))).toHaveLength(6000)
})
