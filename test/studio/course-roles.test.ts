import { Types } from 'mongoose'
import { changeDraft } from '../../src/courses/change-draft'
import { setCourseRole } from '../../src/courses/change-team'
import { coursePermissions, courseRoles, type CoursePermission } from '../../src/courses/course-role'
import { Courses } from '../../src/courses/course'
import { addLesson, replaceLesson } from '../../src/courses/outline'
import { publishCourse } from '../../src/courses/publish-course'
import { saveAsset } from '../../src/courses/asset'
import { AuditEntries } from '../../src/events/audit'
import { enrol } from '../../src/learning/enrol'
import { Emails } from '../../src/mail/email'
import { remindOfReviews } from '../../src/emails'
import type { Person } from '../../src/people/person'
import { setClock } from '../../src/platform/clock'
import { routes } from '../../src/studio/routes'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let admin: Person
beforeAll(async () => {
  academy = await openAcademy()
  admin = await make.person({ role: 'admin', name: 'Ada Admin' })
})
afterAll(() => academy.close())

/** Every route of a course, with real values for its parameters, and the permission that it needs. */
const courseRoutes = routes
  .filter(([, path]) => path.startsWith('/studio/courses/:slug'))
  .map(([method, path, guard]) => ({
    method,
    path,
    name: `${method} ${path}`,
    permission: 'needs' in guard ? (guard.needs?.permission as CoursePermission) : undefined,
  }))

const urlOf = (path: string, slug: string) =>
  path
    .replace(':slug', slug)
    .replace(':lesson', 'lesson-1')
    .replace(':person', String(new Types.ObjectId()))
    .replace(':module', '01-all')
    .replace(':number', '99')
    .replace(':question', 'q1')

const send = (visitor: Visitor, method: string, url: string) =>
  method === 'get' ? visitor.get(url) : visitor.post(url)

async function contributorOf(slug: string, role: (typeof courseRoles)[number]) {
  const person = await make.person({ role: 'contributor' })
  const course = (await Courses.findOne({ slug }))!
  await setCourseRole({ course: course._id, by: admin._id, person: person._id, role })
  return { person, visitor: await as(person) }
}

test('every route of a course names the permission that it needs there', () => {
  expect(courseRoutes.filter(({ permission }) => !permission)).toEqual([])
  expect(courseRoutes.length).toBeGreaterThan(50)
  // A form that changes something needs more than to read the course; showing a question as it would look changes none.
  const reading = courseRoutes.filter(({ method, permission }) => method === 'post' && permission === 'read')
  expect(reading.map(({ path }) => path)).toEqual(['/studio/courses/:slug/lessons/:lesson/question-preview'])
})

test('a partner of another course finds none of this one, on no route', async () => {
  const [mine, other] = [await make.course(), await make.course()]
  const { visitor } = await contributorOf(mine.slug, 'partner')
  const found: string[] = []
  for (const { method, path, name } of courseRoutes) {
    const { status } = await send(visitor, method, urlOf(path, other.slug))
    if (status !== 404) found.push(`${name}: ${status}`)
  }
  expect(found).toEqual([])
  await visitor.get(`/studio/courses/${mine.slug}`).expect(200)
})

test.each(courseRoles)(
  'as %s, a person of another company may use exactly what the role allows',
  async role => {
    const { slug } = await make.course()
    const { person, visitor } = await contributorOf(slug, role)
    const permissions = coursePermissions(person, (await Courses.findOne({ slug }))!)
    const wrong: string[] = []
    for (const { method, path, name, permission } of courseRoutes.filter(each => each.method === 'post')) {
      if (permissions.has(permission!)) continue
      const { status } = await send(visitor, method, urlOf(path, slug))
      if (status !== 403) wrong.push(`${name}: ${status}`)
    }
    for (const { method, path, name, permission } of courseRoutes.filter(each => each.method === 'get')) {
      const { status } = await send(visitor, method, urlOf(path, slug))
      const isRefused = status === 403
      if (isRefused === permissions.has(permission!) || status >= 500) wrong.push(`${name}: ${status}`)
    }
    expect(wrong).toEqual([])
  },
)

test('what each role may do', () => {
  const may = (role: (typeof courseRoles)[number]) => {
    const person = { _id: new Types.ObjectId(), role: 'contributor' as const }
    return [...coursePermissions(person, { team: [{ person: person._id, role }] })].join(' ')
  }
  expect(Object.fromEntries(courseRoles.map(role => [role, may(role)]))).toEqual({
    owner: 'read comment write publish manage',
    author: 'read comment write publish',
    expert: 'read comment',
    reviewer: 'read comment review',
    partner: 'read comment write',
  })
  // A role in a course is worth nothing without an account of the team.
  const prospect = { _id: new Types.ObjectId(), role: 'prospect' as const }
  expect(coursePermissions(prospect, { team: [{ person: prospect._id, role: 'owner' }] }).size).toBe(0)
})

