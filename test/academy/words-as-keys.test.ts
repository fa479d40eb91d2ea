import request from 'supertest'
import { routes as academyRoutes } from '../../src/academy/routes'
import { routes as account } from '../../src/account/routes'
import { routes as admin } from '../../src/admin/routes'
import { routes as api } from '../../src/api/routes'
import { routes as checkout } from '../../src/checkout/routes'
import { readCaptions } from '../../src/courses/captions'
import { CourseFaults } from '../../src/courses/course-fault'
import { Courses } from '../../src/courses/course'
import { zipFiles } from '../../src/courses/export-course'
import { readCourse } from '../../src/courses/read-course'
import { routes as insights } from '../../src/insights/routes'
import { routes as integrations } from '../../src/integrations/routes'
import { Enrolments } from '../../src/learning/enrolment'
import { routes as sales } from '../../src/sales/routes'
import { routes as studio } from '../../src/studio/routes'
import { openAcademy, theApp, type Academy } from '../kit/academy'
import { as, type Visitor } from '../kit/as'
import { runAllDue } from '../kit/ledger'
import * as make from '../kit/make'
import { courseFiles } from '../courses/files'

let academy: Academy
let author: Visitor
let visitor: Visitor
beforeAll(async () => {
  academy = await openAcademy()
  author = await as(await make.person({ role: 'author' }))
  visitor = await as(await make.person({ role: 'admin' }))
})
afterAll(() => academy.close())

/** Words that every object in JavaScript has, or that mongoose keeps for itself, and that a slug may have. */
const slugs = ['constructor', 'prototype', 'valueof', 'tostring', 'hasownproperty', 'proto']
const topics = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']

const question = (id: string) => `\`\`\`quiz
id: ${id}
kind: single
prompt: What is ${id}?
topics: [${id}, __proto__, a.b, $set]
choices:
  - content: Right
    isCorrect: true
    explanation: Because.
  - content: Wrong
    explanation: Because not.
\`\`\`
`

