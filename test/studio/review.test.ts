import type { Types } from 'mongoose'
import { changeApprovalRule } from '../../src/courses/publishing-rule'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { changeLesson } from '../../src/courses/outline'
import { addToHistory, requestReview, ReviewSteps } from '../../src/courses/review'
import { Revisions } from '../../src/courses/revision'
import { setCourseRole } from '../../src/courses/change-team'
import { AuditEntries } from '../../src/events/audit'
import { Emails } from '../../src/mail/email'
import type { Person } from '../../src/people/person'
import { setClock } from '../../src/platform/clock'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ines: Person
let author: Visitor
let katerina: Person
let reviewer: Visitor
let admin: Visitor
let adminId: Types.ObjectId
beforeAll(async () => {
  academy = await openAcademy()
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen', timeZone: 'Europe/Prague' })
  author = await as(ines)
  const administrator = await make.person({ role: 'admin' })
  admin = await as(administrator)
  adminId = administrator._id
})
afterAll(() => academy.close())
afterEach(() => setClock())

const courseOf = async (slug: string) => (await Courses.findOne({ slug }))!
const stepOf = async (slug: string) => (await courseOf(slug)).review?.number ?? 0
const tagOf = (text: string) => /class="tag [^"]*">([^<]+)</.exec(text.split('data-workflow')[1]!)![1]
const nextOf = (text: string) =>
  /class="button button-main" href="([^"]+)">([^<]+)</.exec(
    text.split('data-workflow')[1]!.split('</div>')[0]!,
  )

/** A published course with a change in its draft. */
async function changedCourse(title = 'Pumps') {
  const made = await make.course({ title })
  await change(made.course)
  return { ...made, url: `/studio/courses/${made.slug}` }
}

const change = (course: Types.ObjectId) =>
  changeDraft(course, content => changeLesson(content, 'lesson-1', { body: `Changed ${Math.random()}.\n` }))

async function post(visitor: Visitor, slug: string, path: string, fields: Record<string, unknown> = {}) {
  const { draftNumber } = await courseOf(slug)
  const sent = { step: await stepOf(slug), draftNumber, ...fields }
  return visitor.post(`/studio/courses/${slug}/${path}`, sent)
}

describe('in an academy without a reviewer', () => {
  test('an author publishes alone, and can still ask for a review', async () => {
    const { slug, url } = await changedCourse()
    const page = await author.get(url).expect(200)
    expect(tagOf(page.text)).toBe('Draft')
    expect(nextOf(page.text)!.slice(1)).toEqual([`${url}/publications/new`, 'Publish…'])
    expect((await author.get(`${url}/publications/new`).expect(200)).text).toContain('No approval is needed.')
    expect((await post(author, slug, 'publication')).status).toBe(303)
    const published = await author.get(url).expect(200)
    expect(tagOf(published.text)).toBe('Published (v2)')
    expect(nextOf(published.text)).toBeNull()
  })

  test('an administrator can require an approval all the same, or never', async () => {
    const { slug } = await changedCourse()
    await admin.post('/admin/publishing', { approval: 'sometimes' }).expect(422)
    await admin.post('/admin/publishing', { approval: 'always' }).expect(303)
    const refused = await post(author, slug, 'publication', { note: 'Kept as typed' })
    expect(refused.status).toBe(409)
    expect(refused.text).toContain('needs another person’s approval')
    expect(refused.text).toContain('Kept as typed')
    await admin.post('/admin/publishing', { approval: 'never' }).expect(303)
    expect((await post(author, slug, 'publication')).status).toBe(303)
    expect(await AuditEntries.count({ action: 'publishing_rule.changed' })).toBe(2)
    await changeApprovalRule('if-reviewer', adminId)
  })

  test('a course with a reviewer of its own needs an approval', async () => {
    const { slug, course } = await changedCourse()
    const partner = await make.person({ role: 'contributor' })
    await setCourseRole({ course, by: adminId, person: partner._id, role: 'reviewer' })
    expect((await post(author, slug, 'publication')).status).toBe(409)
    await post(author, slug, 'review/request')
    expect((await post(await as(partner), slug, 'review/approval')).status).toBe(303)
    expect((await post(author, slug, 'publication')).status).toBe(303)
  })
})

