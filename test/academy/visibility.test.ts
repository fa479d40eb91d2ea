import { Types } from 'mongoose'
import { announceCourse } from '../../src/emails'
import { saveAsset } from '../../src/courses/asset'
import { CourseInvitations, inviteToCourse } from '../../src/courses/invitation'
import type { LessonVisibility } from '../../src/courses/visibility'
import { Emails } from '../../src/mail/email'
import { enrol } from '../../src/learning/enrol'
import { Enrolments } from '../../src/learning/enrolment'
import type { Published } from '../../src/courses/published'
import type { Person } from '../../src/people/person'
import { openAcademy, type Academy } from '../kit/academy'
import { anonymous, as, type Visitor } from '../kit/as'
import * as make from '../kit/make'

let academy: Academy
const visitors: Record<string, Visitor> = {}
const people: Record<string, Person> = {}
const courses: Record<string, Published> = {}
const kinds = ['public', 'signed-in', 'verified-company', 'listed-companies', 'invited'] as const

const company = (domain: string) => ({ domain, name: domain })

beforeAll(async () => {
  academy = await openAcademy()
  for (const visibility of kinds) {
    courses[visibility] = await make.course({
      slug: `for-${visibility}`,
      title: `Sesame ${visibility}`,
      visibility,
      companies: ['acme.com'],
      excludedCompanies: ['rival.com'],
    })
  }
  people.free = await make.person({ email: 'ada@gmail.com', company: null, emailKind: 'free' })
  people.company = await make.person({ email: 'bo@initech.com', company: company('initech.com') })
  people.listed = await make.person({ email: 'cy@mail.acme.com', company: company('acme.com') })
  people.lookalike = await make.person({ email: 'cy@acme.com.evil.com', company: company('evil.com') })
  people.unconfirmed = await make.person({
    ...{ email: 'di@acme.com', company: company('acme.com'), confirmedAt: null },
  })
  people.excluded = await make.person({ email: 'ed@eu.rival.com', company: company('rival.com') })
  people.invited = await make.person({ email: 'fi@gmail.com', company: null, emailKind: 'free' })
  people.author = await make.person({ role: 'author' })
  people.contributor = await make.person({ role: 'contributor', email: 'gus@gmail.com', emailKind: 'free' })
  const { course, slug } = courses.invited!
  for (const email of ['fi@gmail.com', 'ed@eu.rival.com']) {
    const invitation = { _id: new Types.ObjectId(), email, maximum: 1, by: people.author._id, lifetime: 7 }
    await inviteToCourse({ _id: course, slug }, invitation)
  }
  for (const [name, person] of Object.entries(people)) visitors[name] = await as(person)
  visitors.anonymous = await anonymous()
}, 20_000)
afterAll(() => academy.close())

const seen: Record<string, readonly (typeof kinds)[number][]> = {
  anonymous: ['public'],
  free: ['public', 'signed-in'],
  company: ['public', 'signed-in', 'verified-company'],
  listed: ['public', 'signed-in', 'verified-company', 'listed-companies'],
  lookalike: ['public', 'signed-in', 'verified-company'],
  unconfirmed: ['public', 'signed-in'],
  excluded: [],
  invited: ['public', 'signed-in', 'invited'],
  contributor: ['public', 'signed-in'],
  author: kinds,
}

const shownTo = (name: string, kind: (typeof kinds)[number]) => seen[name]!.includes(kind)

test.each(Object.keys(seen))(
  '%s finds their courses, and no others, in the catalogue, the search, its suggestions and on the home page',
  async name => {
    const visitor = visitors[name]!
    for (const path of ['/courses', '/', '/search?q=sesame', '/search', '/search/suggestions?q=sesame']) {
      const { text } = await visitor.get(path).set('accept', '*/*').expect(200)
      for (const kind of kinds) {
        const isThere = text.includes(`/courses/for-${kind}`)
        expect([path, kind, isThere]).toEqual([path, kind, shownTo(name, kind)])
      }
    }
    for (const kind of kinds) {
      const { status } = await visitor.get(`/courses/for-${kind}`)
      expect([kind, status]).toEqual([kind, shownTo(name, kind) ? 200 : 404])
    }
  },
)