test('a course made of words that every object has is imported, published, and taken to its certificate', async () => {
  const text = (slug: string) =>
    `---\ntitle: ${slug}\nminutes: 1\npreview: true\ntopics: [${topics.join(', ')}]\n---\nAbout ${slug}.\n\n${question(slug)}`
  const settings = ['title: Check', 'minutes: 5', 'kind: quiz', 'passMark: 100', 'attempts: 3']
  const graded = ['---', ...settings, '---', ...slugs.map(question)].join('\n')
  const files = [
    {
      path: 'constructor/course.yml',
      text: 'title: Constructor\ntopic: operations\nsummary: All about it.\nrelated: [prototype]\naudience: __proto__\n',
    },
    { path: 'constructor/01-constructor/module.yml', text: 'title: Constructor\n' },
    ...slugs
      .slice(1)
      .map((slug, n) => ({ path: `constructor/01-constructor/0${n + 1}-${slug}.md`, text: text(slug) })),
    { path: 'constructor/02-prototype/module.yml', text: 'title: Prototype\n' },
    { path: 'constructor/02-prototype/01-constructor.md', text: graded },
  ]
  const zip = await zipFiles(files.map(({ path, text }) => ({ path, bytes: Buffer.from(text) })))
  await request(theApp())
    .post('/studio/imports')
    .set({ cookie: author.cookie, accept: 'text/html' })
    .field('_csrf', author.csrf)
    .attach('zip', zip, 'constructor.zip')
    .expect(200)
  const { draftNumber } = (await Courses.findOne({ slug: 'constructor' }))!
  await author.get('/studio/courses/constructor').expect(200)
  await author.post('/studio/courses/constructor/publication', { draftNumber }).expect(303)

  const person = await make.person()
  const ada = await as(person)
  await ada.get('/courses/constructor').expect(200)
  await ada.post('/courses/constructor/enrolment').expect(303)
  for (const slug of slugs.slice(1)) {
    const lesson = `/courses/constructor/lessons/${slug}`
    await ada.get(lesson).expect(200)
    const unanswered = await ada.get(`${lesson}/practice?question=${slug}`).expect(200)
    expect(unanswered.text).toContain('Choose an answer')
    expect((await ada.get(`${lesson}/practice?question=${slug}&q-${slug}=0`).expect(200)).text).toContain(
      'Because.',
    )
    await ada.post(`${lesson}/progress`, { seconds: 3 }).expect(200)
    await ada.post(`${lesson}/completion`).expect(303)
  }
  const quiz = '/courses/constructor/lessons/constructor'
  const form = await ada.get(quiz).expect(200)
  expect(form.text).toContain('What is constructor?')
  expect(form.text).not.toMatch(/<input[^>]* name="q-[^>]*\schecked/)
  const answers = Object.fromEntries(slugs.map(slug => [`q-${slug}`, 0]))
  const { 'q-constructor': _left, ...some } = answers
  const asked = await ada.post(`${quiz}/attempts`, { number: 1, ...some }).expect(422)
  expect(asked.text).toContain('Answer question 1')
  await ada.post(`${quiz}/attempts`, { number: 1, ...answers, 'q-constructor': 1 }).expect(303)
  const failed = await ada.get(`${quiz}/attempts/1`).expect(200)
  expect(failed.text).toContain(`You scored ${slugs.length - 1}/${slugs.length}`)
  expect(failed.text.match(/Your answer, correct/g)).toHaveLength(slugs.length - 1)
  expect((await ada.get(quiz).expect(200)).text).toContain('Attempt 2 of 3')
  await ada.post(`${quiz}/attempts`, { number: 2, ...answers }).expect(303)
  await ada.get(`${quiz}/attempts/2`).expect(200)
  await runAllDue()
  const certificate = await ada.get('/courses/constructor/certificate')
  expect(certificate.status).toBeLessThan(400)
  const [enrolment] = await Enrolments.find({ person: person._id })
  expect(enrolment!.completedAt).not.toBeNull()
  for (const page of ['/learning', '/courses', '/search?q=constructor', '/search?q=__proto__'])
    await ada.get(page).expect(200)
  for (const page of [
    '',
    '/revisions',
    '/revisions/1',
    '/settings',
    '/lessons/constructor',
    '/lessons/constructor/history',
  ])
    await author.get(`/studio/courses/constructor${page}`).expect(200)
  for (const page of [
    '/admin/audit?subject=constructor',
    `/sales/leads/${person._id}`,
    '/insights?by=course&course=constructor',
  ])
    expect((await visitor.get(page)).status).toBeLessThan(500)
})

test.each(topics)(
  'an author is told that “%s” can’t be the id of a question, or it works, and a lesson can have the name',
  async word => {
    const files = courseFiles({
      [`01-begin/03-${word}.md`]: '---\ntitle: X\nminutes: 2\n---\nText.\n',
      '01-begin/04-x.md': `---\ntitle: X\nminutes: 2\n---\n${question(word)}`,
    })
    const read = await readCourse(files).catch((error: unknown) => error)
    if (/^[a-z-]+$/.test(word)) expect(read).toMatchObject({ content: {} })
    else expect((read as CourseFaults).faults.map(({ key }) => key)).toEqual(['studio:faults.wrongForm'])
  },
)

test('an author may call a course, a module and a lesson “Constructor” in the studio', async () => {
  const made = await author.post('/studio/courses', { title: 'Prototype' }).expect(303)
  const course = made.headers.location!
  await author.post(`${course}/modules`, { title: 'Constructor' }).expect(303)
  await author
    .post(`${course}/lessons`, { title: 'Constructor', kind: 'text', module: 'constructor' })
    .expect(303)
  await author.get(`${course}/lessons/constructor`).expect(200)
  await author.get(`${course}/lessons/constructor/settings`).expect(200)
  await author.get('/studio/courses/toString').expect(404)
  await author.get('/courses/__proto__').expect(404)
})

test('a reference in captions to a word that every object has stays as it is written', () => {
  const { cues } = readCaptions('WEBVTT\n\n00:00.000 --> 00:01.000\n&constructor; &toString; &amp;\n')
  expect(cues[0]!.text).toBe('&constructor; &toString; &')
})

const routes = [
  ...academyRoutes,
  ...account,
  ...admin,
  ...api,
  ...checkout,
  ...insights,
  ...integrations,
  ...sales,
  ...studio,
]
const words = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype', 'valueOf']
const names = [...words, '__proto__[x]', 'constructor[prototype][x]', 'q[__proto__]', 'a.b', '$where']
const parameters =
  'after before by course endpoint next only q question role span state subject tab theme version'.split(' ')

test.each(routes.filter(([method]) => method === 'get').map(([, path]) => path))(
  'query keys and values that every object has do not break %s',
  async path => {
    for (const word of words) {
      const url = path.replace(/:[a-z]+/g, encodeURIComponent(word))
      const query = [
        ...names.map(name => `${encodeURIComponent(name)}=1`),
        ...parameters.map(name => `${name}=${word}`),
      ]
      const { status } = await visitor.get(`${url}?${query.join('&')}`)
      expect(status >= 500 ? `${url}: ${status}` : 'below 500').toBe('below 500')
    }
    expect(Object.keys(Object.prototype)).toEqual([])
  },
)

test.each(routes.filter(([method]) => method === 'post').map(([, path]) => path))(
  'form fields that every object has do not break %s',
  async path => {
    for (const word of words) {
      const url = path.replace(/:[a-z]+/g, encodeURIComponent(word))
      const values = [
        'kind',
        'purpose',
        'role',
        'topic',
        'reason',
        'language',
        'completion',
        'level',
        'to',
        'state',
      ]
      const fields = [...names, ...values].map(name => [name, word])
      const { status } = await visitor.post(url, Object.fromEntries(fields) as Record<string, string>)
      expect(status >= 500 ? `${url}: ${status}` : 'below 500').toBe('below 500')
    }
  },
)
