import { Types } from 'mongoose'
import { Announcements } from '../../src/courses/announcement'
import { changeApprovalRule } from '../../src/courses/publishing-rule'
import { changeDraft } from '../../src/courses/change-draft'
import { Courses } from '../../src/courses/course'
import { addLesson, changeLesson } from '../../src/courses/outline'
import { publishApproved, publishScheduled } from '../../src/courses/publish-approved'
import { publishCourse } from '../../src/courses/publish-course'
import { publishedCourse } from '../../src/courses/published'
import { approveDraft, requestChanges, requestReview, ReviewSteps } from '../../src/courses/review'
import { Revisions } from '../../src/courses/revision'
import { setCourseRole } from '../../src/courses/change-team'
import { Certificates } from '../../src/learning/certificate'
import { enrol } from '../../src/learning/enrol'
import { Enrolments } from '../../src/learning/enrolment'
import { followPublication } from '../../src/learning/move-learners'
import { Emails } from '../../src/mail/email'
import { People, type Person } from '../../src/people/person'
import { hours, minutes, setClock } from '../../src/platform/clock'
import type { HttpError } from '../../src/platform/errors'
import { openAcademy, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { everyInterleaving } from '../kit/interleave'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'

let academy: Academy
let ines: Person
let author: Visitor
let adminId: Types.ObjectId
beforeAll(async () => {
  academy = await openAcademy()
  ines = await make.person({ role: 'author', name: 'Ines Halvorsen', timeZone: 'Europe/Prague' })
  author = await as(ines)
  adminId = (await make.person({ role: 'admin' }))._id
  await changeApprovalRule('never', adminId)
})
afterAll(() => academy.close())
afterEach(() => setClock())

const courseOf = async (slug: string) => (await Courses.findOne({ slug }))!
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
  const { draftNumber, review } = await courseOf(slug)
  return visitor.post(`/studio/courses/${slug}/${path}`, {
    step: review?.number ?? 0,
    draftNumber,
    ...fields,
  })
}