test.each(['anonymous', 'free', 'listed', 'excluded'])(
  '%s opens what belongs to a course, or is told that there is no such page',
  async name => {
    const visitor = visitors[name]!
    const gets = [
      ...(['/lessons/lesson-1', '/poster.webp'] as const).map(page => [page, 200] as const),
      ...([
        ['/lessons/lesson-2', 403],
        ['/enrolment', 303],
      ] as const),
    ]
    for (const kind of kinds) {
      const isSeen = shownTo(name, kind)
      for (const [page, status] of gets) {
        const { status: got } = await visitor.get(`/courses/for-${kind}${page}`)
        expect([kind, page, got]).toEqual([kind, page, isSeen ? status : 404])
      }
      // The picture of link previews is only there for courses that strangers see.
      const { status: cover } = await visitor.get(`/courses/for-${kind}/cover.png`)
      expect([kind, cover]).toEqual([kind, isSeen && kind === 'public' ? 200 : 404])
      if (isSeen) continue
      const enrolment = await visitor.post(`/courses/for-${kind}/enrolment`).expect(404)
      expect(enrolment.text).not.toContain('Sesame')
      await visitor.get(`/courses/for-${kind}/lessons/lesson-1/practice?question=x`).expect(404)
      await visitor.get(`/courses/for-${kind}/lessons/lesson-1/transcript.txt`).expect(404)
      if (name === 'anonymous') continue
      await visitor.get(`/courses/for-${kind}/checkout`).expect(404)
      await visitor.post(`/courses/for-${kind}/orders`).expect(404)
      await visitor.post(`/courses/for-${kind}/lessons/lesson-1/completion`).expect(404)
      await visitor.get(`/courses/for-${kind}/version`).expect(404)
    }
    expect(await Enrolments.count({ person: people[name]?._id ?? new Types.ObjectId() })).toBe(0)
  },
)

type Answer = { status: number; headers: Record<string, unknown>; text: string }

/** What a visitor can see of an answer, without what is new in each. */
function visible({ status, headers, text }: Answer, slug: string): object {
  const plain = (all: string) => all.replaceAll(slug, 'slug').replace(/nonce-[\w+/=-]+/g, '')
  const {
    date: _date,
    'x-request-id': _id,
    etag: _etag,
    'content-length': _length,
    'set-cookie': cookies = '',
    ...rest
  } = headers
  return {
    status,
    headers: plain(JSON.stringify(rest)),
    cookies: JSON.stringify(cookies).replace(/[\w-]{20,}/g, ''),
    text: plain(text).replace(/name="_csrf" value="[^"]+"/g, ''),
  }
}

test.each(['anonymous', 'free', 'excluded'])(
  '%s can’t tell a course that isn’t for them from one that nobody has',
  async name => {
    for (const page of ['', '/lessons/lesson-1', '/cover.png', '/enrolment']) {
      const unknown = await visitors[name]!.get(`/courses/for-nobody${page}`)
      for (const kind of kinds.filter(each => !shownTo(name, each))) {
        const hidden = await visitors[name]!.get(`/courses/for-${kind}${page}`)
        expect(visible(hidden, `for-${kind}`)).toEqual(visible(unknown, 'for-nobody'))
      }
    }
  },
)

test('search engines and link previews only learn of courses for everyone', async () => {
  const { text } = await visitors.author!.get('/sitemap.xml').expect(200)
  expect(text).toContain('/courses/for-public')
  expect(text).not.toMatch(/for-(?!public)/)
  const open = await (await anonymous()).get('/courses/for-public').expect(200)
  expect(open.text).toContain('application/ld+json')
  for (const page of ['', '/lessons/lesson-1']) {
    const closed = await visitors.author!.get(`/courses/for-invited${page}`).expect(200)
    expect(closed.text).toContain('noindex')
    expect(closed.text).not.toContain('application/ld+json')
  }
  await visitors.author!.get('/courses/for-invited/cover.png').expect(404)
})

