import { AuditEntries } from '../../src/events/audit'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeApprovalRule } from '../../src/courses/publishing-rule'
import { publishedCourse } from '../../src/courses/published'
import { Revisions } from '../../src/courses/revision'
import { openAcademy, type Academy } from '../kit/academy'
import { as, anonymous, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
let author: Visitor
let reviewer: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author', name: 'Ines Halvorsen' }))
  reviewer = await as(await make.person({ role: 'reviewer' }))
  // Reviews have a test of their own.
  await changeApprovalRule('never', (await make.person({ role: 'admin' }))._id)
})
afterAll(() => academy.close())

const courseOf = async (slug: string) => (await Courses.findOne({ slug }))!

test('an author with no courses yet is offered to create one', async () => {
  const page = await author.get('/studio').expect(200)
  expect(page.text).toContain('No courses yet')
  expect(page.text).toContain('href="/studio/courses/new"')
  expect((await reviewer.get('/studio').expect(200)).text).not.toContain('/studio/courses/new')
})

test('an anonymous visitor signs in first; prospects and sales have no access to the studio', async () => {
  const { slug } = await make.course()
  const lesson = `/studio/courses/${slug}/lessons/lesson-1`
  await (
    await anonymous()
  )
    .get(lesson)
    .expect(303)
    .expect('location', /^\/sign-in\?next=/)
  for (const role of ['prospect', 'sales', 'sales-lead'] as const) {
    const other = await as(await make.person({ role }))
    await other.get('/studio').expect(403)
    await other.get(`/studio/courses/${slug}.zip`).expect(403)
    await other.post(lesson, { title: 'Mine', body: 'Mine', baseVersion: 'x' }).expect(403)
  }
})

test('a reviewer reads everything and cannot change anything', async () => {
  const { slug } = await make.course()
  const course = `/studio/courses/${slug}`
  for (const path of [
    '',
    '/settings',
    '/files',
    '/revisions',
    '/revisions/1',
    '/lessons/lesson-1',
    '/lessons/lesson-1/preview',
    '/lessons/lesson-1/history',
    '/lessons/lesson-1/settings',
  ]) {
    const page = await reviewer.get(course + path).expect(200)
    expect(page.text.match(/<main/g)).toHaveLength(1)
    expect(page.text).not.toMatch(
      /<form method="post" action="\/studio[^"]*(publication|withdrawal|modules|position|removal)/,
    )
  }
  for (const path of [
    '/settings',
    '/publication',
    '/withdrawal',
    '/modules',
    '/lessons',
    '/lessons/lesson-1',
    '/lessons/lesson-1/position',
    '/lessons/lesson-1/removal',
    '/revisions/1/restoration',
    '/replaced-drafts/1/restoration',
    '/files/removal',
  ]) {
    await reviewer.post(course + path).expect(403)
  }
  expect(await courseOf(slug)).toMatchObject({ draftNumber: 1 })
})

test('a form with a wrong CSRF token is refused', async () => {
  const page = await author.post('/studio/courses', { title: 'Seals', _csrf: 'wrong' }).expect(403)
  expect(page.text).toContain('This form has expired')
  expect(await Courses.count({ 'draft.title': 'Seals' })).toBe(0)
})

test('an author creates a course, and a second one with the same title gets its own URL', async () => {
  await author
    .post('/studio/courses', { title: ' Seals, plainly ' })
    .expect(303)
    .expect('location', '/studio/courses/seals-plainly')
  await author
    .post('/studio/courses', { title: 'Seals, plainly' })
    .expect(303)
    .expect('location', '/studio/courses/seals-plainly-2')
  const page = await author.get('/studio/courses/seals-plainly').expect(200)
  expect(page.text).toContain('Seals, plainly')
  expect(page.text).toContain('The course has no lessons.')
  expect(await AuditEntries.count({ action: 'course.created', subject: 'seals-plainly' })).toBe(1)
})