describe('a scheduled publication', () => {
  /** The moment that the clock of these tests stands at: 12:00 in Prague. */
  const noon = Date.parse('2031-07-01T10:00:00Z')
  const at = (milliseconds: number) => setClock(() => noon + milliseconds)
  beforeEach(() => at(0))

  const schedule = (slug: string, fields: Record<string, unknown> = {}) =>
    post(author, slug, 'schedule', { day: '2031-07-01', time: '13:00', note: 'New limits.', ...fields })

  test('happens at its time in the time zone of the person, once', async () => {
    const { slug, url, course } = await changedCourse()
    expect((await schedule(slug)).status).toBe(303)
    const page = await author.get(url).expect(200)
    expect([tagOf(page.text), nextOf(page.text)![2]]).toEqual(['Scheduled', 'Change schedule…'])
    expect((await author.get(`${url}/publications/new`)).text).toMatch(
      /Scheduled for Tuesday,? 1 July at 13:00/,
    )
    await runAllDue()
    at(minutes(59))
    await runAllDue()
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
    at(minutes(60))
    await Promise.all([runAllDue(), runAllDue()])
    expect(await publishedCourse(slug)).toMatchObject({ number: 2 })
    expect(await Revisions.findOne({ course, number: 2 })).toMatchObject({ note: 'New limits.' })
    expect(await ReviewSteps.count({ course, action: 'published' })).toBe(2)
  })

  test('is completed after the worker died in the middle of it, and happens once', async () => {
    const { slug, course } = await changedCourse()
    await schedule(slug)
    await runAllDue()
    at(hours(2))
    // What a killed worker leaves: a lease that has expired, and the revision that it had created.
    const { draftNumber, published, review, revisions } = await courseOf(slug)
    await publishCourse({ course, by: ines._id, draftNumber, note: 'New limits.' })
    await ReviewSteps.deleteOne({ _id: `${course}:${review!.number + 1}` })
    const leased = { dueAt: new Date(noon), leaseToken: 'dead', leaseUntil: new Date(noon + 1), attempts: 1 }
    await Courses.updateOne({ _id: course }, { $set: { published, revisions, review, ...leased } })
    await runAllDue()
    expect(await publishedCourse(slug)).toMatchObject({ number: 2 })
    expect(await Revisions.count({ course })).toBe(2)
    expect(await ReviewSteps.count({ course, action: 'published' })).toBe(2)
  })

  test('can be cancelled, and is moved by scheduling it again', async () => {
    const { slug, course } = await changedCourse()
    await schedule(slug)
    await schedule(slug, { time: '15:00' })
    at(minutes(90))
    await runAllDue()
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
    expect((await post(author, slug, 'review/schedule-cancellation')).status).toBe(303)
    at(hours(6))
    await runAllDue()
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
    expect(course).toBeDefined()
  })

  test('ends when the course is archived', async () => {
    const { slug, url, course } = await changedCourse()
    await schedule(slug)
    await author.post(`${url}/archive`).expect(303)
    expect(await ReviewSteps.count({ course, action: 'schedule-cancelled' })).toBe(1)
    at(hours(2))
    await runAllDue()
    expect(await courseOf(slug)).toMatchObject({
      published: null,
      archived: { at: expect.any(Date) as Date },
    })
  })

  test.each([
    ['a check has failed', 'notReady', 'The check found errors in the draft.'],
    ['the draft was edited', 'edited', 'Someone edited the draft after it was scheduled.'],
    ['an approval is needed now', 'notApproved', 'The draft needs an approval now.'],
    [
      'who scheduled it has left',
      'noPermission',
      'The person who scheduled it can&#39;t publish this course any more.',
    ],
  ])('does not happen when %s, and its owner reads why', async (_title, reason, sentence) => {
    const { slug, course } = await changedCourse(`Refused ${reason}`)
    await setCourseRole({ course, by: adminId, person: ines._id, role: 'owner' })
    const colleague = await make.person({ role: 'author', name: 'Jonas Weber', timeZone: 'Europe/Prague' })
    const fields = { day: '2031-07-01', time: '13:00' }
    expect((await post(await as(colleague), slug, 'schedule', fields)).status).toBe(303)
    if (reason === 'noPermission') {
      await People.updateOne({ _id: colleague._id }, { $set: { role: 'reviewer' } })
      const held = await author.get(`/studio/courses/${slug}/review`).expect(200)
      expect(held.text).toContain('The person who scheduled this can’t publish the course any more')
      expect((await author.get(`/studio/courses/${slug}/publications/new`)).text).toContain(
        'by Jonas Weber, who can’t publish this course any more',
      )
    }
    if (reason === 'notReady') {
      // As when a course that it links to is withdrawn: the draft is the same, and the check isn't.
      const broken = { 'draft.modules.0.lessons.0.body': '![](assets/gone.png)' }
      await Courses.collection.updateOne({ _id: course }, { $set: broken })
    }
    if (reason === 'edited') await change(course)
    if (reason === 'notApproved') await changeApprovalRule('always', adminId)
    at(hours(2))
    await runAllDue()
    await runAllDue()
    await changeApprovalRule('never', adminId)
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
    const emails = await Emails.find({
      person: ines._id,
      subject: `Not published as scheduled: Refused ${reason}`,
    })
    expect(emails.map(({ html }) => html.includes(sentence))).toEqual([true])
    const page = await author.get(`/studio/courses/${slug}/review`).expect(200)
    expect(page.text).toContain('published as scheduled')
  })

  test.each([
    [{ day: '2031-07-01', time: '11:59' }, 'Choose a time in the future'],
    [{ day: '2033-07-01' }, 'Choose a time within the next year'],
    [{ day: 'soon' }, 'Enter a date such as'],
    [{ time: '25:00' }, 'Enter a time such as 09:00'],
  ])('needs a time that comes: %j', async (fields, sentence) => {
    const { slug } = await changedCourse()
    const refused = await schedule(slug, { note: 'Kept as typed', ...fields })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain(sentence)
    expect(refused.text).toContain('Kept as typed')
  })
})

