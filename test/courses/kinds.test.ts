import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { compareLessons } from '../../src/courses/compare'
import type { LessonField } from '../../src/courses/kinds/field'
import { kinds } from '../../src/courses/kinds/kinds'
import { courseContent } from '../kit/make'

const root = resolve(__dirname, '../..')

/** Whether there is a translation, such as `studio:kinds.video`. */
function isText(key: string): boolean {
  const [namespace, path] = key.split(':') as [string, string]
  const texts: unknown = JSON.parse(readFileSync(join(root, 'views/locales/en', `${namespace}.json`), 'utf8'))
  const found = path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], texts)
  return typeof found === 'string'
}

test.each(Object.values(kinds))('a lesson of the kind $name has all its texts, views and scripts', kind => {
  const fields = Object.entries<LessonField>(kind.fields)
  const { name } = kind
  const texts = [
    ...['academy:kinds', 'academy:course.preview', 'academy:lesson.sharedText'].map(key => `${key}.${name}`),
    ...['studio:kinds', 'studio:newLesson.kinds', 'sales:timelineNote.attention'].map(
      key => `${key}.${name}`,
    ),
    ...Object.entries(kind.completions).flatMap(([word, rule]) => [
      `academy:lesson.${word}Rule`,
      `studio:completions.${word}`,
      `studio:write.done.${word}`,
      ...(rule === 'marked' ? [] : [`academy:errors.${word}First`]),
      ...(rule === 'seconds' || rule === 'steps' ? [`academy:lesson.${word}Progress`] : []),
    ]),
    ...fields.flatMap(([field, { input }]) => [
      `studio:lessonSettings.${field}`,
      `studio:lessonSettings.${field}Hint`,
      ...(input.input === 'choice'
        ? input.words.map(word => `studio:lessonSettings.${field}Choices.${word}`)
        : []),
      ...(input.input === 'rows'
        ? input.columns.map(({ name }) => `studio:lessonSettings.${field}Columns.${name}`)
        : []),
      input.input === 'file' ? `studio:lessonSettings.${field}None` : `studio:errors.${field}`,
    ]),
  ]
  expect(texts.filter(key => !isText(key))).toEqual([])
  const views = Object.values(kind.views).filter(view => view !== null)
  expect(views.filter(view => !existsSync(join(root, 'views', `${view}.ejs`)))).toEqual([])
  expect(kind.scripts.filter(script => !existsSync(join(root, 'public', script)))).toEqual([])
  expect(readFileSync(join(root, 'views/icons.svg'), 'utf8')).toContain(`id="${kind.icon}"`)
})

test('a lesson whose video was replaced under the same name has changed', () => {
  const asset = { path: 'assets/a.webm', type: 'video/webm', size: 1, hash: 'old' }
  const before = courseContent({
    lessons: 2,
    assets: [asset],
    lesson: n => (n === 1 ? { kind: 'video', completion: 'watch', video: asset.path } : {}),
  })
  const after = { ...before, assets: [{ ...asset, hash: 'new' }] }
  expect(compareLessons(before, after)).toEqual([{ slug: 'lesson-1', title: 'Lesson 1', change: 'changed' }])
  expect(compareLessons(before, before)).toEqual([])
})