describe('in an academy with a reviewer', () => {
  beforeAll(async () => {
    katerina = await make.person({ role: 'reviewer', name: 'Kateřina Malá' })
    reviewer = await as(katerina)
  })

  test('a draft goes from a request over changes and an approval to learners, and everyone is told', async () => {
    const { slug, url, course } = await changedCourse('Reviewed pumps')
    const before = await author.get(url).expect(200)
    expect(nextOf(before.text)!.slice(1)).toEqual([`${url}/review`, 'Ask for review'])
    expect((await post(author, slug, 'publication')).status).toBe(409)

    expect((await post(author, slug, 'review/request', { note: 'Is 7.1 right?' })).status).toBe(303)
    expect(tagOf((await author.get(url)).text)).toBe('In review')
    expect(nextOf((await author.get(url)).text)).toBeNull()
    expect(nextOf((await reviewer.get(url)).text)![2]).toBe('Review…')

    const noReason = await post(reviewer, slug, 'review/changes', { note: ' ' })
    expect(noReason.status).toBe(422)
    expect(noReason.text).toContain('Say what should change')
    await post(reviewer, slug, 'review/changes', { note: 'It asks at set-up now.' })
    const asked = await author.get(url).expect(200)
    expect([tagOf(asked.text), nextOf(asked.text)![2]]).toEqual(['Changes requested', 'Resubmit'])

    await change(course)
    await post(author, slug, 'review/request')
    await post(reviewer, slug, 'review/approval')
    const approved = await author.get(url).expect(200)
    expect([tagOf(approved.text), nextOf(approved.text)![2]]).toEqual(['Approved', 'Publish…'])
    expect((await author.get(`${url}/publications/new`)).text).toContain('Kateřina Malá approved this draft')
    expect((await post(author, slug, 'publication', { note: 'Limits follow software 4.2.' })).status).toBe(
      303,
    )
    expect(await Revisions.findOne({ course, number: 2 })).toMatchObject({
      note: 'Limits follow software 4.2.',
      approvedBy: katerina._id,
    })

    const steps = await ReviewSteps.find({ course, number: { $gt: 1 } }).sort({ number: 1 })
    expect(steps.map(({ action, note }) => [action, note])).toEqual([
      ['requested', 'Is 7.1 right?'],
      ['changes-requested', 'It asks at set-up now.'],
      ['requested', ''],
      ['approved', ''],
      ['published', 'Limits follow software 4.2.'],
    ])
    const history = (await author.get(`${url}/review`).expect(200)).text
    expect(history).toMatch(/Kateřina Malá requested changes to draft 2, .*(CET|CEST|GMT\+\d)/)
    expect(history).toContain('It asks at set-up now.')
    const { length } = await AuditEntries.find({
      subject: slug,
      action: /^course\.(requested|approved|changes)/,
    })
    expect(length).toBe(4)

    await runAllDue()
    const sent = await Emails.find({ subject: /Reviewed pumps/ }, { person: 1, subject: 1, html: 1 })
    const to = (person: Person) =>
      sent.filter(email => email.person?.equals(person._id)).map(({ subject }) => subject)
    // Reading the queue late, only the last step of a burst is about something that still has to be done.
    expect(to(ines)).toEqual([])
    expect(to(katerina)).toEqual([])
  })

  test('the reviewer gets an email about a request, and the author one about the reply, each once', async () => {
    const { slug } = await changedCourse('Told pumps')
    const subjects = async (person: Person) => {
      await runAllDue()
      await runAllDue()
      const emails = await Emails.find({ person: person._id, subject: /Told pumps/ }, { subject: 1, html: 1 })
      return emails.map(({ subject }) => subject)
    }
    await post(author, slug, 'review/request')
    expect(await subjects(katerina)).toEqual(['Ines Halvorsen asks for your review: Told pumps'])
    await post(reviewer, slug, 'review/changes', { note: '<b>Why</b>?' })
    expect(await subjects(ines)).toEqual(['Changes requested: Told pumps'])
    expect((await Emails.findOne({ subject: 'Changes requested: Told pumps' }))!.html).toContain(
      '&lt;b&gt;Why',
    )
    await post(author, slug, 'review/request')
    await subjects(katerina)
    await post(reviewer, slug, 'review/approval')
    expect(await subjects(ines)).toContain('Approved: Told pumps')
  })

  test('of two reviewers at once one wins, and the other reads what happened', async () => {
    const { slug } = await changedCourse()
    const other = await as(await make.person({ role: 'reviewer', name: 'Second Reviewer' }))
    await post(author, slug, 'review/request')
    const [step, { draftNumber }] = [await stepOf(slug), await courseOf(slug)]
    const results = await Promise.all([
      reviewer.post(`/studio/courses/${slug}/review/approval`, { step, draftNumber, note: '' }),
      other.post(`/studio/courses/${slug}/review/changes`, { step, draftNumber, note: 'Kept as typed' }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual([303, 409])
    const refused = results.find(({ status }) => status === 409)!
    expect(refused.text).toContain('Someone else was quicker, so nothing was changed.')
    expect(refused.text).toMatch(/(approved|requested changes to) draft 2/)
    expect(await stepOf(slug)).toBe(step + 1)
  })

  test('nobody approves their own request, nor a draft that they have not seen', async () => {
    const { slug, course, url } = await changedCourse()
    await post(admin, slug, 'review/request')
    expect((await admin.get(`${url}/review`)).text).toContain('You asked for this review')
    const own = await post(admin, slug, 'review/approval')
    expect(own.status).toBe(409)
    expect(own.text).toContain('someone else has to approve it')
    const { draftNumber } = await courseOf(slug)
    await change(course)
    const stale = await post(reviewer, slug, 'review/approval', { draftNumber })
    expect(stale.status).toBe(409)
    expect(stale.text).toContain('The draft has changed since you opened this')
    expect((await post(author, slug, 'review/approval')).status).toBe(403)
    expect((await post(reviewer, slug, 'publication')).status).toBe(403)
  })

  test('an edit after the approval makes it a draft again, and the pages say so', async () => {
    const { slug, course, url } = await changedCourse()
    await post(author, slug, 'review/request')
    await post(reviewer, slug, 'review/approval')
    const lesson = await author.get(`${url}/lessons/lesson-2`).expect(200)
    expect(tagOf(lesson.text)).toBe('Approved')
    const baseVersion = /name="baseVersion" value="([^"]+)"/.exec(lesson.text)![1]
    const saved = await author
      .post(`${url}/lessons/lesson-2`, { baseVersion, title: 'Lesson 2', body: 'Edited.' })
      .set('accept', 'application/json')
    expect((saved.body as { workflow: string }).workflow).toContain('Draft')
    expect((await author.get(`${url}/review`)).text).toContain('edited after it was approved')
    expect((await post(author, slug, 'publication')).status).toBe(409)
    expect(course).toBeDefined()
  })

  test('a request can be withdrawn, and a step that makes no sense any more is refused', async () => {
    const { slug } = await changedCourse()
    expect((await post(author, slug, 'review/request-withdrawal')).status).toBe(409)
    expect((await post(reviewer, slug, 'review/approval')).status).toBe(409)
    expect((await post(author, slug, 'review/schedule-cancellation')).status).toBe(409)
    await post(author, slug, 'review/request')
    expect((await post(author, slug, 'review/request')).status).toBe(409)
    await post(author, slug, 'review/request-withdrawal', { note: 'Not yet.' })
    expect((await courseOf(slug)).review).toMatchObject({ action: 'request-withdrawn', waitingFor: null })
    expect((await post(author, slug, 'review/request', { step: 'x' })).status).toBe(422)
    expect((await post(author, slug, 'review/request', { note: 'x'.repeat(2001) })).status).toBe(422)
  })

  test('a step whose process ended early is in the history after the next one', async () => {
    const { slug, course } = await changedCourse()
    await post(author, slug, 'review/request', { note: 'Lost?' })
    const review = (await courseOf(slug)).review!
    await ReviewSteps.deleteOne({ _id: `${course}:${review.number}` })
    await post(reviewer, slug, 'review/approval')
    expect(await ReviewSteps.find({ course, note: 'Lost?' })).toHaveLength(1)
    await addToHistory(await courseOf(slug))
    expect(await ReviewSteps.count({ course })).toBe(review.number + 1)
  })
})

test('asking for a review of an unknown course is not found', async () => {
  const input = { course: ines._id, by: ines._id, step: 0 }
  await expect(requestReview(input)).rejects.toMatchObject({ status: 404 })
})

describe('a reviewer who changes the draft during the review', () => {
  const lesson = (slug: string) => `/studio/courses/${slug}/lessons/lesson-1`
  const versionIn = (text: string) => /name="baseVersion" value="([^"]+)"/.exec(text)![1]!
  const save = async (visitor: Visitor, slug: string) => {
    const baseVersion = versionIn((await visitor.get(lesson(slug))).text)
    const text = { title: 'Lesson 1', body: `Typed ${Math.random()}.\n`, baseVersion }
    await visitor.post(lesson(slug), text).expect(303)
  }
  const approve = (visitor: Visitor, slug: string) => post(visitor, slug, 'review/approval')
  const adminOf = async () => as(await make.person({ role: 'admin' }))

  test('can’t approve it until its author asks again, and another reviewer can', async () => {
    const [{ slug, url }, editor] = [await changedCourse(), await adminOf()]
    // What was changed before it was sent doesn't count: its author has seen it.
    await save(editor, slug)
    await post(author, slug, 'review/request')
    expect((await editor.get(`${url}/review`)).text).toContain('id="approval"')
    await save(editor, slug)
    const page = await editor.get(`${url}/review`).expect(200)
    expect(page.text).toContain('You changed the draft during this review')
    expect(page.text).not.toContain('id="approval"')
    expect((await approve(editor, slug)).status).toBe(409)
    expect((await approve(await adminOf(), slug)).status).toBe(303)

    await save(editor, slug)
    await post(author, slug, 'review/request')
    expect((await approve(editor, slug)).status).toBe(303)
  })

  test('can when an administrator allows it', async () => {
    const [{ slug }, editor] = [await changedCourse(), await adminOf()]
    await post(author, slug, 'review/request')
    await save(editor, slug)
    await admin.post('/admin/publishing', { approval: 'if-reviewer', ownEdits: 'on' }).expect(303)
    expect((await admin.get('/admin/publishing')).text).toMatch(/name="ownEdits"[^>]*checked/)
    expect((await approve(editor, slug)).status).toBe(303)
    await admin.post('/admin/publishing', { approval: 'if-reviewer' }).expect(303)
    expect((await admin.get('/admin/publishing')).text).not.toMatch(/name="ownEdits"[^>]*checked/)
  })

  test.each([
    ['a module', 'modules', { title: 'Another' }],
    ['the name of a module', 'modules/module', { title: 'Renamed' }],
    ['a lesson', 'lessons', { title: 'Another', kind: 'text', module: 'module' }],
    ['the outline', 'lessons/lesson-1/position', { to: 'down' }],
    ['a lesson that goes', 'lessons/lesson-1/removal', {}],
    ['an earlier version', 'revisions/1/restoration', {}],
  ])('is known by %s too', async (_title, path, fields) => {
    const { slug, url, course } = await changedCourse()
    const module = (await courseOf(slug)).draft.modules[0]!.folder
    const editor = await make.person({ role: 'admin' })
    const visitor = await as(editor)
    const form = await visitor.get(`${url}/${path}`)
    const known = /name="baseVersion" value="([^"]+)"/.exec(form.text)?.[1]
    const occasion = 'a'.repeat(22)
    await post(author, slug, 'review/request')
    const sent = { ...fields, occasion, ...(known && { baseVersion: known }) }
    const named = Object.fromEntries(Object.entries(sent).map(([k, v]) => [k, v === 'module' ? module : v]))
    await visitor.post(`${url}/${path.replace(/\/module$/, `/${module}`)}`, named).expect(303)
    expect((await Courses.findById(course))!.editors).toEqual([editor._id])
  })
})

test('what a reviewer asks for, and which lessons have open comments, stand beside the lessons', async () => {
  const { slug, url } = await changedCourse()
  const occasion = 'b'.repeat(22)
  await admin
    .post(`${url}/lessons/lesson-2/comments`, { exact: 'Text', text: 'Is it?', occasion })
    .expect(303)
  await post(author, slug, 'review/request')
  await post(admin, slug, 'review/changes', { note: 'Name the <limit> first.' })
  const page = await author.get(url).expect(200)
  expect(page.text).toContain('asked for changes')
  expect(page.text).toContain('Name the &lt;limit&gt; first.')
  expect(page.text).toContain(`<a href="${url}/lessons/lesson-2#comments">1 open comment</a>`)
  const lesson = await author.get(`${url}/lessons/lesson-1`).expect(200)
  expect(lesson.text.match(/1 open comment</g)).toHaveLength(1)
  await post(author, slug, 'review/request')
  expect((await author.get(url)).text).not.toContain('asked for changes')
})
