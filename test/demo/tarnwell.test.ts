import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import sharp from 'sharp'
import { parse } from 'yaml'
import { checkCourse } from '../../src/courses/check-course'
import { around } from '../../src/courses/check-draft'
import { lessonsOf } from '../../src/courses/content'
import { Courses, type Course } from '../../src/courses/course'
import { importCourse, readCourseFolder } from '../../src/courses/import-course'
import { isGraded } from '../../src/courses/kinds/kinds'
import { markdownFacts } from '../../src/courses/markdown'
import { publishCourse } from '../../src/courses/publish-course'
import { questionKinds } from '../../src/courses/question'
import { questionsOf } from '../../src/courses/quiz'
import { saveDemoLists } from '../../scripts/demo/lists'
import { tarnwellLists } from '../../scripts/demo/tarnwell'
import { openAcademy, type Academy } from '../kit/academy'
import { calculationsIn } from './arithmetic'

const home = resolve(__dirname, '../../scripts/demo/tarnwell')
const folders = readdirSync(join(home, 'courses')).map(name => join(home, 'courses', name))
const slugs = folders.map(folder => basename(folder))
const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map(file => join(folder, file))
    .filter(file => statSync(file).isFile())
const markdownFiles = folders.flatMap(filesBelow).filter(file => /(?<!\/assets\/[^/]*)\.md$/.test(file))

/** A day soon after the courses were reviewed. */
const checkedAt = new Date('2026-11-29T09:00:00Z')

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy(() => saveDemoLists(tarnwellLists))
  for (const folder of folders) await importCourse({ files: await readCourseFolder(folder), by: null })
})
afterAll(() => academy.close())

/** What a person has to look at stays, whatever the author does. */
const findings = async (course: Course) =>
  checkCourse(course.draft, checkedAt, await around(course)).filter(({ level }) => level !== 'look')

test.each(slugs)('an author finds nothing to fix in %s', async slug => {
  const found = await findings((await Courses.findOne({ slug }))!)
  // They link to each other, so one of them has to be published first.
  expect(found.filter(({ key }) => key !== 'studio:checks.unpublishedLink')).toEqual([])
})

test('all courses can be published, and then no link between them leads nowhere', async () => {
  for (const { _id, draftNumber } of await Courses.find()) {
    await publishCourse({ course: _id, by: null, draftNumber })
  }
  for (const course of await Courses.find()) expect(await findings(course)).toEqual([])
})

test.each(slugs)('a visitor can try the first lesson of %s', async slug => {
  const { draft } = (await Courses.findOne({ slug }))!
  const lessons = lessonsOf(draft)
  expect(lessons.length).toBeGreaterThanOrEqual(5)
  expect(lessons.map(lesson => lesson.preview)).toEqual(
    lessons.map(({ kind }, n) => n === 0 || kind === 'tour'),
  )
  const graded = lessons.filter(isGraded)
  expect(graded).toEqual(lessons.slice(-1))
  const questions = questionsOf(graded[0]!.body)
  expect(questions.length).toBeGreaterThanOrEqual(8)
  expect(questions.length).toBeLessThanOrEqual(12)
  const kinds = slug === 'find-the-failing-pump' ? questionKinds : questionKinds.slice(0, 3)
  expect(new Set(questions.map(({ kind }) => kind))).toEqual(new Set(kinds))
  expect(draft.assets.map(({ path }) => path)).toContain('assets/cover.webp')
})

test('every file of a course is shown, played or downloaded by it', () => {
  const unused = folders.flatMap(folder => {
    const texts = filesBelow(folder)
      .filter(file => /\.(md|yml)$/.test(file))
      .map(file => readFileSync(file, 'utf8'))
      .join('\n')
    return readdirSync(join(folder, 'assets'))
      .filter(file => !texts.includes(`assets/${file}`) && !/^cover\.webp$|\.chapters\.en\.vtt$/.test(file))
      .map(file => `${basename(folder)}: ${file}`)
  })
  expect(unused).toEqual(['find-the-failing-pump: mill-lane.webp'])
})