test.each([
  ['', 'Enter a course title'],
  ['   ', 'Enter a course title'],
  ['x'.repeat(121), 'Use at most 120 characters. You&#39;ve used 121'],
])('an author cannot create a course with a missing or too long title', async (title, sentence) => {
  const page = await author.post('/studio/courses', { title }).expect(422)
  expect(page.text).toContain(sentence)
})

test('an author takes a course from a title to the catalogue', async () => {
  await author.post('/studio/courses', { title: 'Valves' }).expect(303)
  const course = '/studio/courses/valves'
  await author.post(`${course}/modules`, { title: 'Part one' }).expect(303)
  const created = await author
    .post(`${course}/lessons`, { title: 'What a valve is', kind: 'text', module: 'part-one' })
    .expect(303)
  expect(created.headers.location).toBe(`${course}/lessons/what-a-valve-is`)

  const refused = await author.post(`${course}/publication`, { draftNumber: 3 }).expect(422)
  expect(refused.text).toContain('Fix 2 errors before you publish')

  const editor = await author.get(created.headers.location!).expect(200)
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(editor.text)![1]
  await author
    .post(created.headers.location!, {
      baseVersion,
      title: 'What a valve is',
      body: 'It opens.\r\nIt closes.',
    })
    .expect(303)
  const settings = await author.get(`${course}/settings`).expect(200)
  const fields = {
    title: 'Valves',
    summary: 'Open and shut.',
    description: '',
    topic: 'operations',
    level: 'beginner',
    audiences: 'operations',
    language: 'en',
    amount: '79.50',
    currency: 'EUR',
    ...{ 'authors.0.name': 'Ines Halvorsen', 'authors.0.role': 'learning, and pumps' },
    outcomes: 'open\nshut\n',
    forYou: '',
    notForYou: '',
    callToAction: 'demo',
    callToActionLabel: 'Book',
    callToActionText: '',
    certificate: 'on',
    checkedOn: '2026-11-02',
    related: '',
  }
  for (const name of Object.keys(fields)) expect(settings.text).toContain(`name="${name}"`)
  await author
    .post(`${course}/settings`, {
      ...fields,
      baseVersion: /name="baseVersion" value="([^"]+)"/.exec(settings.text)![1],
    })
    .expect(303)

  const { draft, draftNumber } = await courseOf('valves')
  expect(draft).toMatchObject({
    price: { amount: 7950, currency: 'EUR' },
    ...{ topic: 'operations', audiences: ['operations'], level: 'beginner' },
    outcomes: ['open', 'shut'],
    authors: [{ name: 'Ines Halvorsen', role: 'learning, and pumps' }],
    callToAction: { kind: 'demo', label: 'Book', text: '' },
  })
  expect(draft.modules[0]!.lessons[0]!.body).toBe('It opens.\nIt closes.')
  await author.post(`${course}/publication`, { draftNumber }).expect(303)
  await author.post(`${course}/publication`, { draftNumber }).expect(303)
  expect(await publishedCourse('valves')).toMatchObject({ number: 1 })
  expect((await author.get(course).expect(200)).text).toContain('Published (v1)')
  await author.post(`${course}/withdrawal`).expect(303)
  expect(await publishedCourse('valves')).toBeUndefined()
  expect((await author.get(course).expect(200)).text).toContain('The course is withdrawn')
})

test('an author sees a message for each invalid setting, and what they typed', async () => {
  const { slug } = await make.course()
  const page = await author
    .post(`/studio/courses/${slug}/settings`, {
      title: '',
      summary: 'x'.repeat(401),
      topic: 'plumbing',
      level: 'beginner',
      language: 'English',
      amount: 'a lot',
      currency: 'EUR',
      outcomes: 'Kept as typed',
      callToAction: 'demo',
      checkedOn: 'today',
      related: 'Not A Slug',
      baseVersion: '',
    })
    .expect(422)
  for (const sentence of [
    'Enter a course title',
    'Use at most 400 characters. You&#39;ve used 401',
    'Enter a price such as',
    'Enter a date such as',
    'Choose one of these',
    'Kept as typed',
  ]) {
    expect(page.text).toContain(sentence)
  }
})

