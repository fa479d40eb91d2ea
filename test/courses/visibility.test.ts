import { checkCourse, isError } from '../../src/courses/check-course'
import { courseFile } from '../../src/courses/content'
import { opensLesson, sees } from '../../src/courses/visibility'
import { registrableDomain } from '../../src/people/company'
import * as make from '../kit/make'

const viewer = {
  ...{ isTeam: false, isSignedIn: true, domain: 'acme.com', isConfirmed: true, isCompany: true },
  invitedTo: new Set(['id']),
}

test('an excluded company comes before an invitation, and an invitation before everything else', () => {
  const course = { course: 'id', content: { visibility: 'listed-companies' as const } }
  expect(sees(viewer, course)).toBe(true)
  expect(sees({ ...viewer, invitedTo: new Set() }, course)).toBe(false)
  const excluded = { ...course, content: { excludedCompanies: ['acme.com'] } }
  expect(sees(viewer, excluded)).toBe(false)
  expect(sees({ ...viewer, isConfirmed: false }, excluded)).toBe(false)
})

test.each([
  [{}, true, [false, false, true]],
  [{ preview: true }, true, [true, true, true]],
  [{ visibility: 'signed-in' as const }, true, [false, true, true]],
  [{ visibility: 'paid' as const }, false, [false, false, false]],
  [{ visibility: 'paid' as const }, true, [false, false, true]],
])('a lesson %j opens to visitors, people who are signed in, and learners', (lesson, hasPaid, opens) => {
  const visitors = [
    { isSignedIn: false, hasAccess: false, hasPaid: false },
    { isSignedIn: true, hasAccess: false, hasPaid },
    { isSignedIn: true, hasAccess: true, hasPaid },
  ]
  expect(visitors.map(visitor => opensLesson(visitor, { preview: false, ...lesson }))).toEqual(opens)
})

test.each([
  ['Bob@Mail.ACME.co.uk', 'acme.co.uk'],
  ['https://www.acme.com/about?x=1', 'acme.com'],
  ['bücher.example', 'xn--bcher-kva.example'],
  ['tu-wien.ac.at', 'tu-wien.ac.at'],
])('the domain of “%s” is %s', (typed, domain) => expect(registrableDomain(typed)).toBe(domain))

test.each(['gmail.com', 'com', 'co.uk', '127.0.0.1', 'acme', '', 'a b.com'])(
  '“%s” is no company domain',
  typed => expect(registrableDomain(typed)).toBeNull(),
)

test('the file of a course takes companies as registrable domains', () => {
  const parse = (companies: unknown) => courseFile.safeParse({ title: 'A', topic: 'b', companies })
  expect(parse(['acme.com']).success).toBe(true)
  for (const wrong of [['www.acme.com'], ['ACME.com'], ['gmail.com'], 'acme.com', [7]]) {
    expect(parse(wrong).success).toBe(false)
  }
})

test('the check finds rules that nobody can meet', () => {
  const found = (content: Parameters<typeof make.courseContent>[0]) =>
    checkCourse(make.courseContent(content), new Date('2026-11-03'))
      .filter(isError)
      .map(({ key, lesson }) => [key.replace('studio:checks.', ''), lesson])
  expect(found({ visibility: 'listed-companies' })).toEqual([['noCompanies', null]])
  expect(found({ lesson: n => (n === 2 ? { visibility: 'paid' } : {}) })).toEqual([
    ['paidWithoutPrice', 'lesson-2'],
  ])
  expect(found({ lesson: n => (n === 1 ? { visibility: 'signed-in' } : {}) })).toEqual([
    ['previewForSome', 'lesson-1'],
  ])
})