describe('undoing a publication', () => {
  const start = Date.parse('2031-08-01T10:00:00Z')
  beforeEach(() => setClock(() => start))

  test('within ten minutes gives everyone who has not begun on the new version the one before', async () => {
    const { slug, course, url, revision } = await changedCourse()
    await post(author, slug, 'publication')
    const second = (await publishedCourse(slug))!
    const [reading, waiting, late] = [await make.person(), await make.person(), await make.person()]
    for (const person of [reading, waiting])
      await enrol({ person: person._id, published: second, paid: false })
    await (await as(reading)).get(`/courses/${slug}/lessons/lesson-1`).expect(200)
    setClock(() => start + minutes(9))
    expect((await author.get(`${url}/review`)).text).toContain('Undo publication')
    await author.post(`${url}/publication/undo`).expect(303)
    await runAllDue()
    const first = (await publishedCourse(slug))!
    expect(first.revision).toEqual(revision)
    await enrol({ person: late._id, published: first, paid: false })
    expect(await revisionOf(reading, course)).toEqual(second.revision)
    expect(await revisionOf(waiting, course)).toEqual(revision)
    expect(await revisionOf(late, course)).toEqual(revision)
    // The draft is as it was, and can be published again.
    expect((await post(author, slug, 'publication')).status).toBe(303)
    expect(await publishedCourse(slug)).toMatchObject({ number: 2 })
  })

  test('of the first version takes the course out of the catalogue', async () => {
    const draft = make.courseContent({ title: 'First' })
    const moment = new Date(start)
    await Courses.create({ slug: 'first-ever', draft, createdAt: moment, changedAt: moment })
    await post(author, 'first-ever', 'publication')
    expect(await publishedCourse('first-ever')).toMatchObject({ number: 1 })
    await author.post('/studio/courses/first-ever/publication/undo').expect(303)
    expect(await publishedCourse('first-ever')).toBeUndefined()
  })

  test('is too late after ten minutes, or once it was undone', async () => {
    const { slug, url } = await changedCourse()
    await post(author, slug, 'publication')
    setClock(() => start + minutes(10))
    const late = await author.post(`${url}/publication/undo`).expect(409)
    expect(late.text).toContain('can’t be undone any more')
    expect((await author.get(`${url}/review`)).text).not.toContain('Undo publication')
    expect(await publishedCourse(slug)).toMatchObject({ number: 2 })
    setClock(() => start + minutes(5))
    await Promise.all([1, 2].map(() => author.post(`${url}/publication/undo`)))
    await author.post(`${url}/publication/undo`).expect(409)
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
  })
})

const revisionOf = async ({ _id }: Person, course: Types.ObjectId) =>
  (await Enrolments.findOne({ person: _id, course }))!.revision

