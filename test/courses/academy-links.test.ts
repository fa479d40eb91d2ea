import { Courses } from '../../src/courses/course'
import { fixedPages } from '../../src/courses/academy-pages'
import { checkDraft } from '../../src/courses/check-draft'
import { Paths } from '../../src/courses/path'
import { publishCourse } from '../../src/courses/publish-course'
import { config } from '../../src/platform/config'
import { now } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous } from '../kit/as'
import * as make from '../kit/make'
import { allRoutes } from '../kit/routes'

/* Links of a lesson that lead to other pages of the academy. */

let academy: Academy
beforeAll(async () => {
  academy = await openAcademy()
  await make.course({
    slug: 'pumps',
    lesson: n => (n === 2 ? { preview: true, body: '## Seals and rings\n' } : {}),
  })
  await Courses.create({
    slug: 'planned',
    draft: make.courseContent({ title: 'Planned' }),
    createdAt: now(),
    changedAt: now(),
  })
  const path = { title: 'Start', audience: 'All', summary: 'Short.', courses: ['pumps'] }
  if (!(await Paths.read('start'))) await make.path({ slug: 'start', ...path })
})
afterAll(() => academy.close())

/** Returns what the check says about a lesson of the course “valves” with these links, one per line. */
async function findingsOf(...targets: string[]) {
  const body = targets.map(target => `[link](${target})`).join('\n')
  const draft = make.courseContent({ title: 'Valves', lessons: 1, lesson: () => ({ body }) })
  const findings = await checkDraft({ slug: 'valves', draft })
  return findings
    .filter(({ key }) => /Link$/.test(key))
    .map(({ level, line, key }) => `${level} ${line} ${key.replace('studio:checks.', '')}`)
}

test('the pages that links are compared with are those that the academy has', () => {
  const pages = allRoutes.flatMap(([method, path]) => (method === 'get' && !path.includes(':') ? [path] : []))
  expect([...fixedPages].sort()).toEqual([...new Set(pages)].sort())
})

test('links to courses, lessons, parts of lessons, paths and other pages lead there', async () => {
  const targets = [
    ...['/courses/pumps', '/courses/pumps/', '/courses/pumps?from=here#top', '/courses?topic=sales', '/'],
    ...['/courses/pumps/lessons/lesson-2', '/courses/pumps/lessons/lesson-2#seals-and-rings'],
    ...['/courses/pumps/02-lesson-2.md#seals-and-rings', '/courses/pumps/01-all/02-lesson-2#Seals-and-rings'],
    ...['/courses/valves', '/courses/valves/lessons/lesson-1', '/courses/pumps/enrolment'],
    ...[
      '/paths',
      '/paths/start',
      '/certificates',
      '/certificates/K7QM-2FXA-9T4W-0B3N',
      '/pricing',
      '/privacy',
    ],
    ...[`${config.baseUrl}/courses/pumps`, `${config.baseUrl.replace('http:', 'https:')}/paths/start`],
  ]
  expect(await findingsOf(...targets)).toEqual([])
})

test('dead links into the academy are found with their lines', async () => {
  const targets = [
    ...['/courses/pupms', '/courses/pumps/lessons/gone', '/courses/pumps/lessons/lesson-2#gone'],
    ...['/courses/pumps/09-gone.md', '/courses/pumps/lessons/lesson-2/gone', '/courses/pumps/gone'],
    ...[
      '/paths/gone',
      '/gone',
      '/certificate',
      `${config.baseUrl}/courses/gone`,
      '/courses/valves/lessons/gone',
    ],
  ]
  expect(await findingsOf(...targets)).toEqual(targets.map((_, n) => `error ${n + 1} deadLink`))
})

test('a dead link in a table or after a line break is found with its own line', async () => {
  const table =
    '| a | b |\n|---|---|\n| x | y |\n| z | [dead](/gone) |\n\nText\nand <br>\n**[more](/gone2)**\n'
  const draft = make.courseContent({ lessons: 1, lesson: () => ({ body: table }) })
  const findings = await checkDraft({ slug: 'valves', draft })
  expect(findings.filter(({ key }) => key.endsWith('deadLink')).map(({ line }) => line)).toEqual([4, 8])
})

test('two courses that link to each other can both be published', async () => {
  expect(await findingsOf('/courses/planned')).toEqual(['warning 1 unpublishedLink'])
  const created = { createdAt: now(), changedAt: now() }
  const linkingTo = (slug: string) =>
    make.courseContent({ title: slug, lessons: 1, lesson: () => ({ body: `[other](/courses/${slug})` }) })
  const one = await Courses.create({ slug: 'one', draft: linkingTo('two'), ...created })
  const two = await Courses.create({ slug: 'two', draft: linkingTo('one'), ...created })
  for (const { _id, draftNumber } of [one, two]) await publishCourse({ course: _id, by: null, draftNumber })
  expect((await checkDraft(one)).filter(({ key }) => key.endsWith('Link'))).toEqual([])
})

test('a link that names a lesson by its file leads a reader to the lesson', async () => {
  await make.course({
    slug: 'hoses',
    lessons: 1,
    lesson: () => ({ body: 'Read [about seals](/courses/pumps/02-lesson-2.md#seals-and-rings).' }),
  })
  const reader = await anonymous()
  const page = await reader.get('/courses/hoses/lessons/lesson-1').expect(200)
  expect(page.text).toContain('<a href="/courses/pumps/lessons/lesson-2#seals-and-rings">about seals</a>')
  await reader.get('/courses/pumps/lessons/lesson-2').expect(200)
})