test('someone who can’t see the pictures is told what they show', () => {
  const alts = markdownFiles.flatMap(file =>
    markdownFacts(readFileSync(file, 'utf8'))
      .references.filter(({ kind }) => kind === 'image')
      .map(({ alt }) => ({ file: basename(file), alt })),
  )
  expect(alts.length).toBeGreaterThan(25)
  expect(alts.filter(({ alt }) => (alt ?? '').length < 60)).toEqual([])
})

test('the pictures load quickly on a phone', async () => {
  const files = filesBelow(home)
  const images = files.filter(file => /\.(webp|png)$/.test(file))
  expect(images.filter(file => statSync(file).size > 150 * 1024)).toEqual([])
  expect(files.reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(6 * 1024 * 1024)
  for (const file of images.filter(each => basename(each) === 'cover.webp')) {
    expect(await sharp(file).metadata()).toMatchObject({ width: 1280, height: 800 })
  }
})

test('a reader who checks the calculations gets the same results', () => {
  const calculations = markdownFiles.flatMap(file =>
    calculationsIn(readFileSync(file, 'utf8')).map(each => ({ ...each, file: basename(file) })),
  )
  expect(calculations.length).toBeGreaterThan(80)
  const wrong = calculations.filter(
    ({ result, stated, decimals }) =>
      Math.abs(result - stated) > Math.max(0.01 * stated, 0.51 * 10 ** -decimals),
  )
  expect(wrong).toEqual([])
})

test('the settings name only files, courses, lessons, paths and topics that exist', async () => {
  const settings = readdirSync(home).filter(file => file.endsWith('.yml'))
  const texts = settings.map(file => readFileSync(join(home, file), 'utf8')).join('\n')
  const files = [...texts.matchAll(/\b(?:brand|courses)\/[\w/.-]+\.(?:svg|png|webp|webm|vtt)\b/g)].map(
    ([file]) => file,
  )
  expect(files.length).toBeGreaterThan(10)
  expect(files.filter(file => !existsSync(join(home, file)))).toEqual([])

  const settingsOf = <T>(name: string) => parse(readFileSync(join(home, `${name}.yml`), 'utf8')) as T
  const paths = settingsOf<{ slug: string; courses: string[] }[]>('paths')
  type Entry = { id: string }
  const needs = settingsOf<{
    questions: { answers: { path: string; topics: string[]; audience: string }[] }[]
  }>('needs')
  const answers = needs.questions.flatMap(question => question.answers)
  const filed = (await Courses.find()).map(({ draft }) => draft)
  const idsOf = (entries: Entry[]) => entries.map(({ id }) => id)

  expect(slugs).toEqual(expect.arrayContaining(paths.flatMap(path => path.courses)))
  const topics = [...filed.map(({ topic }) => topic), ...answers.flatMap(answer => answer.topics)]
  expect(idsOf(tarnwellLists.topics)).toEqual(expect.arrayContaining(topics))
  const audiences = [...filed.flatMap(each => each.audiences), ...answers.map(answer => answer.audience)]
  expect(['', ...idsOf(tarnwellLists.audiences)]).toEqual(expect.arrayContaining(audiences))
  const proposed = answers.map(({ path }) => path)
  expect(['', ...paths.map(({ slug }) => slug)]).toEqual(expect.arrayContaining(proposed))

  const addresses = [...texts.matchAll(/\/courses\/[\w/-]+/g)].map(([address]) => address.split('/').slice(2))
  for (const [slug, page, lesson] of addresses) {
    const course = await Courses.findOne({ slug })
    const lessons = lessonsOf(course!.draft).map(each => each.slug)
    if (page === 'lessons') expect(lessons).toContain(lesson)
  }
})