test('a path with a course that someone may not see isn’t there for them', async () => {
  await make.path({
    slug: 'way',
    title: 'The way',
    summary: '',
    courses: ['for-public', 'for-invited'],
  } as never)
  const { anonymous: stranger, invited } = visitors
  expect((await stranger!.get('/paths').expect(200)).text).not.toContain('/paths/way')
  await stranger!.get('/paths/way').expect(404)
  expect((await stranger!.get('/sitemap.xml')).text).not.toContain('/paths/way')
  await invited!.get('/paths/way').expect(200)
})

test('related courses, the sign-up page and emails about new courses don’t name a hidden course', async () => {
  await make.course({ slug: 'relative', related: ['for-public', 'for-invited'] })
  const { text } = await visitors.free!.get('/courses/relative').expect(200)
  expect(text).toContain('/courses/for-public')
  expect(text).not.toContain('for-invited')
  const signUp = await visitors.anonymous!.get('/sign-up?next=/courses/for-invited/enrolment').expect(200)
  expect(signUp.text).not.toContain('Sesame')
  for (const name of ['free', 'invited', 'excluded'])
    await announceCourse(courses.invited!, people[name]!._id)
  expect((await Emails.find({ _id: /^newCourse:/ })).map(({ to }) => to)).toEqual(['fi@gmail.com'])
})

test('a learner keeps a course that they may no longer find; others like them don’t get in', async () => {
  const ida = await make.person({ email: 'ida@gmail.com', company: null, emailKind: 'free' })
  await enrol({ person: ida._id, published: courses['listed-companies']!, paid: false })
  const visitor = await as(ida)
  await visitor.get('/courses/for-listed-companies').expect(200)
  await visitor.get('/courses/for-listed-companies/lessons/lesson-2').expect(200)
  expect((await visitor.get('/learning').expect(200)).text).toContain('/courses/for-listed-companies')
  expect((await visitor.get('/courses').expect(200)).text).not.toContain('/courses/for-listed-companies')
  await Enrolments.deleteMany({ person: ida._id })
})

test('someone who signs up to enrol in a course that isn’t for them isn’t enrolled', async () => {
  const { followNext } = await import('../../src/account/follow-next')
  const { brandOf } = await import('../../src/brand/brand')
  const brand = await brandOf(undefined)
  const follow = { next: '/courses/for-listed-companies/enrolment', invitation: null, brand }
  await followNext(people.free!, follow)
  expect(await Enrolments.count({ person: people.free!._id })).toBe(0)
  await followNext(people.listed!, follow)
  expect(await Enrolments.count({ person: people.listed!._id })).toBe(1)
})