test('an author who was removed from the list of a course is gone, also when they were the last', async () => {
  const { slug } = await make.course()
  const two = { 'authors.0.name': 'Ada', 'authors.1.name': 'Ben', change: 'remove:authors:1' }
  const { text } = await author.post(`/studio/courses/${slug}/settings`, two).expect(200)
  expect(text).toContain('value="Ada"')
  expect(text).not.toContain('value="Ben"')
})

test('a course in a language that does not exist is refused, and one of before still opens everywhere', async () => {
  const { slug } = await make.course({ title: 'Seals' })
  const { _id } = await courseOf(slug)
  await Courses.updateOne({ _id }, { $set: { 'draft.language': 'en-a1' } })
  await Revisions.updateOne({ course: _id }, { $set: { 'content.language': 'en-a1' } })
  const page = await author
    .post(`/studio/courses/${slug}/settings`, { ...priced('', 'EUR'), language: 'en-a1', baseVersion: '' })
    .expect(422)
  expect(page.text).toMatch(/<a href="#language">Choose one/)
  expect((await author.get(`/studio/courses/${slug}/settings`).expect(200)).text).toContain('value="en-a1"')
  const studio = `/studio/courses/${slug}/lessons/lesson-1`
  for (const path of [`/courses/${slug}`, `/courses?language=en-a1`, studio, `${studio}/preview`])
    await author.get(path).expect(200)
  expect((await author.get(`/studio/courses/${slug}`).expect(200)).text).toContain('Choose its language')
})

test.each([
  ['0.30', 'EUR', 'Stripe takes at least 0.50 EUR'],
  ['79.50', 'JPY', 'The smallest step in JPY is 1'],
  ['5000.50', 'ISK', 'The smallest step in ISK is 1.00'],
  ['1000000', 'EUR', 'Stripe takes at most 999999.99 EUR'],
  ['240', 'XXX', 'Choose a currency that Stripe accepts'],
])('an author who prices a course at %s %s reads: %s', async (amount, currency, sentence) => {
  const { slug } = await make.course()
  const page = await author
    .post(`/studio/courses/${slug}/settings`, { ...priced(amount, currency), baseVersion: '' })
    .expect(422)
  expect(page.text).toContain(sentence)
})

test.each([
  ['1500000', 'VND', 1_500_000],
  ['9900.50', 'HUF', 990_050],
  ['5000', 'ISK', 500_000],
  ['90000', 'UGX', 9_000_000],
  ['7.95', 'KWD', 7950],
])('an author who prices a course at %s %s finds that price again', async (amount, currency, minor) => {
  const { slug } = await make.course()
  const settings = await author.get(`/studio/courses/${slug}/settings`).expect(200)
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(settings.text)![1]
  await author
    .post(`/studio/courses/${slug}/settings`, { ...priced(amount, currency), baseVersion })
    .expect(303)
  expect((await courseOf(slug)).draft.price).toEqual({ amount: minor, currency })
  const again = await author.get(`/studio/courses/${slug}/settings`).expect(200)
  expect(again.text).toContain(`value="${amount}"`)
})

const priced = (amount: string, currency: string) => ({
  title: 'Pumps',
  topic: 'learning',
  level: 'beginner',
  language: 'en',
  amount,
  currency,
  callToAction: 'none',
  checkedOn: '',
})

test('an author does not silently overwrite settings that someone else saved', async () => {
  const { slug, content } = await make.course()
  const fields = {
    title: 'Mine',
    topic: 'learning',
    level: 'beginner',
    language: 'en',
    amount: '',
    currency: 'EUR',
    callToAction: 'none',
    checkedOn: '',
  }
  const page = await author
    .post(`/studio/courses/${slug}/settings`, { ...fields, baseVersion: 'older' })
    .expect(409)
  expect(page.text).toContain('Someone else saved these settings after you opened them')
  expect(page.text).toContain('value="Mine"')
  expect((await courseOf(slug)).draft.title).toBe(content.title)
  const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(page.text)![1]
  await author.post(`/studio/courses/${slug}/settings`, { ...fields, baseVersion }).expect(303)
  expect((await courseOf(slug)).draft.title).toBe('Mine')
})