test('a partner sees only their course in the studio, and nothing else of it', async () => {
  const [mine, other] = [await make.course({ title: 'Mine' }), await make.course({ title: 'Not mine' })]
  const { visitor } = await contributorOf(mine.slug, 'partner')
  const studio = await visitor.get('/studio').expect(200)
  expect(studio.text).toContain(`href="/studio/courses/${mine.slug}"`)
  expect(studio.text).not.toContain(other.slug)
  expect(studio.text).not.toMatch(/href="\/studio\/(paths|questions|courses\/new|imports\/new)"/)
  for (const path of ['/studio/questions', '/studio/paths', '/studio/courses/new', '/studio/imports/new']) {
    await visitor.get(path).expect(403)
  }
  await visitor.get('/insights').expect(403)
})

test('a partner opens the files of their course, and no others', async () => {
  const saved = async (text: string) => ({
    path: 'assets/a.txt',
    hash: await saveAsset(Buffer.from(text), 'text/plain'),
    type: 'text/plain',
    size: text.length,
  })
  const [own, foreign] = [await saved('own'), await saved('foreign')]
  const mine = await make.course({ assets: [own] })
  await make.course({ assets: [foreign] })
  const { visitor } = await contributorOf(mine.slug, 'partner')
  await visitor.get(`/assets/${own.hash}/a.txt`).expect(200)
  expect((await visitor.get(`/assets/${foreign.hash}/a.txt`)).status).not.toBe(200)
})

test('an owner puts people on the team; a course has one owner, and the audit log says who did it', async () => {
  const owner = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  const author = await as(owner)
  await author.post('/studio/courses', { title: 'Owned' }).expect(303)
  const expert = await make.person({ role: 'contributor', name: 'Tom Expert' })
  const team = '/studio/courses/owned/team'
  expect((await author.get(team).expect(200)).text).toContain('Ines Halvorsen')
  await author.post(team, { person: String(expert._id) }).expect(422)
  await author.post(team, { person: 'nobody', role: 'expert' }).expect(422)
  await author.post(team, { person: String(expert._id), role: 'expert' }).expect(303)
  const prospect = await make.person()
  const refused = await author.post(team, { person: String(prospect._id), role: 'expert' }).expect(409)
  expect(refused.text).toContain('can’t be on a course’s team')
  await author.post(team, { person: String(expert._id), role: 'owner' }).expect(303)
  const { team: members } = (await Courses.findOne({ slug: 'owned' }))!
  expect(members!.map(({ person, role }) => [String(person), role]).sort()).toEqual(
    [
      [String(owner._id), 'author'],
      [String(expert._id), 'owner'],
    ].sort(),
  )
  // The owner before is an author now, and can't say any more who works on it.
  await author.post(`${team}/${expert._id}/removal`).expect(403)
  const next = await as(expert)
  await next.post(`${team}/${owner._id}/removal`).expect(303)
  expect((await Courses.findOne({ slug: 'owned' }))!.team).toHaveLength(1)
  expect(await AuditEntries.count({ subject: 'owned', action: 'course_role.changed' })).toBe(2)
  expect(await AuditEntries.count({ subject: 'owned', action: 'course_role.removed' })).toBe(1)
})

test('the owner is reminded of a review date once a week before it and once when it has come', async () => {
  const owner = await make.person({ role: 'author', name: 'Ines Halvorsen' })
  const { slug, course } = await make.course({ title: 'Reviewed' })
  await setCourseRole({ course, by: admin._id, person: owner._id, role: 'owner' })
  const visitor = await as(owner)
  const url = `/studio/courses/${slug}/review-date`
  expect((await visitor.post(url, { reviewOn: 'soon' }).expect(422)).text).toContain('Enter a date such as')
  await visitor.post(url, { reviewOn: '2031-05-20' }).expect(303)
  const subjects = async () =>
    (await Emails.find({ person: owner._id }, { subject: 1 }).sort({ createdAt: 1 })).map(
      ({ subject }) => subject,
    )
  for (const day of ['2031-05-01', '2031-05-14', '2031-05-15', '2031-05-20', '2031-05-21']) {
    setClock(() => Date.parse(`${day}T08:00:00Z`))
    await remindOfReviews()
    if (day === '2031-05-01') expect(await subjects()).toEqual([])
  }
  setClock()
  expect(await subjects()).toEqual(['Review due soon: Reviewed', 'Review due: Reviewed'])
  expect((await visitor.get('/studio')).text).toContain('20 May 2031')
})