describe('learners in progress', () => {
  /** A course of two lessons whose draft has a third, and a learner who has finished the first or both. */
  async function growingCourse(finished: 1 | 2, name: string) {
    const made = await make.course({ title: 'Growing', lessons: 2 })
    const person = await make.person({ name })
    const learner = await as(person)
    await enrol({ person: person._id, published: made, paid: false })
    for (const lesson of ['lesson-1', 'lesson-2'].slice(0, finished)) {
      await learner.get(`/courses/${made.slug}/lessons/${lesson}`).expect(200)
      await learner.post(`/courses/${made.slug}/lessons/${lesson}/completion`).expect(303)
    }
    await runAllDue()
    await changeDraft(made.course, content => {
      const { content: longer, slug } = addLesson(content, '01-all', { title: 'Practise', kind: 'text' })
      return changeLesson(changeLesson(longer, slug, { body: 'New.\n' }), 'lesson-1', {
        body: 'The words of lesson 1.\n',
      })
    })
    return { ...made, person, learner, url: `/studio/courses/${made.slug}` }
  }

  test('the page says what changes, for how many, and whom a move sets back, before anything happens', async () => {
    const { slug, url } = await growingCourse(1, 'Jukka Nieminen')
    const page = (await author.get(`${url}/publications/new`).expect(200)).text
    expect(page).toMatch(/>New<\/span>[\s\S]*Practise/)
    expect(page).toContain('The <del>text</del><ins>words</ins> of lesson 1.')
    expect(page).toContain('1 learner in progress stays on their version')
    expect(page).toContain('1 has finished a changed lesson already; it stays finished.')
    expect(page).toMatch(
      /1 gets more to do \(5 min\)\. 1 who was almost finished goes back to “Practise”: Jukka Nieminen/,
    )
    expect(page).toContain('No errors. Checked just now')
    expect(await publishedCourse(slug)).toMatchObject({ number: 1 })
  })

  test('a learner reads what changed, and moves with what they have finished', async () => {
    const { slug, course, learner, person, revision } = await growingCourse(1, 'Tom')
    await learner.get(`/courses/${slug}/version`).expect(404)
    await post(author, slug, 'publication', { note: 'New: practise on a real alarm.' })
    await runAllDue()
    expect(await revisionOf(person, course)).toEqual(revision)
    expect((await learner.get(`/courses/${slug}`)).text).toContain(`href="/courses/${slug}/version"`)
    const page = (await learner.get(`/courses/${slug}/version`).expect(200)).text
    expect(page).toContain('New: practise on a real alarm.')
    expect(page).toContain('The lesson that you’ve finished stays finished.')
    expect(page).toContain('Lessons left: 1 now, 2 after the move.')
    const newest = /name="revision" value="([^"]+)"/.exec(page)![1]
    await learner.post(`/courses/${slug}/version`, { revision: String(revision) }).expect(303)
    await learner.post(`/courses/${slug}/version`, { revision: 'x' }).expect(409)
    await learner.post(`/courses/${slug}/version`, { revision: newest }).expect(303)
    await learner.post(`/courses/${slug}/version`, { revision: newest }).expect(303)
    const moved = (await Enrolments.findOne({ person: person._id, course }))!
    expect([String(moved.revision), moved.lessons['lesson-1']!.completedAt]).toEqual([
      newest,
      expect.any(Date),
    ])
    expect((await learner.get(`/courses/${slug}`)).text).toContain('1 of 3')
    const stranger = await as(await make.person())
    await stranger.get(`/courses/${slug}/version`).expect(404)
    await stranger.post(`/courses/${slug}/version`, { revision: newest }).expect(404)
  })

  test('are all moved if the author says so, except those who have finished; an undo brings them back', async () => {
    const { slug, course, person, revision, url } = await growingCourse(1, 'Ana')
    const published = (await publishedCourse(slug))!
    const graduate = await make.person()
    const visitor = await as(graduate)
    await enrol({ person: graduate._id, published, paid: false })
    for (const lesson of ['lesson-1', 'lesson-2']) {
      await visitor.get(`/courses/${slug}/lessons/${lesson}`).expect(200)
      await visitor.post(`/courses/${slug}/lessons/${lesson}/completion`).expect(303)
    }
    await runAllDue()
    setClock(() => Date.now() + minutes(2))
    await post(author, slug, 'publication', { move: 'yes' })
    await runAllDue()
    const second = (await publishedCourse(slug))!
    expect(await revisionOf(person, course)).toEqual(second.revision)
    expect(await revisionOf(graduate, course)).toEqual(revision)
    expect(await Certificates.count({ person: graduate._id, course })).toBe(1)
    await author.post(`${url}/publication/undo`).expect(303)
    await runAllDue()
    expect(await revisionOf(person, course)).toEqual(revision)
    // A graduate may move too, and keeps the certificate.
    await post(author, slug, 'publication')
    await visitor.post(`/courses/${slug}/version`, { revision: String(second.revision) }).expect(303)
    expect(await Enrolments.findOne({ person: graduate._id, course })).toMatchObject({
      revision: second.revision,
      completedAt: expect.any(Date),
    })
    expect(await Certificates.count({ person: graduate._id, course })).toBe(1)
  })
})