test('a course, lesson, module or version that does not exist is not found', async () => {
  const { slug } = await make.course()
  for (const path of [
    '/studio/courses/nowhere',
    `/studio/courses/${slug}/lessons/nowhere`,
    `/studio/courses/${slug}/revisions/9`,
    `/studio/courses/${slug}/revisions/x`,
  ]) {
    await author.get(path).expect(404)
  }
  await author.post(`/studio/courses/${slug}/modules/nowhere/position`, { to: 'up' }).expect(404)
  await author.post(`/studio/courses/${slug}/modules/nowhere`, { title: 'X' }).expect(404)
})

test('an author renames and moves a module, and removes it only when it is empty', async () => {
  const { slug, content } = await make.course()
  const first = content.modules[0]!.folder
  const course = `/studio/courses/${slug}`
  await author.post(`${course}/modules`, { title: '' }).expect(422)
  await author.post(`${course}/modules`, { title: 'More' }).expect(303)
  await author.post(`${course}/modules/more`, { title: 'Even more' }).expect(303)
  await author.post(`${course}/modules/more/position`, { to: 'up' }).expect(303)
  expect((await courseOf(slug)).draft.modules.map(module => module.title)).toEqual(['Even more', 'Part one'])
  await author.post(`${course}/modules/${first}/removal`).expect(422)
  await author.post(`${course}/modules/more/removal`).expect(303)
  expect((await courseOf(slug)).draft.modules).toHaveLength(1)
})

test('an author sees what a version changed and who published it, and restores an older one', async () => {
  const { slug, course } = await make.course({ lessons: 2 })
  const home = `/studio/courses/${slug}`
  await author.post(`${home}/lessons/lesson-2/removal`).expect(303)
  const { draftNumber } = await courseOf(slug)
  await author.post(`${home}/publication`, { draftNumber }).expect(303)
  const versions = await author.get(`${home}/revisions`).expect(200)
  expect(versions.text).toMatch(/Version 2[\s\S]*Ines Halvorsen[\s\S]*Version 1/)
  expect((await author.get(`${home}/revisions/2`).expect(200)).text).toMatch(/Removed<\/span>\s+Lesson 2/)
  expect((await author.get(`${home}/revisions/1`).expect(200)).text).toContain('Restore version 1')
  await author.post(`${home}/revisions/1/restoration`).expect(303)
  expect((await courseOf(slug)).draft.modules[0]!.lessons).toHaveLength(2)
  expect(await publishedCourse(slug)).toMatchObject({ number: 2 })
  expect(await AuditEntries.count({ subject: slug })).toBeGreaterThanOrEqual(3)
  expect(course).toBeDefined()
})

test('an author goes from what a new course lacks to the field where it is added', async () => {
  const { slug, course } = await make.course()
  const empty = { summary: '', outcomes: [], authors: [], checkedOn: null }
  await changeDraft(course, content => ({ ...content, ...empty }))
  const page = (await author.get(`/studio/courses/${slug}`).expect(200)).text
  const settings = (await author.get(`/studio/courses/${slug}/settings`)).text
  for (const field of ['summary', 'outcomes', 'authors', 'checkedOn']) {
    expect(page).toContain(`href="/studio/courses/${slug}/settings#${field}"`)
    expect(settings).toContain(`id="${field}"`)
  }
})

test('an author goes from a finding in the description to its field', async () => {
  const { slug, course } = await make.course()
  await changeDraft(course, content => ({ ...content, description: 'One.\n\n[Two](assets/gone.csv)' }))
  const page = await author.get(`/studio/courses/${slug}`).expect(200)
  expect(page.text).toContain(`href="/studio/courses/${slug}/settings#description">Go to it<`)
  expect((await author.get(`/studio/courses/${slug}/settings`)).text).toContain('id="description"')
})