test('a partner reads no names of learners and no figures of sales, and no link leads to a refusal', async () => {
  const made = await make.course({ title: 'Shared', lessons: 2 })
  const { visitor } = await contributorOf(made.slug, 'partner')
  const author = await as(await make.person({ role: 'author' }))
  const learner = await make.person({ name: 'Jukka Nieminen' })
  const reading = await as(learner)
  await enrol({ person: learner._id, published: made, paid: false })
  const lesson = `/courses/${made.slug}/lessons/lesson-1`
  await reading.get(lesson).expect(200)
  await reading.post(`${lesson}/completion`).expect(303)
  await reading.post(`${lesson}/questions`, { text: 'Why does it ring?' }).expect(303)
  await changeDraft(
    made.course,
    content => addLesson(content, '01-all', { title: 'More', kind: 'text' }).content,
  )
  const studio = `/studio/courses/${made.slug}`
  const compose = `${studio}/publications/new`
  expect((await author.get(compose).expect(200)).text).toContain('goes back to “More”: Jukka Nieminen')
  const { text } = await visitor.get(compose).expect(200)
  expect(text).toContain('goes back to “More”.')
  expect(text).not.toContain('Jukka')

  const seen = new Set([studio])
  const refused: string[] = []
  for (const path of seen) {
    const page = await visitor.get(path)
    if (page.status === 403 || page.status >= 500) refused.push(`${path}: ${page.status}`)
    if (page.text?.includes('Jukka')) refused.push(`${path}: the name of a learner`)
    if (!path.startsWith('/studio')) continue
    for (const [, href] of (page.text ?? '').matchAll(/ href="(\/[^"#]*)/g)) {
      if (!href!.startsWith('/js/') && seen.size < 300) seen.add(href!.replaceAll('&amp;', '&'))
    }
  }
  expect(refused).toEqual([])
  expect(seen.size).toBeGreaterThan(20)
})

test('a partner copies, removes and brings back no lesson that is only for some people', async () => {
  const made = await make.course({ title: 'Split', lessons: 3 })
  const [open, hidden] = made.lessons
  const studio = `/studio/courses/${made.slug}`
  const { visitor } = await contributorOf(made.slug, 'partner')
  await changeDraft(made.course, content => replaceLesson(content, { ...hidden!, visibility: 'invited' }))
  const lessons = async () =>
    (await Courses.findById(made.course))!.draft.modules.flatMap(module =>
      module.lessons.map(({ slug, visibility = 'learners' }) => `${slug} ${visibility}`),
    )
  const before = await lessons()

  // What they work on they read, as a member of the team: the draft. They give it to nobody.
  expect((await visitor.get(`${studio}/lessons/lesson-2`).expect(200)).text).toContain(
    'The text of lesson 2.',
  )
  await visitor.post(`${studio}/copy`).expect(403)
  const select = (action: string, ...slugs: string[]) =>
    visitor.post(`${studio}/lesson-selection`, { action, lessons: slugs, module: '01-all' })
  for (const action of ['duplicate', 'remove']) {
    const { text } = await select(action, open!.slug, hidden!.slug).expect(403)
    expect(text).toMatch(/Lesson 2[^<]*isn(’|&#39;)t for everyone/)
  }
  await visitor.post(`${studio}/lessons/lesson-2/removal`).expect(403)
  expect((await visitor.get(`${studio}/lessons/lesson-2/settings`).expect(200)).text).not.toContain(
    '/removal',
  )
  expect(await lessons()).toEqual(before)

  // A version without the lesson would lose for whom it is, and so would an undo.
  const author = await as(await make.person({ role: 'author' }))
  await author.post(`${studio}/lesson-selection`, { action: 'remove', lessons: ['lesson-2'] }).expect(303)
  const { draftNumber } = (await Courses.findById(made.course))!
  await publishCourse({ course: made.course, by: admin._id, draftNumber })
  await author.post(`${studio}/outline-undo`).expect(303)
  expect(await lessons()).toEqual(before)
  expect((await Courses.findById(made.course))!.revisions).toBe(2)
  await visitor.post(`${studio}/revisions/2/restoration`).expect(403)
  expect(await lessons()).toEqual(before)

  // Its own changes to other lessons are theirs to make and to undo, but no lesson becomes a free preview.
  await select('move', hidden!.slug).expect(303)
  await select('duplicate', open!.slug).expect(303)
  expect(await lessons()).toHaveLength(4)
  await visitor.post(`${studio}/outline-undo`).expect(303)
  const settings = `${studio}/lessons/lesson-3/settings`
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec((await visitor.get(settings)).text)![1]
  await visitor.post(settings, { baseVersion, kind: 'text', minutes: '6', preview: 'on' }).expect(303)
  const last = (await Courses.findById(made.course))!.draft.modules[0]!.lessons.find(
    ({ slug }) => slug === 'lesson-3',
  )
  expect(last).toMatchObject({ minutes: 6, preview: false })
})