describe('lessons for some learners', () => {
  const narrow = ['signed-in', 'paid', 'verified-company', 'listed-companies', 'invited'] as const
  let course: Published

  beforeAll(async () => {
    const visibilityOf = (n: number): { visibility?: LessonVisibility } =>
      n > 1 && n <= 6 ? { visibility: narrow[n - 2]! } : {}
    const assets = await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map(async n => {
        const bytes = Buffer.from(`file ${n} of this test`)
        const hash = await saveAsset(bytes, 'text/csv')
        return { path: `assets/${n}.csv`, hash, type: 'text/csv', size: bytes.length }
      }),
    )
    course = await make.course({
      slug: 'mixed',
      lessons: 7,
      companies: ['acme.com'],
      price: { amount: 10_000, currency: 'EUR' },
      assets: assets as never,
      lesson: n => ({
        ...visibilityOf(n),
        body: `Wombat ${n}.\n`,
        downloads: [{ file: `assets/${n}.csv`, title: `File ${n}` }],
      }),
    })
  })

  const expected: Record<string, string> = {
    // Lesson by lesson: o opens, l is locked, - isn't there.
    anonymous: 'oll---l',
    free: 'ool---l',
    company: 'ooll--l',
    listed: 'oolll-l',
  }

  test.each(Object.entries(expected))('of the lessons, %s gets %s', async (name, states) => {
    const visitor = visitors[name]!
    const { text } = await visitor.get('/courses/mixed').expect(200)
    for (const [i, state] of [...states].entries()) {
      const n = i + 1
      const { status } = await visitor.get(`/courses/mixed/lessons/lesson-${n}`)
      expect([n, status]).toEqual([n, { o: 200, l: 403, '-': 404 }[state]])
      expect([n, text.includes(`Lesson ${n}`)]).toEqual([n, state !== '-'])
      const asset = course.content.assets[i]!
      const file = await visitor.get(`/assets/${asset.hash}/${n}.csv`)
      expect([n, file.status]).toEqual([n, state === 'o' ? 200 : 404])
      if (n > 1 && state === 'o') expect(file.headers['cache-control'] ?? '').not.toContain('public')
    }
    const found = await visitor.get('/search?q=lesson&all').expect(200)
    for (const [i, state] of [...states].entries()) {
      expect(found.text.includes(`/courses/mixed/lessons/lesson-${i + 1}`)).toBe(state !== '-')
    }
  })

  test('a learner opens and finishes the lessons that they see, and the course with them', async () => {
    const kim = await make.person({ email: 'kim@gmail.com', company: null, emailKind: 'free' })
    await enrol({ person: kim._id, published: course, paid: true })
    const visitor = await as(kim)
    const statuses = []
    for (let n = 1; n <= 7; n++) {
      statuses.push((await visitor.get(`/courses/mixed/lessons/lesson-${n}`)).status)
      statuses.push((await visitor.get(`/assets/${course.content.assets[n - 1]!.hash}/${n}.csv`)).status)
    }
    const [open, locked, absent] = [
      [200, 200],
      [403, 404],
      [404, 404],
    ]
    expect(statuses).toEqual([open, open, locked, absent, absent, absent, open].flat())
    await visitor.post('/courses/mixed/lessons/lesson-3/completion').expect(403)
    await visitor.post('/courses/mixed/lessons/lesson-4/completion').expect(404)
    await make.paidOrder(kim, { course: course.course, slug: 'mixed' })
    await visitor.get('/courses/mixed/lessons/lesson-3').expect(200)
    for (const n of [1, 2, 3, 7])
      await visitor.post(`/courses/mixed/lessons/lesson-${n}/completion`).expect(303)
    expect(await Enrolments.findOne({ person: kim._id })).toMatchObject({ completedAt: expect.any(Date) })
    const learning = await visitor.get('/learning').expect(200)
    expect(learning.text).not.toContain('Lesson 4')
  })

  test('a cache that people share keeps no cover with the columns of lessons that some don’t see', async () => {
    const [stranger, listed] = [visitors.anonymous!, visitors.listed!]
    const poster = '/courses/mixed/poster.webp'
    const [theirs, shared] = [await listed.get(poster).expect(200), await stranger.get(poster).expect(200)]
    expect(shared.headers['cache-control']).toContain('public')
    expect(theirs.headers['cache-control'] ?? '').not.toContain('public')
    expect(theirs.body).not.toEqual(shared.body)
    // The picture of link previews is that of strangers for everyone.
    const cover = '/courses/mixed/cover.png'
    expect((await listed.get(cover).expect(200)).body).toEqual((await stranger.get(cover).expect(200)).body)
  })
})

test('someone at an excluded company who opens a link before signing in doesn’t use it up', async () => {
  const { followNext } = await import('../../src/account/follow-next')
  const { brandOf } = await import('../../src/brand/brand')
  const { course, slug } = courses.invited!
  const _id = new Types.ObjectId()
  await inviteToCourse({ _id: course, slug }, { _id, email: null, maximum: 1, by: _id, lifetime: 7 })
  const follow = { next: null, invitation: String(_id), brand: await brandOf(undefined) }
  const accepted = async () => (await CourseInvitations.findById(_id))!.people
  await followNext(people.excluded!, follow)
  expect(await accepted()).toEqual([])
  await followNext(people.company!, follow)
  expect(await accepted()).toEqual([people.company!._id])
  await CourseInvitations.deleteOne({ _id })
})

test('an invitation ends when it is revoked or has expired', async () => {
  const filter = { email: 'fi@gmail.com' }
  await visitors.invited!.get('/courses/for-invited').expect(200)
  await CourseInvitations.updateOne(filter, { $set: { expiresAt: new Date(0) } })
  await visitors.invited!.get('/courses/for-invited').expect(404)
})