describe('of two steps at the same moment', () => {
  afterEach(() => changeApprovalRule('never', adminId))

  test('a cancellation that was confirmed is kept: the worker publishes nothing after it', async () => {
    const start = Date.parse('2031-09-01T10:00:00Z')
    setClock(() => start)
    const { slug, course } = await changedCourse()
    await post(author, slug, 'schedule', { day: '2031-09-01', time: '13:00' })
    setClock(() => start + hours(2))
    const due = await courseOf(slug)
    expect((await post(author, slug, 'review/schedule-cancellation')).status).toBe(303)
    // The worker had read the course before.
    await publishScheduled(due)
    expect(await courseOf(slug)).toMatchObject({
      published: (await Revisions.findOne({ course, number: 1 }))!._id,
    })
    expect(await Revisions.count({ course })).toBe(1)
  })

  test('either the changes that a reviewer requests count, or the publication, in every order', async () => {
    await changeApprovalRule('always', adminId)
    let done: string[] = []
    let course = new Types.ObjectId()
    const attempt = (name: string, step: Promise<unknown>) =>
      step.then(
        () => void done.push(name),
        (error: HttpError) => expect(error.key).toBe('studio:errors.overtaken'),
      )
    const orders = await everyInterleaving(
      ['courses'],
      async () => {
        const made = await changedCourse()
        ;[course, done] = [made.course, []]
        const { draftNumber, review } = await courseOf(made.slug)
        const input = { course, by: ines._id, draftNumber, step: review!.number }
        await requestReview(input)
        await approveDraft({ ...input, by: adminId, step: input.step + 1 })
        const seen = { ...input, step: input.step + 2 }
        return [
          () => attempt('published', publishApproved(seen)),
          () => attempt('changes', requestChanges({ ...seen, by: adminId, note: 'Not yet.' })),
        ]
      },
      async () => {
        const { published } = (await Courses.findById(course))!
        const second = await Revisions.findOne({ course, number: 2 })
        const isPublic = second !== null && published!.equals(second._id)
        expect(done).toEqual([isPublic ? 'published' : 'changes'])
      },
    )
    expect(orders).toBeGreaterThan(4)
  })

  test('nothing that was scheduled brings a course back that was withdrawn since', async () => {
    const start = Date.parse('2031-09-01T10:00:00Z')
    setClock(() => start)
    const { slug } = await changedCourse()
    await post(author, slug, 'schedule', { day: '2031-09-01', time: '13:00' })
    await post(author, slug, 'withdrawal')
    setClock(() => start + hours(2))
    await runAllDue()
    expect((await courseOf(slug)).published).toBeNull()
  })

  test('a worker that moves learners while the publication is undone leaves none on it', async () => {
    const { slug, course, url, revision } = await changedCourse()
    const person = await make.person()
    await enrol({ person: person._id, published: (await publishedCourse(slug))!, paid: false })
    await post(author, slug, 'publication', { move: 'yes' })
    const slow = await courseOf(slug)
    await author.post(`${url}/publication/undo`).expect(303)
    await runAllDue()
    await followPublication(slow)
    expect(await revisionOf(person, course)).toEqual(revision)
  })
})

describe('a publication that was undone', () => {
  const start = Date.parse('2031-10-01T10:00:00Z')
  beforeEach(() => setClock(() => start))

  test('tells learners what was typed when it was published again', async () => {
    const { slug, course, url } = await changedCourse()
    await post(author, slug, 'publication', { note: 'Wrnog note.' })
    await author.post(`${url}/publication/undo`).expect(303)
    setClock(() => start + minutes(1))
    await post(author, slug, 'publication', { note: 'Right note.' })
    expect(await Revisions.findOne({ course, number: 2 })).toMatchObject({
      note: 'Right note.',
      publishedAt: new Date(start + minutes(1)),
    })
    await author.post(`${url}/publication/undo`).expect(303)
    await post(author, slug, 'publication')
    expect((await Revisions.findOne({ course, number: 2 }))!.note).toBeUndefined()
  })

  test('leaves an archived course archived', async () => {
    const { slug, url } = await changedCourse()
    await author.post(`${url}/archive`).expect(303)
    const { archived } = await courseOf(slug)
    await post(author, slug, 'publication')
    expect((await courseOf(slug)).archived).toBeNull()
    await author.post(`${url}/publication/undo`).expect(303)
    expect(await courseOf(slug)).toMatchObject({ published: null, archived })
  })

  test('is announced once it is published for good, an hour after that', async () => {
    const moment = new Date(start)
    const draft = make.courseContent({ title: 'Announced' })
    const { _id } = await Courses.create({ slug: 'announced', draft, createdAt: moment, changedAt: moment })
    await post(author, 'announced', 'publication')
    expect((await Announcements.findById(_id))!.dueAt).toEqual(new Date(start + hours(1)))
    await author.post('/studio/courses/announced/publication/undo').expect(303)
    expect(await Announcements.findById(_id)).toBeNull()
    await change(_id)
    setClock(() => start + hours(5))
    await post(author, 'announced', 'publication')
    expect((await Announcements.findById(_id))!.dueAt).toEqual(new Date(start + hours(6)))
  })
})
